"""Leases on what one process at a time does. A dead holder's ends by itself."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import Connection, and_, delete, or_, select

from gateway.tables import lease
from gateway.upsert import insert


def take(
    connection: Connection, name: str, token: uuid.UUID, *, now: datetime, until: datetime
) -> bool:
    """Take a lease, or keep it for longer; tells whether it is ours until then."""
    row = insert(connection, lease).values(name=name, token=token, until=until)
    ours = or_(lease.c.until < now, lease.c.token == token)
    taken = row.on_conflict_do_update(
        index_elements=["name"], set_={"token": token, "until": until}, where=ours
    )
    return connection.scalar(taken.returning(lease.c.name)) is not None


def holds(connection: Connection, name: str, token: uuid.UUID) -> bool:
    """Tell whether nobody else has taken the lease since it was ours."""
    held = select(lease.c.name).where(lease.c.name == name, lease.c.token == token)
    return connection.scalar(held) is not None


def give_up(connection: Connection, name: str, token: uuid.UUID) -> None:
    """Give a lease up, so that another need not wait for its end."""
    connection.execute(delete(lease).where(and_(lease.c.name == name, lease.c.token == token)))
