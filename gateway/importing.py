"""Mentions from a file, for the day the API is away: what a page, an event or an export holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from channels.base import Channel, InboundMessage, Malformed, Page, RawInbound, Unreadable
from channels.twitter.documents import alone, items_of, json_of
from gateway.intake import Intake

TOGETHER = 100  # posts accepted in one transaction
LEAST_LINES = 2


@dataclass(slots=True)
class Imported:
    """What became of an import."""

    accepted: int = 0
    known: int = 0
    parked: int = 0
    not_for_us: int = 0

    def add(self, other: Imported) -> None:
        """Add up."""
        self.accepted += other.accepted
        self.known += other.known
        self.parked += other.parked
        self.not_for_us += other.not_for_us


def read_file(path: Path) -> Iterator[bytes]:
    """Give each post or event of a file (JSON, or a document a line) as a document of its own.

    Raises Malformed for a file that is neither; a line that cannot be read is given as it is.
    """
    text = path.read_text("utf-8")
    try:
        document = json_of(text)
    except Malformed:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < LEAST_LINES:
            raise
        for line in lines:
            yield from _items(line)
    else:
        yield from (alone(item, document) for item in items_of(document))


def read_some(channel: Channel, bodies: Sequence[bytes], now: datetime) -> tuple[Page, int]:
    """Read documents; gives them as a page without a cursor, and how many are not for us."""
    messages: list[InboundMessage] = []
    unreadable: list[Unreadable] = []
    not_for_us = 0
    for body in bodies:
        raw = RawInbound("POST", "", b"", (), body, "", now)
        try:
            read = channel.parse(raw)
        except Malformed as exc:
            unreadable.append(Unreadable(raw, str(exc)))
        except Exception as exc:  # noqa: BLE001 - a parser's bug must cost no citizen's report
            unreadable.append(Unreadable(raw, f"parser failed: {type(exc).__name__}"))
        else:
            messages += read
            not_for_us += not read
    return Page(tuple(messages), "", tuple(unreadable)), not_for_us


def take(
    intake: Intake | None, channel: Channel, source: str, bodies: Sequence[bytes], now: datetime
) -> Imported:
    """Accept documents in one transaction, parking what cannot be read; without intake, look."""
    page, not_for_us = read_some(channel, bodies, now)
    done = Imported(len(page.messages), 0, len(page.unreadable), not_for_us)
    if intake is not None:
        receipts = intake.accept_page(source, page)
        done.known = sum(receipt.redelivered for receipt in receipts[: len(page.messages)])
        done.accepted -= done.known
    return done


def _items(line: str) -> list[bytes]:
    try:
        document = json_of(line)
        return [alone(item, document) for item in items_of(document)]
    except Malformed:
        return [line.encode()]
