"""Has this been said before? Complaints in process are looked up, judged, and decided on.

Everything dear (finding, reading and judging) happens before the transaction that opens
complaints. Inside it one lock is held, so that only what was opened since then is left to look at:
two near copies at the same instant on two workers give one root.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, Connection, func, select

from gateway import clusters, matters
from gateway.matters import Matter
from gateway.store import IN_PROCESS, Store
from gateway.tables import matter, number
from normalizer.fingerprint import VERSION, Fingerprint, Judgement, judge

LOCK = "opening complaints"
MOST_JUDGED = 5
MOST_SUGGESTED = 3
Verdict = Literal["new", "suggested", "supported", "repeat"]
_RANK: Mapping[str, int] = {"new": 0, "suggested": 1, "supported": 2, "repeat": 3}
CHOSEN = "the reporter chose to support it"
DIFFERS = "the reporter says it is another matter"


@dataclass(frozen=True, slots=True)
class Said:
    """A complaint that is about to be opened.

    `wish` is one that its reporter wants to support; `differs` are those that were shown and are
    another matter, says the reporter.
    """

    matter: Matter
    reporter: bytes | None
    received_at: datetime
    wish: str | None = None
    differs: tuple[str, ...] = ()

    @property
    def number(self) -> str:
        """Give its own number."""
        return self.matter.number


@dataclass(slots=True)
class Root:
    """A complaint in process that others may repeat or support.

    `members` tells, of the reporters at hand, which has which complaint about it: the root itself
    or one that supports it.
    """

    number: str
    received_at: datetime
    fingerprint: Fingerprint | None = None
    members: dict[bytes, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judged:
    """One complaint in process, and how near it is."""

    number: str
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a complaint that is about to be opened.

    `root` is what it repeats or supports; `since` is when that was received. `judged` has the
    likeliest ones, best first.
    """

    verdict: Verdict
    root: str | None = None
    since: datetime | None = None
    judged: tuple[Judged, ...] = ()
    is_closed: bool = False

    @property
    def opens(self) -> bool:
        """Tell whether it becomes a complaint of its own that others may join."""
        return self.verdict in {"new", "suggested"} and not self.is_closed


