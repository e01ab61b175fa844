"""Complaints in process that somebody who is about to send one may mean.

Of others nothing is shown that a person wrote: what it is about, in the words of the list of
categories; the district; dates; and which of the asker's own words it has in common.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from channels.base import InboundMessage
from channels.web.given import Similar
from gateway import changes, tables
from gateway.duplicates import MOST_SUGGESTED, Comparison, Judged, Said
from gateway.matters import Matter
from gateway.reading import Reader
from gateway.store import IN_PROCESS, Store
from gateway.words import words_of
from normalizer.fingerprint import fingerprint
from normalizer.gazetteer import LEVELS, ancestors, gazetteer, level_of
from normalizer.lexicon import matters
from normalizer.vocabulary import words_of as plain_words

log = structlog.get_logger()
_ASKED = ""  # the number of what was not sent yet
_MOST_WORDS = 4
_NARROWEST = LEVELS.index("district")  # a village with a date can name a person


def find(store: Store, reader: Reader, message: InboundMessage) -> list[Similar]:
    """Give up to three that are public and in process, likeliest first.

    A mistake in a rule costs nobody the way to the form's end: then there are none.
    """
    try:
        near = _near(store, message)
    except SQLAlchemyError:
        raise
    except Exception as exc:  # noqa: BLE001 - a bug in a rule must cost no citizen's message
        log.error("not_compared", error=type(exc).__name__)  # noqa: TRY400 - the trace could hold a text
        return []
    words = plain_words(f"{message.fields.get('title') or ''} {message.text}")
    number = tables.number
    with store.read() as connection:
        received = {
            row.number: row.received_at
            for row in connection.execute(
                select(number.c.number, number.c.received_at).where(
                    number.c.number.in_(near),
                    number.c.status.in_(IN_PROCESS),
                    ~number.c.confidential,
                )
            )
        }
        records = changes.current(connection, sorted(received))
    shown = [name for name in near if name in records][:MOST_SUGGESTED]
    return [_shown(records[name], reader, near[name], received[name], words) for name in shown]


def _near(store: Store, message: InboundMessage) -> dict[str, Judged]:
    """Compare with what is in process; gives what is alike, likeliest first."""
    matter = Matter.of(_ASKED, fingerprint(words_of(message)))
    comparison = Comparison([Said(matter, None, message.received_at)])
    comparison.look_up(store)
    judged = comparison.decisions[_ASKED].judged
    return {of.number: of for of in judged if of.judgement.verdict != "new"}


def _shown(
    record: Mapping[str, Any],
    reader: Reader,
    near: Judged,
    received_at: datetime,
    words: Sequence[str],
) -> Similar:
    date, category = record["incident_date"], record["category"]["label"]
    return Similar(
        number=record["number"],
        category=category if reader.has_category(category) else None,
        area=_area(record["incident_location"]["code"]),
        happened_on=date["value"] if date["precision"] == "day" else None,
        received_at=received_at,
        supporters=record["supporters"],
        # Names are left out: who tries some must not learn whom another has named.
        shared=tuple(
            dict.fromkeys(
                word for word in words if not set(matters(word)).isdisjoint(near.judgement.anchors)
            )
        )[:_MOST_WORDS],
    )


def _area(code: str | None) -> str | None:
    if code is None:
        return None
    names = [
        gazetteer().name(of) for of in ancestors(code) if LEVELS.index(level_of(of)) <= _NARROWEST
    ]
    return ", ".join(names)
