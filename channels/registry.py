"""Which adapters there are: a new dialect is one file and one line here.

Adapters outside this tree register under the entry-point group `lapor.channels`.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import entry_points
from pkgutil import resolve_name

from channels.base import Channel

ADAPTERS: Mapping[str, str] = {
    "app": "channels.app.door:App",
    "sms.http": "channels.sms.http:Http",
    "sms.jasmin": "channels.sms.jasmin:Jasmin",
    "sms.kannel": "channels.sms.kannel:Kannel",
    "sms.twilio": "channels.sms.twilio:Twilio",
    "twitter": "channels.twitter.door:Twitter",
}
ENTRY_POINTS = "lapor.channels"


def adapter_names() -> list[str]:
    """Name every adapter that can be configured."""
    return sorted({*ADAPTERS, *(point.name for point in entry_points(group=ENTRY_POINTS))})


def build(adapter: str, settings: Mapping[str, object]) -> Channel:
    """Make the channel of one source; a ValueError names what is wrong with its settings."""
    path = ADAPTERS.get(adapter) or _registered().get(adapter)
    if path is None:
        known = ", ".join(adapter_names())
        raise ValueError(f"adapter: {adapter!r} is none of {known}")
    made: Channel = resolve_name(path).from_settings(settings)
    return made


def _registered() -> dict[str, str]:
    return {point.name: point.value for point in entry_points(group=ENTRY_POINTS)}