class Comparison:
    """Compares a batch with what is in process and, in order, with itself.

    `only_public`: confidential ones take no part, not even a place among the likeliest.
    """

    def __init__(self, said: Sequence[Said], *, only_public: bool = False):
        self._said = said
        self._only_public = only_public
        self._reporters = {of.reporter for of in said if of.reporter}
        self._seen = 0
        self._stored: dict[int, list[int]] = {}
        self._roots: dict[int, Root] = {}
        self._wished: dict[str, Root] = {}
        self._gone: set[str] = set()  # what nobody can join any more
        self._closed: set[str] = set()  # what was withdrawn before it was opened
        self._memory: dict[tuple[str, str, bool], Judgement] = {}
        self.decisions: Mapping[str, Decision] = {}

    def look_up(self, store: Store) -> None:
        """Find and judge, outside of any transaction that writes."""
        if not self._said:
            return
        with store.read() as connection:
            self._seen = matters.newest(connection)
            every = {key for of in self._said for key in of.matter.keys}
            self._stored = matters.under(connection, every, only_public=self._only_public)
            likely = {ref for of in self._said for ref in self._rank(of, {})}
            self._load(connection, matter.c.id.in_(sorted(likely)))
            self._load_wishes(connection)
        self.decisions = self._decide()

    def settle(self, connection: Connection, kept: Collection[str]) -> Mapping[str, Decision]:
        """Decide for good, under the lock, with what was opened or closed meanwhile.

        `kept` are the numbers that are still ours to open.
        """
        if len(kept) < len(self._said):
            self._said = [of for of in self._said if of.number in kept]
            self.decisions = self._decide()
        if not self._said:
            return {}
        news = self._load(connection, matter.c.id > self._seen)
        if news or self._joined_since(connection):
            self.decisions = self._decide()
        while self._lock(connection):
            self.decisions = self._decide()
        return self.decisions

    # --- deciding ------------------------------------------------------------------------

    def _decide(self) -> dict[str, Decision]:
        """Decide in order: what is opened may be repeated by the next one."""
        opened: dict[int, list[int]] = defaultdict(list)
        for ref in [ref for ref in self._roots if ref < 0]:
            del self._roots[ref]
        joined: list[tuple[Root, bytes]] = []
        decisions = {}
        for place, of in enumerate(self._said, start=1):
            decision = self._decide_one(of, opened)
            decisions[of.number] = decision
            if decision.opens:
                members = {of.reporter: of.number} if of.reporter else {}
                self._roots[-place] = Root(
                    of.number, of.received_at, of.matter.fingerprint, members
                )
                for key in of.matter.keys:
                    opened[key].append(-place)
            elif decision.verdict == "supported" and of.reporter:
                root = self._root(decision.root)
                if root and of.reporter not in root.members:
                    root.members[of.reporter] = of.number
                    joined.append((root, of.reporter))
        for root, reporter in joined:  # deciding once more starts from what is stored
            del root.members[reporter]
        return decisions

    def _decide_one(self, of: Said, opened: Mapping[int, Sequence[int]]) -> Decision:
        if of.number in self._closed:
            return Decision("new", is_closed=True)
        likely = [self._roots[ref] for ref in self._rank(of, opened) if ref in self._roots]
        judged = [
            (self._judge(of, root, root.fingerprint), root)
            for root in likely
            if root.fingerprint and root.number not in self._gone
        ]
        judged.sort(key=lambda pair: (-_RANK[pair[0].verdict], -pair[0].score, pair[1].number))
        shown = tuple(Judged(root.number, judgement) for judgement, root in judged)
        best, root = judged[0] if judged else (None, None)
        wished = self._wished.get(of.wish or "")
        if wished and wished.number not in self._gone and (not best or best.verdict != "repeat"):
            root, verdict = wished, "supported"
        else:
            verdict = best.verdict if best else "new"
        if root is None or verdict == "new":
            return Decision("new", judged=shown)
        mine = root.members.get(of.reporter) if of.reporter else None
        if verdict in {"repeat", "supported"} and mine:
            return Decision("repeat", mine, root.received_at, shown)
        if verdict == "supported":
            return Decision("supported", root.number, root.received_at, shown)
        return Decision("suggested", judged=shown)

    def _judge(self, of: Said, root: Root, fingerprint: Fingerprint) -> Judgement:
        is_same = of.reporter is not None and of.reporter in root.members
        asked = (of.number, root.number, is_same)
        if asked not in self._memory:
            judged = judge(of.matter.fingerprint, fingerprint, same_reporter=is_same)
            if root.number in of.differs and judged.verdict != "new":
                judged = replace(judged, verdict="suggested", reasons=(DIFFERS, *judged.reasons))
            self._memory[asked] = judged
        return self._memory[asked]

    def _rank(self, of: Said, opened: Mapping[int, Sequence[int]]) -> list[int]:
        """Name the likeliest: a key that few have says more than one that many have."""
        weights: dict[int, float] = defaultdict(float)
        for key in of.matter.keys:
            under = [*self._stored.get(key, ()), *opened.get(key, ())]
            for ref in under:
                weights[ref] += 1 / len(under)
        return sorted(weights, key=lambda ref: (-weights[ref], -abs(ref)))[:MOST_JUDGED]

    def _root(self, named: str | None) -> Root | None:
        return next(
            (
                root
                for root in [*self._roots.values(), *self._wished.values()]
                if root.number == named
            ),
            None,
        )

    # --- reading -------------------------------------------------------------------------

    def _load(self, connection: Connection, which: ColumnElement[bool]) -> bool:
        """Read roots that are in process; tells whether there were any."""
        rows = connection.execute(
            select(
                matter.c.id,
                matter.c.number,
                matter.c.fingerprint,
                matter.c.found_by,
                matter.c.version,
                number.c.received_at,
            )
            .join(number, number.c.number == matter.c.number)
            .where(which, number.c.status.in_(IN_PROCESS), *matters.is_findable())
        ).all()
        found = {}
        for row in rows:
            if row.version != VERSION:
                continue
            found[row.id] = Root(row.number, row.received_at, Fingerprint.load(row.fingerprint))
            if row.id > self._seen:
                for key in row.found_by:
                    self._stored.setdefault(key, []).append(row.id)
        self._name_members(connection, {root.number: root for root in found.values()})
        self._roots |= found
        return bool(found)

    def _load_wishes(self, connection: Connection) -> None:
        wishes = {of.wish for of in self._said if of.wish}
        if not wishes:
            return
        asked, root, first = (number.alias(of) for of in ("asked", "root", "first"))
        rows = connection.execute(
            select(asked.c.number, first.c.number.label("first"), first.c.received_at)
            .join(root, root.c.number == asked.c.root)
            # Whom it supports is joined then; nobody is led to a confidential one like that.
            .join(first, first.c.number == func.coalesce(root.c.supports, root.c.number))
            .where(asked.c.number.in_(wishes), first.c.status.in_(IN_PROCESS))
            .where(~root.c.confidential, ~first.c.confidential)
        )
        for row in rows:
            self._wished[row.number] = self._root(row.first) or Root(row.first, row.received_at)
        self._name_members(connection, {root.number: root for root in self._wished.values()})

    def _name_members(self, connection: Connection, roots: Mapping[str, Root]) -> None:
        for reporter, of, root in clusters.members(connection, self._reporters, roots):
            roots[root].members.setdefault(reporter, of)

    def _joined_since(self, connection: Connection) -> bool:
        """Tell whether one of the reporters at hand has joined a root meanwhile."""
        roots = {root.number: root for ref, root in self._roots.items() if ref > 0}
        before = {name: dict(root.members) for name, root in roots.items()}
        self._name_members(connection, roots)
        return any(root.members != before[name] for name, root in roots.items())

    def _lock(self, connection: Connection) -> bool:
        """Lock what is decided on; tells whether some of it was closed or joined meanwhile."""
        own = {of.number for of in self._said}
        joined = {decision.root for decision in self.decisions.values() if decision.root}
        rows = connection.execute(
            select(number.c.number, number.c.status, number.c.root, number.c.supports)
            .where(number.c.number.in_(own | joined))
            .order_by(number.c.number)
            .with_for_update()
        ).all()
        shut = {row for row in rows if row.status not in IN_PROCESS or row.root != row.number}
        closed = {row.number for row in shut if row.number in own}
        gone = {name for row in shut if row.number in joined for name in (row.number, row.supports)}
        is_news = not (closed <= self._closed and gone - {None} <= self._gone)
        self._closed |= closed
        self._gone |= gone - {None}
        return is_news
