"""The post table: every version of every public post, and what became of it."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select, update

from gateway.entry import Entry, Intent, PostPart
from gateway.journal import named, read_message
from gateway.store import Standing, standings
from gateway.tables import journal, post
from gateway.upsert import InsertMany

_NOTE = InsertMany(
    post,
    [column.name for column in post.columns],
    lambda insert: insert.on_conflict_do_nothing(index_elements=["source", "post_id"]),
)
_ADDING: Mapping[Intent, PostPart] = {"amendment": "addition", "supplement": "supplement"}
_COLUMNS = [
    post.c[name]
    for name in (
        *("post_id", "first_id", "conversation_id", "reporter", "number", "part", "journal_id"),
        "deleted",
    )
]


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a post, as remembered."""

    post_id: str
    first_id: str
    conversation_id: str | None
    reporter: bytes | None
    number: str | None
    part: PostPart
    journal_id: uuid.UUID
    deleted: bool

    @classmethod
    def of(cls, row: Row[*tuple[Any, ...]]) -> Version:
        """Make one of a row."""
        return cls(*tuple(row))

    @property
    def age(self) -> int:
        """Order versions: ids grow with time."""
        return int(self.post_id)


def versions(connection: Connection, source: str, ids: Collection[str]) -> dict[str, list[Version]]:
    """Find all versions of the posts that ever had one of the ids; by each id, oldest first."""
    of = post.c
    # In two steps: joined by an OR, SQLite would read every post of the source.
    named = select(of.first_id).where(of.source == source, of.post_id.in_(ids))
    firsts = {*ids, *connection.scalars(named)}
    rows = connection.execute(select(*_COLUMNS).where(of.source == source, of.first_id.in_(firsts)))
    found: dict[str, list[Version]] = defaultdict(list)
    for version in sorted(map(Version.of, rows), key=lambda version: version.age):
        found[version.first_id].append(version)
    # A deletion may have named a later version alone: then one post has rows under two names.
    by_id = {version.post_id: some for some in found.values() for version in some}
    return {**by_id, **found}


def threads(
    connection: Connection, source: str, conversations: Collection[str]
) -> dict[str, list[Version]]:
    """Find what is known of threads and led to a complaint; by conversation, oldest first."""
    if not conversations:
        return {}
    of = post.c
    rows = connection.execute(
        select(*_COLUMNS).where(
            of.source == source,
            of.conversation_id.in_(conversations),
            of.number.is_not(None),
            of.deleted.is_(False),
        )
    )
    found: dict[str, list[Version]] = defaultdict(list)
    for version in sorted(map(Version.of, rows), key=lambda version: version.age):
        found[version.conversation_id or ""].append(version)
    return found


def standing_of(
    connection: Connection, found: Iterable[Sequence[Version]]
) -> Mapping[str, Standing]:
    """Tell how the complaints of posts stand, until the transaction ends."""
    numbers = {version.number for some in found for version in some if version.number}
    return standings(connection, numbers, lock=True)


def said(connection: Connection, of: Version) -> str:
    """Give the words of a version as they came."""
    document = connection.scalar(select(journal.c.message).where(journal.c.id == of.journal_id))
    return words(document or {})


def brought(connection: Connection, known: Iterable[Version]) -> dict[str, str]:
    """Give the files that versions brought: the ids that they have in a record, with their URLs."""
    rows = connection.execute(
        select(journal.c.id, journal.c.message).where(
            journal.c.id.in_({version.journal_id for version in known}),
            journal.c.message.is_not(None),
        )
    )
    messages = (named(read_message(row.message), row.id) for row in rows)
    return {
        file.id: file.url
        for message in messages
        for file in message.attachments
        if file.id and file.url
    }


def words(document: Mapping[str, object]) -> str:
    """Give the words that a message adds to a complaint: of a command, those behind it."""
    command = document.get("command")
    behind = command.get("text") if isinstance(command, Mapping) else None
    return str(behind or document.get("text") or "")


def forget(connection: Connection, source: str, known: Iterable[Version]) -> None:
    """Remember that a post was deleted, all versions of it."""
    connection.execute(
        update(post)
        .where(post.c.source == source, post.c.post_id.in_({one.post_id for one in known}))
        .values(deleted=True)
    )


def note(connection: Connection, entries: Sequence[Entry]) -> None:
    """Remember what became of each entry that is a post."""
    rows = [
        {
            "source": entry.source,
            "post_id": entry.post.post_id,
            "first_id": entry.post.versions[0],
            "conversation_id": entry.post.conversation_id,
            "reporter": entry.reporter,
            "number": entry.post_number or entry.receipt.number,
            "part": _part(entry),
            "journal_id": entry.journal_id,
            "deleted": entry.post.deleted or entry.post_gone,
            "received_at": entry.received_at,
        }
        for entry in entries
        if entry.post
    ]
    if rows:
        _NOTE.run(connection, sorted(rows, key=lambda row: str(row["post_id"])))


def _part(entry: Entry) -> PostPart:
    if entry.opens:
        return "opening"
    return _ADDING.get(entry.intent, entry.post_part)
