"""Complaints of several reporters about one matter: a root, and those that support it.

What is said of a root holds for its supporters: they are closed and opened again with it. Only a
withdrawal is the reporter's own: then the first supporter becomes the root of the others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, exists, func, select, update

from gateway import matters
from gateway.statuses import IN_PROCESS
from gateway.tables import SUPPORTER, number, owner
from gateway.upsert import among


def leave(connection: Connection, roots: Sequence[str], status: str, now: datetime) -> None:
    """Let complaints that were closed just now go: identities and keys are free.

    Their supporters are closed with them; on a withdrawal they stay, under a new root.
    """
    _free(connection, roots)
    if status == "withdrawn":
        for root in roots:
            _hand_over(connection, root)
        return
    closed = connection.scalars(
        update(number)
        .where(_supports(connection, roots), number.c.status.in_(IN_PROCESS))
        .values(status=status, updated_at=now)
        .returning(number.c.number)
    ).all()
    if closed:
        _free(connection, closed)


def come_back(connection: Connection, root: str, before: str, status: str, now: datetime) -> None:
    """Put a complaint back in process with all that was closed with it.

    `before` is the status that it had. Identities are taken back where they are free.
    """
    connection.execute(
        update(number)
        .where(_supports(connection, [root]), number.c.status == before)
        .values(status=status, updated_at=now)
    )
    back = connection.scalars(
        select(number.c.number).where(_supports(connection, [root]), number.c.status == status)
    )
    take_back(connection, [root, *back], findable=before not in IN_PROCESS)


def take_back(connection: Connection, roots: Sequence[str], *, findable: bool = True) -> None:
    """Give complaints back the identities that are free, and let near copies find them."""
    holder = number.alias("holder")
    held_by_another = exists().where(
        holder.c.claimed,
        holder.c.fingerprint == number.c.fingerprint,
        holder.c.number != number.c.number,
    )
    connection.execute(
        update(number)
        .where(
            among(connection, number.c.root, roots),
            number.c.fingerprint.is_not(None),
            ~held_by_another,
        )
        .values(claimed=True)
    )
    if findable:
        among_roots = among(connection, number.c.number, roots)
        alone = select(number.c.number).where(among_roots, *matters.is_findable())
        matters.put_under_keys(connection, connection.scalars(alone).all())


def count_supporters(connection: Connection, roots: Sequence[str]) -> dict[str, int]:
    """Count, for each root, the reporters that support it: each has one complaint that does."""
    if not roots:
        return {}
    counted = (
        select(number.c.supports, func.count())
        .where(_supports(connection, roots), number.c.status != "withdrawn")
        .group_by(number.c.supports)
    )
    return {row[0]: row[1] for row in connection.execute(counted)}


def members(
    connection: Connection, reporters: Collection[bytes], roots: Collection[str]
) -> Iterable[tuple[bytes, str, str]]:
    """Give (reporter, their complaint, its root) for reporters who have joined some roots."""
    if not reporters or not roots:
        return []
    named, of = sorted(reporters), sorted(roots)
    mine = select(number.c.reporter, number.c.root, number.c.root.label("of")).where(
        among(connection, number.c.root, of), among(connection, number.c.reporter, named)
    )
    about = func.coalesce(number.c.supports, number.c.root)
    # By the reporter alone: whoever looks by the root reads all that support it.
    support = select(number.c.reporter, number.c.number, number.c.supports).where(
        SUPPORTER, among(connection, number.c.reporter, named), about.in_(of)
    )
    proved = (
        select(owner.c.reporter, number.c.root, about)
        .join(number, number.c.number == owner.c.number)
        .where(among(connection, owner.c.reporter, named), about.in_(of))
    )
    return [tuple(row) for query in (mine, support, proved) for row in connection.execute(query)]


def _free(connection: Connection, roots: Sequence[str]) -> None:
    connection.execute(
        update(number).where(among(connection, number.c.root, roots)).values(claimed=False)
    )
    matters.take_from_keys(connection, roots)


def _hand_over(connection: Connection, root: str) -> None:
    """Make the first supporter in process the root of the others."""
    left = select(number.c.number).where(
        _supports(connection, [root]), number.c.status.in_(IN_PROCESS)
    )
    heir = connection.scalar(left.order_by(number.c.received_at, number.c.number).limit(1))
    if heir is None:
        return
    connection.execute(
        update(number)
        .where(_supports(connection, [root]), number.c.status.in_(IN_PROCESS))
        .values(supports=heir)
    )
    connection.execute(update(number).where(number.c.number == heir).values(supports=None))
    matters.put_under_keys(connection, [heir])


def _supports(connection: Connection, roots: Sequence[str]) -> ColumnElement[bool]:
    """Say that a number supports one of some roots, so that the partial index is used."""
    supports: ColumnElement[bool] = number.c.supports.is_not(None) & among(
        connection, number.c.supports, roots
    )
    return supports
