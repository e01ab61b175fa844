"""normalize(): what one citizen wrote, as the canonical complaint.

Never refuses and never raises on any text: what was not told is listed in `missing`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from channels.base import InboundMessage
from normalizer.complaint import (
    AttachedFile,
    Complaint,
    Identifier,
    IncidentDate,
    IncidentLocation,
    Named,
    Reporter,
    Source,
    Title,
)
from normalizer.identifiers import mask
from normalizer.text import headline, tidy

UNTITLED = "Laporan tanpa isi"


def normalize(
    message: InboundMessage, *, number: str, reporter_ref: str | None, revision: int = 1
) -> Complaint:
    """Read a message into a complaint. `reporter_ref` names its sender to consumers."""
    given = message.fields
    typed = _typed(given, "title")
    in_title: tuple[Identifier, ...]
    body, in_body = mask(tidy(message.text))
    title, in_title = mask(typed) if typed else (headline(body) or UNTITLED, ())
    place, in_place = mask(_typed(given, "incident_location"))
    date, location = _incident_date(given), _incident_location(given, place)
    anonymous = given.get("anonymous") is True
    return Complaint(
        number=number,
        revision=revision,
        classification=str(given.get("classification", "complaint")),
        title=Title(title, "reporter" if typed else "extracted" if body else "assumed"),
        body=body,
        incident_date=date,
        incident_location=location,
        agency=_named(given.get("agency")),
        category=_named(given.get("category")),
        anonymous=anonymous,
        confidential=given.get("confidential") is True,
        attachments=tuple(
            AttachedFile(None, None, file.media_type, None, file.name, file.verdict)
            for file in message.attachments
        ),
        reporter=Reporter(
            ref=reporter_ref,
            name=None if anonymous else _name(message),
            channel=message.channel,
            proven=message.sender is not None and message.sender.proven,
        ),
        source=Source(
            channel=message.channel,
            source=message.source,
            provider=message.provider,
            carrier=message.carrier,
            message_id=message.provider_id,
            sent_at=message.sent_at,
            received_at=message.received_at,
        ),
        identifiers=in_title + in_body + in_place,
        flags=_flags(message, body),
        missing=_missing(date, location),
    )


def _typed(given: Mapping[str, object], name: str) -> str:
    """Give what can be seen of a typed line: invisible characters alone say nothing."""
    return tidy(str(given.get(name) or ""))


def _incident_date(given: Mapping[str, object]) -> IncidentDate:
    typed = given.get("incident_date")
    return IncidentDate(str(typed), "day", "reporter") if typed else IncidentDate()


def _incident_location(given: Mapping[str, object], place: str) -> IncidentLocation:
    return IncidentLocation(
        text=place or None,
        origin="reporter" if place else None,
        latitude=_coordinate(given.get("latitude")),
        longitude=_coordinate(given.get("longitude")),
    )


def _coordinate(typed: object) -> float | None:
    return float(typed) if isinstance(typed, int | float) else None


def _named(typed: object) -> Named:
    return Named(text=mask(tidy(str(typed)))[0], origin="reporter") if typed else Named()


def _name(message: InboundMessage) -> str | None:
    typed: Any = message.fields.get("reporter")
    if isinstance(typed, Mapping) and typed.get("name"):
        return str(typed["name"])
    return message.sender.name if message.sender else None


def _flags(message: InboundMessage, body: str) -> tuple[str, ...]:
    flags = {
        "empty_text": not body,
        "media_pending": any(file.verdict == "not_fetched" for file in message.attachments),
    }
    return (*message.flags, *(flag for flag, is_up in flags.items() if is_up))


def _missing(date: IncidentDate, location: IncidentLocation) -> tuple[str, ...]:
    known = {"incident_date": date.value, "incident_location": location.text}
    return tuple(name for name, value in known.items() if value is None)
