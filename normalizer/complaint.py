"""The canonical complaint, version 1. Additive changes only: consumers build on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

SCHEMA_VERSION = 1

# Where a value is from: typed into a field, found in free text, worked out, taken for granted.
Origin = Literal["reporter", "extracted", "derived", "assumed"]


@dataclass(frozen=True, slots=True)
class Title:
    """One line."""

    text: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class IncidentDate:
    """When it happened. `value` is the first day of what `precision` tells; `time` is HH:MM."""

    value: str | None = None
    precision: Literal["day", "week", "month", "year"] | None = None
    origin: Origin | None = None
    candidates: tuple[dict[str, Any], ...] = ()
    time: str | None = None


@dataclass(frozen=True, slots=True)
class IncidentLocation:
    """Where it happened, as told, with the administrative area where one was recognised."""

    text: str | None = None
    code: str | None = None
    level: str | None = None
    origin: Origin | None = None
    confidence: float | None = None
    latitude: float | None = None
    longitude: float | None = None
    candidates: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Named:
    """An agency or a category: a code where one is known, and the words as given.

    `score` (0 to 1) tells how much speaks for one that the words only suggest.
    """

    code: str | None = None
    text: str | None = None
    origin: Origin | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file of the complaint; `verdict` tells whether it may be opened."""

    id: str | None
    sha256: str | None
    media_type: str
    size: int | None
    name: str | None
    verdict: str


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who filed it. `ref` is the same for all complaints of one reporter, unless anonymous."""

    ref: str | None
    name: str | None
    channel: str
    proven: bool


@dataclass(frozen=True, slots=True)
class Source:
    """How it came in."""

    channel: str
    source: str
    provider: str
    carrier: str | None
    message_id: str
    sent_at: datetime | None
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Identifier:
    """A personal identifier found in the text, of which only a part is shown."""

    kind: str
    masked: str


@dataclass(frozen=True, slots=True)
class Related:
    """Another complaint, and why it is related."""

    number: str
    relation: str
    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Complaint:
    """The one record every consumer sees, whichever door the message came through."""

    number: str
    revision: int
    classification: str
    title: Title
    body: str
    incident_date: IncidentDate
    incident_location: IncidentLocation
    agency: Named
    category: Named
    anonymous: bool
    confidential: bool
    attachments: tuple[AttachedFile, ...]
    reporter: Reporter
    source: Source
    identifiers: tuple[Identifier, ...]
    flags: tuple[str, ...]
    missing: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()
    supporters: int = 0
    repeats: int = 0
    status: str = "received"
    external_refs: tuple[str, ...] = ()
    schema_version: int = SCHEMA_VERSION
    classification_origin: Origin = "assumed"
