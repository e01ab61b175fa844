"""Complaints in process that somebody who is about to send one may mean.

Anybody can ask, as often as a limit allows, so neither what is shown nor whether it is shown may
tell what another wrote. They are compared by what is wrong and by the district alone: names,
numbers and cards of the asker take no part. Shown are the category of our own list, the district,
dates, and which of the asker's own words about the trouble both have. See docs/adr/0009.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import SQLAlchemyError

from channels.base import InboundMessage
from channels.web.given import Similar
from gateway import changes, tallies
from gateway.duplicates import MOST_SUGGESTED, Comparison, Judged, Said
from gateway.identity import Identity
from gateway.matters import Matter
from gateway.reading import Reader
from gateway.store import IN_PROCESS, Clock, Store
from gateway.tables import number
from gateway.words import words_of
from normalizer.fingerprint import Fingerprint, fingerprint
from normalizer.gazetteer import LEVELS, ancestors, gazetteer, level_of, plain
from normalizer.lexicon import matters
from normalizer.vocabulary import words_of as plain_words

log = structlog.get_logger()
_ASKED = ""  # the number of what was not sent yet
_MOST_WORDS = 4
_NARROWEST = LEVELS.index("district")  # a village with a date can name a person


class SimilarReports:
    """Finds them; `searches_a_day` from one address, then none are found."""

    def __init__(
        self,
        store: Store,
        identity: Identity,
        reader: Reader,
        *,
        clock: Clock,
        searches_a_day: int,
    ):
        self._store = store
        self._identity = identity
        self._reader = reader
        self._clock = clock
        self._searches_a_day = searches_a_day

    def find(self, message: InboundMessage, client_address: str) -> list[Similar]:
        """Give up to three that are public and in process, likeliest first.

        A mistake in a rule costs nobody the way to the form's end: then there are none.
        """
        if not self._count(client_address):
            return []
        try:
            return self._find(message)
        except SQLAlchemyError:
            raise
        except Exception as exc:  # noqa: BLE001 - a bug in a rule must cost no citizen's message
            log.error("not_compared", error=type(exc).__name__)  # noqa: TRY400 - the trace could hold a text
            return []

    def _count(self, client_address: str) -> bool:
        today = self._clock().date()
        ref = self._identity.of_day("similar", client_address, today)
        with self._store.write() as connection:
            return tallies.count(connection, {ref: 1}, today)[ref] <= self._searches_a_day

    def _find(self, message: InboundMessage) -> list[Similar]:
        place = self._reader(message, number=_ASKED, reporter_ref=None).incident_location
        area = _words_of_area(place.code)
        if not area:
            return []
        asked = _in_public(fingerprint(words_of(message)), area)
        near = self._near(asked, message.received_at, area)
        words = plain_words(f"{message.fields.get('title') or ''} {message.text}")
        with self._store.read() as connection:
            received = _public(connection, near)
            records = changes.current(connection, sorted(received))
            supporters = _supporters(connection, sorted(received))
        shown = [name for name in near if name in records][:MOST_SUGGESTED]
        return [
            self._shown(records[of], near[of], received[of], supporters.get(of, 0), words)
            for of in shown
        ]

    def _near(
        self, asked: Fingerprint, received_at: datetime, area: frozenset[str]
    ) -> dict[str, Judged]:
        """Compare with what is in process; gives what is alike in one area, likeliest first."""
        said = Said(Matter.of(_ASKED, asked), None, received_at)
        comparison = Comparison([said], only_public=True)
        comparison.look_up(self._store)
        return {
            of.number: of
            for of in comparison.decisions[_ASKED].judged
            if of.judgement.verdict != "new" and not area.isdisjoint(of.judgement.anchors)
        }

    def _shown(
        self,
        record: Mapping[str, Any],
        near: Judged,
        received_at: datetime,
        supporters: int,
        words: Sequence[str],
    ) -> Similar:
        date, category = record["incident_date"], record["category"]["label"]
        about = [
            word for word in words if not set(matters(word)).isdisjoint(near.judgement.anchors)
        ]
        return Similar(
            number=record["number"],
            category=category if self._reader.has_category(category) else None,
            area=_area(record["incident_location"]["code"]),
            happened_on=date["value"] if date["precision"] == "day" else None,
            received_at=received_at,
            supporters=supporters,
            shared=tuple(dict.fromkeys(about))[:_MOST_WORDS],
        )


def _in_public(of: Fingerprint, area: frozenset[str]) -> Fingerprint:
    """Keep of a fingerprint what is wrong, and the words of the area."""
    return Fingerprint(
        names=tuple(name for name in of.names if name in area),
        proper=tuple(name for name in of.proper if name in area),
        plain=tuple(word for word in of.plain if matters(word)),
        matters=of.matters,
        moods=of.moods,
        head=sum(name in area for name in of.names[: of.head]),
    )


def _words_of_area(code: str | None) -> frozenset[str]:
    """Give the words in the names of a district, or of a village in it, and of its regency."""
    if code is None or LEVELS.index(level_of(code)) < _NARROWEST:
        return frozenset()
    named = (plain(gazetteer().name(of)).split() for of in ancestors(code)[:-1])
    return frozenset(word for words in named for word in words)


def _public(connection: Connection, numbers: Mapping[str, Judged]) -> dict[str, datetime]:
    found = select(number.c.number, number.c.received_at).where(
        number.c.number.in_(numbers), number.c.status.in_(IN_PROCESS), ~number.c.confidential
    )
    return {row.number: row.received_at for row in connection.execute(found)}


def _supporters(connection: Connection, numbers: Sequence[str]) -> dict[str, int]:
    """Count who supports each and is not confidential."""
    counted = (
        select(number.c.supports, func.count())
        .where(
            number.c.supports.in_(numbers),
            number.c.supports.is_not(None),
            number.c.status != "withdrawn",
            ~number.c.confidential,
        )
        .group_by(number.c.supports)
    )
    return {row[0]: row[1] for row in connection.execute(counted)}


def _area(code: str | None) -> str | None:
    if code is None:
        return None
    names = [
        gazetteer().name(of) for of in ancestors(code) if LEVELS.index(level_of(of)) <= _NARROWEST
    ]
    return ", ".join(names)
