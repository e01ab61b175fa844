"""The time of day and the zone that a text names."""

from __future__ import annotations

import re
from datetime import time

_ZONES = {"wib": "Asia/Jakarta", "wita": "Asia/Makassar", "wit": "Asia/Jayapura"}
_ZONE = re.compile(r"(?i)(?<![a-z])(wib|wita|wit)(?![a-z])")
_TIME = re.compile(
    r"""(?x)(?<![a-z])(?:
      (?:jam|pukul|pkl|pkul|jm)[.:\ ]{0,3}(?P<half>(?:setengah|stgh)\ )?
      (?P<hour>[0-9]{1,2})(?:\ ?[.:]\ ?(?P<minute>[0-9]{2}))?(?![0-9])
      |(?<![0-9.:])(?P<zoned>[0-9]{1,2})[.:](?P<past>[0-9]{2})(?=\ ?wi(?:b|ta?)\b)
    )(?:\ ?(?:wib|wita|wit))?(?:-?an)?(?:\ (?P<part>pagi|siang|sore|malam|mlm|pg|subuh))?"""
)
_SIGNS = ("jam", "pukul", "pkl", "pkul", "jm", "wib", "wit")
NOON = 12
# The hours that each part of the day adds noon to, as [from, to).
_AFTERNOON = {"siang": (1, 5), "sore": (1, 12), "malam": (5, 12), "mlm": (5, 12)}


def spoken_zone(text: str) -> str | None:
    """Give the IANA name of the zone that a text names (WIB, WITA or WIT)."""
    match = _ZONE.search(text)
    return _ZONES[match[1].lower()] if match else None


def time_of_day(text: str) -> str | None:
    """Give the first time of day a text names, as "10:30"."""
    lowered = text.lower()
    if not any(sign in lowered for sign in _SIGNS):
        return None
    for match in _TIME.finditer(lowered):
        minutes = _hour(match) * 60 + int(match["minute"] or match["past"] or 0)
        minutes -= 30 if match["half"] else 0
        try:
            return time(*divmod(minutes, 60)).strftime("%H:%M")
        except ValueError:
            continue
    return None


def _hour(match: re.Match[str]) -> int:
    hour, part = int(match["hour"] or match["zoned"]), match["part"] or ""
    first, end = _AFTERNOON.get(part, (0, 0))
    if first <= hour < end:
        return hour + NOON
    return 0 if hour == NOON and part in ("malam", "mlm") else hour
