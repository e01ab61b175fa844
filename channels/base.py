"""What every door speaks: the records between rooms, the channel port, and its errors.

A channel is a pure translator. It knows no database, no queue, no clock and no environment:
everything it needs is in its settings and in the request it is handed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Literal, Protocol, Self, runtime_checkable

from marshmallow import RAISE, Schema, ValidationError, fields

LONGEST_PROVIDER_ID = 255
NO_FIELDS: Mapping[str, object] = MappingProxyType({})


# --- records -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RawInbound:
    """A request exactly as received.

    `raw_path` and `raw_query` are undecoded (signatures cover them as sent); `client_address`
    is the caller's after the configured number of proxy hops; `received_at` is aware UTC.
    """

    method: str
    raw_path: str
    raw_query: bytes
    headers: tuple[tuple[str, str], ...]
    body: bytes
    client_address: str
    received_at: datetime

    def header(self, name: str) -> str:
        """Give the first value of a header, or an empty string."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), "")


SenderKind = Literal["tel", "x", "account"]


@dataclass(frozen=True, slots=True)
class Sender:
    """Who wrote, as far as the door can tell.

    `key` is an E.164 number, a numeric X author id or an account id. `proven` means that the
    carrier or platform vouches for it; a typed phone number proves nothing.
    """

    kind: SenderKind
    key: str
    proven: bool
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a message. `not_fetched` ones are still at the provider's `url`.

    An upload is named by its `id` alone: accept fills in the rest, and calls one that is unknown,
    too old or another complaint's `missing`.
    """

    media_type: str
    url: str | None = None
    name: str | None = None
    verdict: str = "not_fetched"
    id: str | None = None
    sha256: str | None = None
    size: int | None = None


CommandWord = Literal["status", "add", "withdraw", "separate", "claim", "help"]


@dataclass(frozen=True, slots=True)
class Command:
    """A word to the gateway instead of a report, about the complaint `number` (`help`: none).

    status asks how it stands, add says more (`text`), withdraw takes it back, separate says that it
    is not what it was joined with, claim says that the phone number typed into it is the sender's.
    `secret` proves, where no sender is proven, that the complaint is the caller's own.
    """

    word: CommandWord
    number: str | None = None
    text: str | None = None
    secret: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a long SMS that the gateway joins, because nobody before it did.

    Parts belong together by source, sender, `destination`, `reference` and `total`; `index` counts
    from 1. The text of a part may begin or end with half a character. A reference has at most 64
    characters and starts with its kind (`0:7`, `ref:5`), so that two ways of counting never meet.
    """

    reference: str
    index: int
    total: int
    destination: str


@dataclass(frozen=True, slots=True)
class Post:
    """Where a message stands among public posts.

    `versions` are the ids that an edited post has had, oldest first and this one last: the first
    names the post for ever. `replies_to` is the post it answers, `quotes` the one it quotes;
    `conversation_id` is the post that began the thread. `deleted` takes the post back: then
    nothing else of the message counts. `in_thread_only`: no complaint by itself, but what it adds
    to an open one of its author in the thread counts.
    """

    post_id: str
    versions: tuple[str, ...]
    conversation_id: str | None = None
    replies_to: str | None = None
    quotes: str | None = None
    deleted: bool = False
    in_thread_only: bool = False


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """One message of one citizen: decoded, unjudged.

    `provider_id` is the provider's own id, stable over its retries: with `source` it is the
    delivery key. `fields` holds what the reporter typed into named fields (the keys of
    `channels.submission.Submission`, dates as ISO strings). `payload_digest` is set where the
    caller chooses the id and could reuse it for something else. `automatic` marks what a
    machine sent (short codes, alphanumeric senders, our own number): it is never answered. `flags`
    go into the record: what a reader should know about how it came.
    """

    source: str
    channel: str
    provider: str
    provider_id: str
    sender: Sender | None
    text: str
    received_at: datetime
    fields: Mapping[str, object] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()
    carrier: str | None = None
    sent_at: datetime | None = None
    command: Command | None = None
    part: Part | None = None
    payload_digest: str | None = None
    automatic: bool = False
    flags: tuple[str, ...] = ()
    post: Post | None = None

    @property
    def said(self) -> str:
        """All that the reporter said in words: the title, where one was typed, and the text."""
        title = self.fields.get("title")
        return f"{title}\n{self.text}" if title else self.text


