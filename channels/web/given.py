"""What the pages are given by the gateway."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, Protocol
from zoneinfo import ZoneInfo

from channels.base import InboundMessage, Receipt


@dataclass(frozen=True, slots=True)
class Draft:
    """What was typed under one token.

    Once it was sent, `number` is there, and `digest` stands for what was sent.
    """

    id: str
    issued_at: datetime
    typed: Mapping[str, str]
    number: str | None = None
    digest: str | None = None


class Drafts(Protocol):
    """Keeps what was typed between two steps."""

    def new(self, browser: str) -> str:
        """Give a signed token for an empty draft; nothing is kept yet."""

    def browser(self, cookie: str | None) -> str:
        """Give the browser's own mark: the cookie's, or a new one."""

    def read(self, token: str, browser: str) -> Draft | None:
        """Give a draft of this browser; None when forged, another's or expired."""

    def keep(self, draft: Draft, typed: Mapping[str, str]) -> None:
        """Keep what was typed, unless the draft was sent."""

    def sent(self, draft: Draft, number: str) -> None:
        """Remember that it was sent, and forget what was typed."""


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file of a draft; `size` in bytes, `verdict` what became of it when it was inspected."""

    id: str
    name: str
    size: int
    verdict: str


class Files(Protocol):
    """Keeps files until a complaint names them."""

    most: int  # files of one complaint
    largest: int  # bytes of one

    def keep(
        self, stream: IO[bytes], name: str | None, media_type: str | None, client_address: str
    ) -> str:
        """Keep a file and give its id; raises TooLarge, TooManyRequests and Overloaded."""

    def find(self, ids: Sequence[str]) -> Sequence[Uploaded]:
        """Give what these uploads are, as long as no complaint has them."""


@dataclass(frozen=True, slots=True)
class Joined:
    """What a report was joined with.

    `first` is None where it is confidential; `keeps` tells that the report goes on under its own
    number beside the first, `is_parting` that the reporter has said it is another matter.
    """

    first: str | None
    keeps: bool
    is_parting: bool


@dataclass(frozen=True, slots=True)
class Similar:
    """A public complaint in process, as far as anybody may see it.

    `category` is a label of our own list, `area` names a district and what is around it,
    `happened_on` is a date as of the record, `shared` are words of the asker that it has too.
    """

    number: str
    category: str | None
    area: str | None
    happened_on: str | None
    received_at: datetime
    supporters: int
    shared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class View:
    """How a complaint stands; `typed` and `joined` are for the reporter alone."""

    number: str
    status: str
    received_at: datetime
    updated_at: datetime
    history: tuple[tuple[str, datetime], ...]
    typed: Mapping[str, Any] | None
    joined: Joined | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """What the pages are given: the gateway's functions and the settings they show."""

    accept: Callable[[Sequence[InboundMessage]], Sequence[Receipt]]
    lookup: Callable[[str, str | None, str], View | None]
    suggest: Callable[[str], str | None]  # a category for a text
    similar: Callable[[InboundMessage, str], Sequence[Similar]]  # for an address; likeliest first
    separate: Callable[[str, str, str], bool]  # False when the secret is not the number's
    drafts: Drafts
    files: Files
    limit: Callable[[str, Mapping[str, str]], bool]  # counts; False when it is too much today
    secret: Callable[[str], str]
    clock: Callable[[], datetime]
    zone: ZoneInfo
    is_secure: bool
    public_url: str
    least_seconds: float
    days: Mapping[str, int]  # verify, answer, close
