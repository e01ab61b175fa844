"""What complaints are about, and the keys under which a near copy finds them.

Only a complaint in process that supports no other is under keys: what is repeated or supported ten
thousand times costs a lookup no more than what was said once, and the size of the index follows
what is open.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from gateway.tables import matter, matter_key, number
from gateway.upsert import InsertMany, among
from normalizer.fingerprint import VERSION, Fingerprint, keys

MOST_PER_KEY = 64  # what more complaints than these share tells nothing about any of them
_WRITE_KEYS = InsertMany(
    matter_key,
    ("key", "matter_id"),
    lambda insert: insert.on_conflict_do_nothing(index_elements=["key", "matter_id"]),
)


@dataclass(frozen=True, slots=True)
class Matter:
    """What one complaint is about, and the keys under which it may be found."""

    number: str
    fingerprint: Fingerprint
    keys: tuple[int, ...]

    @classmethod
    def of(cls, number: str, fingerprint: Fingerprint) -> Matter:
        """Work out the keys."""
        return cls(number, fingerprint, keys(fingerprint))


def keep(connection: Connection, matters: Sequence[Matter], findable: Collection[str]) -> None:
    """Keep what complaints are about; those in `findable` under their keys."""
    if not matters:
        return
    rows = [
        {
            "number": of.number,
            "version": VERSION,
            "fingerprint": of.fingerprint.dump(),
            "found_by": list(of.keys),
        }
        for of in matters
    ]
    connection.execute(insert(matter), rows)
    put_under_keys(connection, findable)


def put_under_keys(connection: Connection, numbers: Collection[str]) -> None:
    """Let near copies find complaints; of too many under one key the newest are kept."""
    if not numbers:
        return
    found = connection.execute(
        select(matter.c.id, matter.c.found_by).where(
            among(connection, matter.c.number, list(numbers)), matter.c.version == VERSION
        )
    ).all()
    rows = sorted((key, row.id) for row in found for key in row.found_by)
    if not rows:
        return
    _WRITE_KEYS.run(connection, [{"key": key, "matter_id": of} for key, of in rows])
    trim(connection, {key for key, _ in rows})


def take_from_keys(connection: Connection, numbers: Collection[str]) -> None:
    """Let nobody find complaints any more: they are closed, or joined with another."""
    if not numbers:
        return
    found = connection.execute(
        select(matter.c.id, matter.c.found_by).where(
            among(connection, matter.c.number, list(numbers))
        )
    ).all()
    every = sorted({key for row in found for key in row.found_by})
    if every:
        ids = [row.id for row in found]
        connection.execute(
            delete(matter_key).where(
                among(connection, matter_key.c.key, every),
                among(connection, matter_key.c.matter_id, ids),
            )
        )


def newest(connection: Connection) -> int:
    """Give the id of the newest matter; what is opened from now on has a higher one."""
    return int(connection.scalar(select(func.max(matter.c.id))) or 0)


def under(
    connection: Connection, wanted: Iterable[int], *, only_public: bool = False
) -> dict[int, list[int]]:
    """Give the ids of the matters under each key; with `only_public` no confidential ones."""
    found: dict[int, list[int]] = {}
    every = sorted(set(wanted))
    if every:
        named = select(matter_key.c.key, matter_key.c.matter_id).where(
            among(connection, matter_key.c.key, every)
        )
        if only_public:
            named = named.join(matter, matter.c.id == matter_key.c.matter_id)
            named = named.join(number, number.c.number == matter.c.number)
            named = named.where(~number.c.confidential)
        for key, matter_id in connection.execute(named):
            found.setdefault(key, []).append(matter_id)
    return found


def replace(connection: Connection, of: Matter) -> None:
    """Say anew what a complaint is about, by today's rule; its keys are put by the caller."""
    values: dict[str, Any] = {
        "version": VERSION,
        "fingerprint": of.fingerprint.dump(),
        "found_by": list(of.keys),
    }
    changed = connection.execute(update(matter).where(matter.c.number == of.number).values(values))
    if not changed.rowcount:
        connection.execute(insert(matter).values(number=of.number, **values))


def is_findable(of: Any = number) -> tuple[Any, ...]:
    """Say which rows of `number` may be under keys."""
    return (of.c.number == of.c.root, of.c.supports.is_(None))


def trim(connection: Connection, among_keys: Collection[int]) -> None:
    """Keep the newest of what is under some keys, where there are too many."""
    crowded = connection.scalars(
        select(matter_key.c.key)
        .where(among(connection, matter_key.c.key, sorted(among_keys)))
        .group_by(matter_key.c.key)
        .having(func.count() > MOST_PER_KEY)
    ).all()
    for key in crowded:
        oldest_kept = (
            select(matter_key.c.matter_id)
            .where(matter_key.c.key == key)
            .order_by(matter_key.c.matter_id.desc())
            .limit(1)
            .offset(MOST_PER_KEY - 1)
            .scalar_subquery()
        )
        connection.execute(
            delete(matter_key).where(matter_key.c.key == key, matter_key.c.matter_id < oldest_kept)
        )
