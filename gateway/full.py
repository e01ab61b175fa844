"""All that is known of a complaint, for a consumer with a key. Every reading is written down."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import uuid6
from sqlalchemy import Connection, insert, or_, select
from sqlalchemy.exc import SQLAlchemyError

from channels.base import Overloaded
from gateway import changes, feedback
from gateway.store import Standing, Store, UnknownNumber
from gateway.tables import audit, journal, number
from normalizer.identifiers import mask

_NOBODY = {"name": None, "phone": None, "email": None, "sender": None}


def read(
    store: Store,
    of: str,
    *,
    consumer: str,
    now: datetime,
    new_id: Callable[[], uuid.UUID] = uuid6.uuid7,
) -> dict[str, Any]:
    """Read all of the complaint behind a number, after it is on disk who reads it.

    Raises UnknownNumber, and Overloaded when the reading cannot be written down.
    """
    stands = store.standing(of)
    if stands is None:
        raise UnknownNumber(of)
    row = {"id": new_id(), "consumer": consumer, "number": stands.number, "at": now}
    try:
        with store.write() as connection:
            connection.execute(insert(audit).values(action="full", **row))
    except SQLAlchemyError as exc:
        raise Overloaded("this reading cannot be written down") from exc
    with store.read() as connection:
        return _document(connection, stands)


def _document(connection: Connection, stands: Standing) -> dict[str, Any]:
    root = stands.number
    record = changes.current(connection, [root]).get(root)
    messages = _messages(connection, root)
    first = messages[0].message if messages else {}
    hidden = _is_anonymous(first) or bool(record and record["anonymous"])
    return {
        "number": root,
        "status": record["status"] if record else stands.status,
        "record": record,
        "text": _written(first, hidden=hidden),
        "reporter": _NOBODY if hidden else _reporter(first),
        "messages": [
            {
                "received_at": row.received_at.isoformat(),
                "source": row.source,
                "outcome": row.outcome,
                "text": _shown(row.message["text"], hidden=hidden or _is_anonymous(row.message)),
            }
            for row in messages
        ],
        "history": [_step(step) for step in feedback.history(connection, root)],
    }


def _messages(connection: Connection, root: str) -> Sequence[Any]:
    """Read what was received about a complaint, but for questions how it stands."""
    # Read first: PostgreSQL combines two indexes for a list, and for a subquery scans the journal.
    numbers = list(connection.scalars(select(number.c.number).where(number.c.root == root)))
    # A late part of a long SMS amends without a number of its own. What only follows a closed
    # complaint is another one's.
    amends = (journal.c.about == root) & (journal.c.intent != "complaint")
    return connection.execute(
        select(journal.c.received_at, journal.c.source, journal.c.outcome, journal.c.message)
        .where(
            or_(journal.c.number.in_(numbers), amends),
            journal.c.message.is_not(None),
            journal.c.outcome != "command",
        )
        .order_by(journal.c.id)
    ).all()


def _is_anonymous(message: Mapping[str, Any]) -> bool:
    return message.get("fields", {}).get("anonymous") is True


def _written(message: Mapping[str, Any], *, hidden: bool) -> dict[str, Any]:
    """Give the first message as it was written, without what is told under `reporter`."""
    typed = {key: value for key, value in message.get("fields", {}).items() if key != "reporter"}
    title = typed.pop("title", None)
    return {
        "title": _shown(title, hidden=hidden),
        "body": _shown(message.get("text"), hidden=hidden),
        "fields": {key: _shown(value, hidden=hidden) for key, value in typed.items()},
    }


def _shown(value: Any, *, hidden: bool) -> Any:
    """Mask what may lead to somebody who asked to stay unknown; otherwise as received."""
    return mask(value)[0] if hidden and isinstance(value, str) else value


def _reporter(message: Mapping[str, Any]) -> dict[str, Any]:
    typed = message.get("fields", {}).get("reporter") or {}
    kind, key, proven, name = message.get("sender") or (None, None, False, None)
    return {
        "name": typed.get("name") or name,
        "phone": typed.get("phone"),
        "email": typed.get("email"),
        "sender": kind and {"kind": kind, "key": key, "proven": proven, "name": name},
    }


def _step(step: feedback.Step) -> dict[str, Any]:
    told = asdict(step)
    for name in ("happened_at", "received_at"):
        told[name] = told[name].isoformat()
    return told