ReceiptKind = Literal["new", "repeat", "supported", "command", "answer", "part", "quiet"]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What `accept` says about one message, committed with it.

    new: a complaint of its own. repeat: the same reporter said it before and it is in process;
    `number` is the first one's, or (found only later) the alias that it keeps of `first_number`.
    supported: somebody else said it before; `number` is its own. command: `command` says which;
    `number` and `status`, or neither when there is no such complaint of this sender. part: kept
    until the others are there. quiet: taken, not to be answered. `secret` opens the reporter's own
    view of `number`. A redelivery gives the receipt of the first delivery, so `reply` must not
    look at `redelivered`.
    """

    kind: ReceiptKind
    number: str | None = None
    status: str | None = None
    first_number: str | None = None
    command: CommandWord | None = None
    received_at: datetime | None = None
    secret: str | None = None
    redelivered: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer in the provider's own words."""

    status: int
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


# --- errors ------------------------------------------------------------------------------


class ChannelError(Exception):
    """Anything a request can be refused for. The message names the cause, never a person."""

    status = 400
    title = "Bad request"


class NotAuthentic(ChannelError):
    """The caller is not who the source is configured for. Kept in quarantine, answered 403."""

    status = 403
    title = "Not authentic"


class Malformed(ChannelError):
    """Verified, but unreadable: journalled raw and parked; the provider hears a success."""


class Unacceptable(ChannelError):
    """The caller can mend this: refused with the reasons, and nothing is kept.

    `problems` maps a field (or "") to what is wrong with it.
    """

    def __init__(self, message: str, *, status: int, problems: Mapping[str, object] = NO_FIELDS):
        super().__init__(message)
        self.status = status
        self.title = "Unprocessable request" if status == KeyReused.status else "Bad request"
        self.problems = problems


class KeyReused(ChannelError):
    """The same idempotency key came with another body."""

    status = 422
    title = "Idempotency key reused"


class TooLarge(ChannelError):
    """More bytes than this door takes."""

    status = 413
    title = "Too large"


class TooManyRequests(ChannelError):
    """The caller asked too often; worth trying again after `retry_after` seconds."""

    status = 429
    title = "Too many requests"
    retry_after = 3600


class Overloaded(ChannelError):
    """Not taken, and surely not kept: worth trying again after `retry_after` seconds."""

    status = 503
    title = "Temporarily unavailable"
    retry_after = 2


def provider_id(typed: str, where: str) -> str:
    """Check a provider's message id, half of the delivery key; `where` tells how to set it."""
    if not 0 < len(typed) <= LONGEST_PROVIDER_ID:
        raise Malformed(f"the message id is empty or too long: {where}")
    return typed


def refusal_headers(error: ChannelError) -> tuple[tuple[str, str], ...]:
    """Give the headers that tell a caller when to try again."""
    retry_after = getattr(error, "retry_after", None)
    return (("Retry-After", str(retry_after)),) if retry_after else ()


def plain_refusal(error: ChannelError) -> Reply:
    """Refuse in plain words, for a provider that reads nothing but the status."""
    return Reply(error.status, error.title.encode(), headers=refusal_headers(error))


# --- the port ----------------------------------------------------------------------------


class Channel(Protocol):
    """A door that is pushed to: one provider's wire format."""

    @classmethod
    def from_settings(cls, settings: Mapping[str, object]) -> Self:
        """Build from a source's resolved settings; a ValueError names what is wrong."""

    def challenge(self, raw: RawInbound) -> Reply | None:
        """Answer a provider's test of this endpoint; None for everything else."""

    def verify(self, raw: RawInbound) -> None:
        """Raise NotAuthentic unless the caller proves who it is."""

    def parse(self, raw: RawInbound) -> Sequence[InboundMessage]:
        """Decode; an empty result means valid, but not for us.

        Raises Malformed when a verified request cannot be read, and Unacceptable when the
        caller is a person or program that can mend it.
        """

    def reply(self, receipts: Sequence[Receipt]) -> Reply:
        """Say what became of the messages, in the provider's words.

        No receipts is an empty success: parked, or not for us.
        """

    def refuse(self, error: ChannelError) -> Reply:
        """Say no in the provider's dialect."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something a poller got that it could not read: kept raw and parked."""

    raw: RawInbound
    reason: str


@dataclass(frozen=True, slots=True)
class Page:
    """What a poller got at once: committed together with `cursor`, or not at all.

    `more`: go on at once, this was not the last page. `gap`: more was missed than can be had.
    `wait`: seconds until the provider answers again, where it said so.
    """

    messages: tuple[InboundMessage, ...]
    cursor: str
    unreadable: tuple[Unreadable, ...] = ()
    more: bool = False
    gap: bool = False
    wait: float = 0.0


