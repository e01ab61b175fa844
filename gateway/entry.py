"""One message on its way through accept."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from channels.base import Command, KeyReused, Part, Post, Receipt

Intent = Literal[
    "complaint", "amendment", "answer", "correction", "withdrawal", "separation", "supplement"
]
# Typed fields that an exact repeat does not bring: the title is of its words, and what it is
# like and how its reporter wants to be treated was said with the first.
_NOT_BROUGHT = frozenset({"title", "supports", "differs", "anonymous", "confidential", "reporter"})
# What a public post is to a complaint; a supplement brought files with words that it has already,
# `other` are repeats, commands and what is ignored.
PostPart = Literal["opening", "addition", "supplement", "other"]


@dataclass(slots=True)
class Entry:
    """One message on its way into the journal, and what became of it.

    `receipt` starts as what is expected (a new number, mostly) and ends as what is true.
    `knows_secret` tells that the command's secret is right, `phone` the proven number of an SMS.
    `counted` is the sender's tally, where replies to a sender are limited. `compose` makes the
    entry that another text of the same sender, with some flags, would be. `unheard`: no request is
    open whose answer the sender would hear.
    """

    source: str
    key: str
    receipt: Receipt
    outcome: str
    received_at: datetime
    message: dict[str, Any] | None = None
    raw: bytes | None = None
    reason: str | None = None
    payload_digest: str | None = None
    command: Command | None = None
    knows_secret: bool = False
    phone: str | None = None
    part: Part | None = None
    overdue_parts: uuid.UUID | None = None
    post: Post | None = None
    post_part: PostPart = "other"
    post_number: str | None = None
    post_gone: bool = False
    reporter: bytes | None = None
    fingerprint: bytes | None = None
    confidential: bool = False
    counted: bytes | None = None
    intent: Intent = "complaint"
    about: str | None = None
    unheard: bool = False
    compose: Callable[[str, tuple[str, ...]], Entry] | None = None
    journal_id: uuid.UUID | None = None
    error: KeyReused | None = None

    @property
    def delivered_as(self) -> tuple[str, str]:
        """Give the delivery key."""
        return (self.source, self.key)

    @property
    def opens(self) -> bool:
        """Tell whether this is to become a complaint of its own."""
        return self.outcome == "pending" and self.intent == "complaint"

    @property
    def brings_more(self) -> bool:
        """Tell whether there are files or fields besides the words."""
        message = self.message or {}
        fields = message.get("fields") or {}
        return bool(message.get("attachments")) or any(
            value not in (None, "") for name, value in fields.items() if name not in _NOT_BROUGHT
        )

    def repeat(self, first: str) -> None:
        """Say again what a complaint says; files and fields go into line to be added to it."""
        self.receipt = Receipt("repeat", number=first, first_number=first)
        self.outcome, self.about = "repeat", None
        if self.brings_more:
            self.outcome, self.intent, self.about = "pending", "supplement", first

    def become(self, other: Entry) -> None:
        """Be what other words would have been; the delivery stays this one's."""
        for name in ("receipt", "outcome", "message", "command", "fingerprint", "counted"):
            setattr(self, name, getattr(other, name))

    def ignore(self, reason: str) -> None:
        """Keep it, and do nothing about it."""
        self.outcome, self.reason, self.receipt = "ignored", reason, Receipt("quiet")
        self.command = None

    def amend(self, root: str) -> None:
        """Go into line as an amendment of a complaint."""
        self.outcome, self.intent, self.about = "pending", "amendment", root
