"""Complaints are opened, or join what is in process already: what decisions write."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, insert, update

from gateway import changes, matters
from gateway.changes import Change
from gateway.duplicates import CHOSEN, MOST_SUGGESTED, Decision, Judged, Said
from gateway.publishing import Happened
from gateway.tables import judgement, number
from normalizer.fingerprint import VERSION
from normalizer.identifiers import mask
from normalizer.joined import related

STILL_AFTER = timedelta(days=7)
_JOIN = update(number).where(number.c.number == bindparam("of"))


@dataclass(frozen=True, slots=True)
class Made:
    """A journal row's complaint as read, before it is known what becomes of it."""

    journal_id: uuid.UUID
    record: dict[str, Any]
    said: Said

    def happened(self, decision: Decision) -> Happened:
        """Name what it becomes."""
        if decision.verdict == "repeat":
            return "repeat"
        return "support" if decision.verdict == "supported" else "complaint"

    def record_as(self, decision: Decision) -> dict[str, Any]:
        """Give the record with what it has to do with others."""
        record = self.record
        if decision.verdict == "supported" and decision.root:
            score, reasons = _why(decision, decision.root)
            return related(record, decision.root, "supports", score, reasons)
        if decision.verdict == "suggested":
            near = [of for of in decision.judged if of.judgement.verdict != "new"]
            for of in near[:MOST_SUGGESTED]:
                score, reasons = _why(decision, of.number)
                record = related(record, of.number, "similar", score, reasons)
        return record


def write(
    connection: Connection,
    made: Sequence[Made],
    decisions: Mapping[str, Decision],
    records: Mapping[uuid.UUID, dict[str, Any]],
    now: datetime,
) -> list[Change]:
    """Open complaints and join repeats; gives the changes that the repeats make.

    `records` are those of the complaints that are opened, by journal row.
    """
    changes.open_complaints(connection, sorted(records.items(), key=lambda row: row[0].bytes), now)
    repeats = [of for of in made if decisions[of.said.number].verdict == "repeat"]
    supports = [of for of in made if decisions[of.said.number].verdict == "supported"]
    for column, joined in (("root", repeats), ("supports", supports)):
        rows = [{"of": m.said.number, "to": decisions[m.said.number].root} for m in joined]
        if rows:
            connection.execute(_JOIN.values({column: bindparam("to")}), rows)
    findable = [of.said.number for of in made if decisions[of.said.number].opens]
    matters.keep(connection, [of.said.matter for of in made], findable)
    _note(connection, made, decisions, now)
    return [_again(of, decisions[of.said.number]) for of in repeats]


def _again(of: Made, decision: Decision) -> Change:
    since = decision.since or of.said.received_at
    return Change(
        of.journal_id,
        str(decision.root),
        "repeat",
        again=of.record,
        is_still=of.said.received_at - since > STILL_AFTER,
    )


def _note(
    connection: Connection,
    made: Sequence[Made],
    decisions: Mapping[str, Decision],
    now: datetime,
) -> None:
    """Keep why each was joined or not; of what was compared with nothing there is no reason."""
    rows = []
    for of in made:
        decision = decisions[of.said.number]
        if not (decision.judged or decision.root):
            continue
        rows.append(
            {
                "number": of.said.number,
                "verdict": decision.verdict,
                "root": decision.root,
                "version": VERSION,
                "judged": [_spelled(judged) for judged in decision.judged],
                "record": of.record if decision.verdict == "repeat" else None,
                "at": now,
            }
        )
    if rows:
        connection.execute(insert(judgement), rows)


def _spelled(judged: Judged) -> dict[str, Any]:
    made = judged.judgement
    return {
        "number": judged.number,
        "verdict": made.verdict,
        "score": round(made.score, 3),
        "reasons": [mask(reason)[0] for reason in made.reasons],
        "anchors": [mask(anchor)[0] for anchor in made.anchors],
        "vetoes": [mask(veto)[0] for veto in made.vetoes],
    }


def _why(decision: Decision, of: str) -> tuple[float, list[str]]:
    for judged in decision.judged:
        if judged.number == of:
            spelled = _spelled(judged)
            return spelled["score"], spelled["reasons"]
    return 1.0, [CHOSEN]
