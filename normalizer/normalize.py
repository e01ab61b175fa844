"""normalize(): what one citizen wrote, as the canonical complaint.

Never refuses and never raises on any text: what was not told is listed in `missing`, and what was
read in the text says so in its `origin`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from channels.base import InboundMessage
from normalizer import screening
from normalizer.complaint import (
    AttachedFile,
    Complaint,
    Identifier,
    IncidentDate,
    IncidentLocation,
    Named,
    Origin,
    Reporter,
    Source,
    Title,
)
from normalizer.dates import incident_date, spoken_zone
from normalizer.gazetteer import zone_of
from normalizer.identifiers import mask
from normalizer.places.location import incident_location
from normalizer.text import tidy
from normalizer.titles import headline
from normalizer.vocabulary import NO_VOCABULARIES, Vocabularies, Vocabulary, words_of

UNTITLED = "Laporan tanpa isi"
TIME_ZONE = "Asia/Jakarta"
# What a report is, its first words tell; a later "tanya" is mostly somebody else's question.
WORDS_THAT_CLASSIFY = 50
LONGEST_CODE = 10  # digits; more may be an identifier, which is masked


@dataclass(frozen=True, slots=True)
class _Said:
    """All that was said in words, masked: the body first, so that spans are the body's."""

    typed_title: str
    body: str
    place: str
    identifiers: tuple[Identifier, ...]

    @property
    def text(self) -> str:
        return f"{self.body}\n{self.typed_title}" if self.typed_title else self.body


def normalize(
    message: InboundMessage,
    *,
    number: str,
    reporter_ref: str | None,
    revision: int = 1,
    vocabularies: Vocabularies = NO_VOCABULARIES,
    time_zone: str = TIME_ZONE,
) -> Complaint:
    """Read a message into a complaint. `reporter_ref` names its sender to consumers.

    `time_zone` (IANA) is where dates are read that neither a place nor a spoken WIB, WITA or WIT
    puts elsewhere.
    """
    given = message.fields
    said = _said(message)
    words = words_of(said.text)
    location = _incident_location(given, said)
    date = _incident_date(message, said.text, location, time_zone)
    classification, classified_by = _classification(given, words, vocabularies)
    anonymous = given.get("anonymous") is True
    return Complaint(
        number=number,
        revision=revision,
        classification=classification,
        classification_origin=classified_by,
        title=_title(said),
        body=said.body,
        incident_date=date,
        incident_location=location,
        agency=_agency(given.get("agency"), words, vocabularies.agencies),
        category=_named(given.get("category"), words, vocabularies.categories),
        anonymous=anonymous,
        confidential=given.get("confidential") is True,
        attachments=tuple(
            AttachedFile(
                file.id,
                file.sha256,
                file.media_type,
                file.size,
                # A file's name may name its owner.
                None if anonymous or file.name is None else mask(tidy(file.name))[0],
                file.verdict,
            )
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
        identifiers=said.identifiers,
        flags=screening.flags(message, said.body, words, said.identifiers, vocabularies),
        missing=missing(date.value, location.text),
    )


def missing(date: str | None, place: str | None) -> tuple[str, ...]:
    """Name the fields that nobody gave and nothing told."""
    known = {"incident_date": date, "incident_location": place}
    return tuple(name for name, value in known.items() if value is None)


def local_time(message: InboundMessage, text: str, code: str | None, time_zone: str) -> datetime:
    """Give the message's own time in the zone that is spoken of, or the place's, or the source's.

    A clock of theirs that is ahead of ours is not believed.
    """
    zone = spoken_zone(text) or (zone_of(code) if code else time_zone)
    moment = min(message.sent_at or message.received_at, message.received_at)
    return moment.astimezone(ZoneInfo(zone))


def _said(message: InboundMessage) -> _Said:
    given = message.fields
    in_title: tuple[Identifier, ...]
    title, in_title = mask(_typed(given, "title"))
    body, in_body = mask(tidy(message.text))
    place, in_place = mask(_typed(given, "incident_location"))
    return _Said(title, body, place, in_title + in_body + in_place)


def _title(said: _Said) -> Title:
    if said.typed_title:
        return Title(said.typed_title, "reporter")
    return Title(headline(said.body) or UNTITLED, "extracted" if said.body else "assumed")


def _typed(given: Mapping[str, object], name: str) -> str:
    """Give what can be seen of a typed line: invisible characters alone say nothing."""
    return tidy(str(given.get(name) or ""))


def _incident_date(
    message: InboundMessage, text: str, location: IncidentLocation, time_zone: str
) -> IncidentDate:
    typed = message.fields.get("incident_date")
    if typed:
        return IncidentDate(str(typed), "day", "reporter")
    return incident_date(text, local_time(message, text, location.code, time_zone))


def _incident_location(given: Mapping[str, object], said: _Said) -> IncidentLocation:
    found = incident_location(said.text, typed=said.place)
    return replace(
        found,
        latitude=_coordinate(given.get("latitude")),
        longitude=_coordinate(given.get("longitude")),
    )


def _coordinate(typed: object) -> float | None:
    return float(typed) if isinstance(typed, int | float) else None


def _classification(
    given: Mapping[str, object], words: Sequence[str], vocabularies: Vocabularies
) -> tuple[str, Origin]:
    if typed := given.get("classification"):
        return str(typed), "reporter"
    suggestion = vocabularies.classification.suggest(words[:WORDS_THAT_CLASSIFY])
    if suggestion is None or suggestion.term.code is None:
        return "complaint", "assumed"
    return suggestion.term.code, "derived"


def _agency(typed: object, words: Sequence[str], vocabulary: Vocabulary) -> Named:
    """Give the agency that was chosen, written before the text ("TANGKAB ..."), or suggested."""
    addressed = None if typed else vocabulary.addressed(words)
    if addressed:
        return Named(addressed.code, addressed.label, "reporter")
    return _named(typed, words, vocabulary)


def _named(typed: object, words: Sequence[str], vocabulary: Vocabulary) -> Named:
    if typed:
        return _chosen(tidy(str(typed)), vocabulary)
    suggestion = vocabulary.suggest(words)
    if suggestion is None:
        return Named()
    return Named(suggestion.term.code, suggestion.term.label, "derived", suggestion.score)


def _chosen(typed: str, vocabulary: Vocabulary) -> Named:
    """Keep what was chosen; a code that no vocabulary knows is kept as it is."""
    if term := vocabulary.typed(typed):
        return Named(term.code, term.label, "reporter")
    if typed.isascii() and typed.isdigit() and len(typed) < LONGEST_CODE:
        return Named(typed, typed, "reporter")
    return Named(text=mask(typed)[0], origin="reporter")


def _name(message: InboundMessage) -> str | None:
    typed: Any = message.fields.get("reporter")
    if isinstance(typed, Mapping) and typed.get("name"):
        return str(typed["name"])
    return message.sender.name if message.sender else None
