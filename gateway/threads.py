"""Public posts, inside accept: edits, deletions, and replies in the thread of a complaint.

An edited post is a new post whose history names the ones before it: it corrects what they said. A
deletion takes back what the post opened or added. A reply of the same author in the thread of
their open complaint adds to it. All of it may come in any order, twice, or by two ways at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from channels.base import Post, Receipt
from gateway import posts
from gateway.entry import Entry
from gateway.posts import Version
from gateway.store import IN_PROCESS, Hold, Standing, close

# In a journal row's message: the words that the new ones replace, and the files (ids with URLs).
CORRECTS, FORMER_FILES = "corrects", "former_files"


def waves(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Part entries so that no two of one wave are of the same thread, the older post first.

    Each wave is accepted on what the ones before it have made.
    """
    if not any(entry.post for entry in entries):
        return [list(entries)] if entries else []
    parted: dict[int, list[Entry]] = defaultdict(list)
    latest: dict[tuple[str, str], int] = {}
    for entry in sorted(entries, key=_age):
        about = [(entry.source, name) for name in _names(entry.post)]
        wave = max((latest[name] for name in about if name in latest), default=-1) + 1
        latest.update(dict.fromkeys(about, wave))
        parted[wave].append(entry)
    return [parted[wave] for wave in sorted(parted)]


def follow(connection: Connection, entries: Sequence[Entry], *, hold: Hold) -> None:
    """Settle what posts are that are not simply new; no two entries are of the same thread."""
    held = {f"post {entry.source} {name}" for entry in entries for name in _names(entry.post)}
    hold(connection, held)
    for source in {entry.source for entry in entries}:
        mine = [(entry, entry.post) for entry in entries if entry.source == source and entry.post]
        found = _find(connection, source, [post for _, post in mine])
        for entry, post in mine:
            known = found.versions_of(post)
            if post.deleted:
                _take_back(connection, entry, known, found)
            elif any(version.deleted for version in known):
                entry.ignore("its author had deleted it")
                entry.post_gone = True
            elif known:
                _correct(connection, entry, known, found)
            else:
                _join(entry, post, found)


@dataclass(frozen=True, slots=True)
class _Found:
    """What the store knows of posts, of their threads, and of the complaints these led to."""

    versions: Mapping[str, Sequence[Version]]
    threads: Mapping[str, Sequence[Version]]
    stands: Mapping[str, Standing]

    def versions_of(self, post: Post) -> list[Version]:
        found = {v.post_id: v for of in post.versions for v in self.versions.get(of, ())}
        return sorted(found.values(), key=lambda version: version.age)

    def standing(self, number: str | None) -> Standing | None:
        return self.stands.get(number or "")

    def in_thread(self, entry: Entry, post: Post) -> tuple[str, Standing] | None:
        """Find the author's complaint in the thread: the latest that is open, or the latest."""
        theirs = [
            (version.number, stands)
            for version in self.threads.get(post.conversation_id or "", ())
            if version.number and version.reporter == entry.reporter
            if (stands := self.stands.get(version.number))
        ]
        still_open = [found for found in theirs if found[1].status in IN_PROCESS]
        found = still_open or theirs
        return found[-1] if found else None


def _find(connection: Connection, source: str, of: Sequence[Post]) -> _Found:
    versions = posts.versions(connection, source, {one for post in of for one in post.versions})
    replies = {post.conversation_id for post in of if post.replies_to and post.conversation_id}
    threads = posts.threads(connection, source, replies)
    stands = posts.standing_of(connection, [*versions.values(), *threads.values()])
    return _Found(versions, threads, stands)


def _take_back(
    connection: Connection, entry: Entry, known: Sequence[Version], found: _Found
) -> None:
    """Withdraw what the post opened, or take out what it added; closed complaints stay."""
    latest = known[-1] if known else None
    entry.receipt = Receipt("quiet")
    if latest is None or latest.deleted:
        entry.ignore("a deletion of what is not here")
        return
    posts.forget(connection, entry.source, known)
    stands = found.standing(latest.number)
    if latest.part == "other" or stands is None or stands.status not in IN_PROCESS:
        entry.ignore("a deletion of what is no part of an open complaint")
    elif latest.part != "opening" or stands.number != latest.number:
        _replace(connection, entry, known, stands)  # it was added to what another message opened
    else:
        close(connection, stands.number, "withdrawn", entry.received_at)
        entry.outcome, entry.intent, entry.about = "pending", "withdrawal", stands.number


def _correct(connection: Connection, entry: Entry, known: Sequence[Version], found: _Found) -> None:
    """Take a newer version for what it is; an older one that comes late says nothing."""
    latest = known[-1]
    if entry.post is None or int(entry.post.post_id) < latest.age:
        entry.ignore("an older version of a post")
        entry.post_part, entry.post_number = latest.part, latest.number
        return
    if latest.part in {"supplement", "other"}:
        _join(entry, entry.post, found)
        return
    entry.post_part, entry.post_number = latest.part, latest.number
    adds = entry.command and (entry.command.word, entry.command.number) == ("add", latest.number)
    if entry.command and not adds:
        _join(entry, entry.post, found)
        return
    stands = found.standing(latest.number)
    if stands is None or stands.reporter != entry.reporter or stands.status not in IN_PROCESS:
        entry.ignore("an edit of what is no part of an open complaint")
    else:
        _replace(connection, entry, known, stands)


def _replace(
    connection: Connection, entry: Entry, known: Sequence[Version], stands: Standing
) -> None:
    """Go into line as a correction: these words and files instead of those."""
    latest = known[-1]
    # The words of a supplement are those of the complaint, and stay.
    said = "" if latest.part == "supplement" else posts.said(connection, latest)
    corrects = {CORRECTS: said, FORMER_FILES: posts.brought(connection, known)}
    entry.receipt, entry.command = Receipt("quiet"), None
    entry.outcome, entry.intent, entry.about = "pending", "correction", stands.number
    entry.message = {**(entry.message or {}), **corrects}


def _join(entry: Entry, post: Post, found: _Found) -> None:
    """Add a reply to the author's complaint in its thread; a closed one is referred to."""
    mine = found.in_thread(entry, post) if post.replies_to and entry.reporter else None
    if entry.command is not None:
        if entry.command.number is None and entry.command.word != "help" and mine:
            entry.command = replace(entry.command, number=mine[0])
        return
    if mine is None:
        if post.in_thread_only:
            entry.ignore("without the required hashtag, and in no thread of a complaint")
        return
    number, stands = mine
    if stands.status in IN_PROCESS:
        entry.amend(stands.number)
        entry.receipt = Receipt("command", number, status=stands.status, command="add")
    elif post.in_thread_only:
        entry.ignore("without the required hashtag, and its complaint is closed")
    else:
        entry.receipt = replace(entry.receipt, command="add", first_number=number)
        entry.about = stands.number


def _names(post: Post | None) -> set[str]:
    """Name a post by every id it has had, and by its thread."""
    if post is None:
        return set()
    return {*post.versions, post.post_id, post.conversation_id or post.post_id}


def _age(entry: Entry) -> tuple[int, bool]:
    return (int(entry.post.post_id), entry.post.deleted) if entry.post else (0, False)