class NotNow(Exception):
    """Nothing was got. Worth trying again after `retry_after` seconds, where that is known."""

    def __init__(self, reason: str, retry_after: float | None = None):
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


class Poller(Protocol):
    """A door that is pulled from. It remembers nothing: all it needs to go on is in the cursor."""

    @property
    def pace(self) -> float:
        """Tell how many seconds to rest between two rounds."""

    def fetch(self, cursor: str | None, now: datetime) -> Page:
        """Get the next page; None begins. Raises NotNow, and never waits longer than a time-out."""


@runtime_checkable
class Pulled(Protocol):
    """What a channel has besides its own port, when it can be pulled from."""

    def poller(self) -> Poller | None:
        """Give what pulls, or None where the settings do not allow it."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Something to say to a citizen: `text` in answer to the message `answers` of `to`.

    `first_tried_at` is when it was first handed to the provider, if it ever was.
    """

    to: Sender
    answers: str
    text: str
    first_tried_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """It is said, under the provider's id where that is known."""

    provider_id: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """It is surely not said. `final`: nor will it ever be; else try after `retry_after` seconds."""

    reason: str
    final: bool = False
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can tell whether it was said: look it up first, or leave it to a person.

    `for_good`: no look-up will ever tell.
    """

    reason: str
    for_good: bool = False


class Speaker(Protocol):
    """A door that can say something by itself. Never raises, never waits beyond a time-out."""

    @property
    def pace(self) -> float:
        """Tell how many seconds to rest between two."""

    def send(self, message: Outgoing, now: datetime) -> Sent | Refused | Unknown:
        """Say it. What was said already is Sent, where the provider can tell."""

    def look_up(self, message: Outgoing, now: datetime) -> Sent | Refused | Unknown:
        """Find out what became of an Unknown; Refused when it is surely not there."""


AskedFor = Literal["incident_location", "incident_date"]


@dataclass(frozen=True, slots=True)
class Saying:
    """What a door is to put in words, in answer to a message that came `at`.

    `asks` is what the reporter is asked for, too; with `told` they have heard the rest already.
    `confidential` tells that it is about a complaint which nobody else may hear of.
    """

    receipt: Receipt
    at: datetime
    asks: AskedFor | None = None
    told: bool = False
    confidential: bool = False


@runtime_checkable
class Spoken(Protocol):
    """What a channel has besides its own port, when it can speak by itself."""

    @property
    def answers_requests(self) -> bool:
        """Tell whether a sender hears what `reply` says; else it has to be said by itself."""

    def speaker(self) -> Speaker | None:
        """Give what speaks, or None where the settings do not allow it."""

    def words(self, saying: Saying) -> str:
        """Put it in words; an empty string is silence."""


@runtime_checkable
class KeepsMedia(Protocol):
    """What a channel has besides its own port, when files of its messages stay at the provider."""

    @property
    def media_from(self) -> Sequence[str]:
        """Name where files may be fetched from: beginnings of https addresses, redirects' too."""

    def media_proof(self, url: str) -> Mapping[str, str]:
        """Give the headers that show the provider that we may have the file at this address."""


class SourceSettings(Schema):
    """What every source may set; adapters add their own. Unknown keys are refused by name."""

    class Meta:
        unknown = RAISE

    source = fields.String(required=True)
    public_url = fields.Url(required=True, require_tld=False)
    time_zone = fields.String(load_default="Asia/Jakarta")

    @classmethod
    def read(cls, settings: Mapping[str, object]) -> dict[str, object]:
        """Check and complete a source's settings; a ValueError names each wrong key."""
        try:
            loaded: dict[str, object] = cls().load(settings)
        except ValidationError as exc:
            problems = "; ".join(f"{key}: {said}" for key, said in sorted(_flat(exc.messages)))
            raise ValueError(problems) from exc
        return loaded


def media_places(*usual: str) -> fields.List[str]:
    """Give the setting `media_from` of a door whose files stay at the provider."""
    return fields.List(
        fields.Url(schemes={"https"}, require_tld=False), load_default=lambda: list(usual)
    )


def _flat(messages: object, path: str = "") -> list[tuple[str, str]]:
    if isinstance(messages, Mapping):
        found: list[tuple[str, str]] = []
        for key, below in messages.items():
            found += _flat(below, f"{path}.{key}" if path else str(key))
        return found
    said = messages if isinstance(messages, list) else [messages]
    return [(path, " ".join(str(line) for line in said))]
