"""The form as a browser sends it, read with the same schema as the app's."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import ValidationError

from channels.base import InboundMessage
from channels.submission import Submission, clean, typed_fields, uploads
from channels.web import files, wording

SOURCE = "web"
NONE_OF_THEM = "tidak-ada"
OFFERED = "offered"  # among what a draft keeps: the numbers that the check page showed
LINES = ("title", "body", "incident_date", "incident_location", "agency", "category")
CONTACT = ("name", "phone", "email")
CHOICES = ("anonymous", "confidential")
NAMES = ("classification", *LINES, *CONTACT, *CHOICES, "instansi")
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,49}", re.ASCII)
_PERSONAL = re.compile(r"(?:\d[ .-]?){10,}|\S+@\S+\.\S", re.ASCII)
_SUBMISSION = Submission()


def typed(form: Mapping[str, str], names: Iterable[str] = NAMES) -> dict[str, str]:
    """Keep the form's own fields that say something, as typed."""
    kept = {name: clean(form[name]) for name in names if name in form}
    return {name: text for name, text in kept.items() if text.strip()}


def slug(given: str | None) -> str:
    """Give the slug of the page that holds the form, or nothing when it is none."""
    return given if given and _SLUG.fullmatch(given) else ""


def path(asked: str) -> str:
    """Make a part of an address of a number as typed."""
    return "".join(char for char in asked if char.isalnum() or char == "-")[:40] or "-"


def has_personal(form: Mapping[str, str]) -> bool:
    """Tell whether the text seems to hold a long number (NIK, card, phone) or an address."""
    return any(_PERSONAL.search(form.get(name, "")) for name in ("title", "body"))


def said(form: Mapping[str, str]) -> str:
    """Give the title and the text, which tell what it is about."""
    return f"{form.get('title', '')}\n{form.get('body', '')}"


def load(form: Mapping[str, str], now: datetime, zone: ZoneInfo) -> tuple[Any, dict[str, str]]:
    """Give what was loaded and all that is wrong at once (field: how to mend it)."""
    given: dict[str, Any] = {name: form[name] for name in LINES if form.get(name, "").strip()}
    given |= {name: form.get(name) == "ya" for name in CHOICES}
    if form.get("classification"):
        given["classification"] = form["classification"]
    if contact := {name: form[name].strip() for name in CONTACT if form.get(name, "").strip()}:
        given["reporter"] = contact
    try:
        loaded = _SUBMISSION.load(given)
    except ValidationError as exc:
        return None, wording.mistakes(exc.messages_dict, form)
    if loaded["incident_date"] > now.astimezone(zone).date():
        return None, {"incident_date": wording.FUTURE}
    return loaded, {}


def likeness(chosen: str, offered: str) -> dict[str, object]:
    """Tell which of the complaints that were offered as alike it is, or that it is none of them."""
    shown = offered.split()
    if chosen == NONE_OF_THEM:
        return {"differs": shown}
    return {"supports": chosen} if chosen in shown else {}


def message(
    loaded: Mapping[str, Any],
    draft: str,
    form: Mapping[str, str],
    now: datetime,
    alike: Mapping[str, object] | None = None,
) -> InboundMessage:
    """Make the message of a draft and the form it was loaded from; `alike` as of `likeness`.

    The draft's id is the delivery key: it is taken once. The digest tells other words under the
    same draft from the same words sent again.
    """
    page = slug(form.get("instansi"))
    return InboundMessage(
        source=SOURCE,
        channel="web",
        provider=f"web/{page}" if page else "web",
        provider_id=draft,
        sender=None,  # a typed name or phone number proves nothing
        text=loaded["body"],
        received_at=now,
        fields={**typed_fields(loaded), **(alike or {})},
        attachments=uploads({"attachments": files.ids(form)}),
        payload_digest=digest(form),
    )


def digest(form: Mapping[str, str]) -> str:
    """Give 64 hex digits that stand for all that was typed; files are no words."""
    stripped = {name: form[name].strip() for name in NAMES if name in form}
    canonical = json.dumps(stripped, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
