"""Puts the parts together from the settings: the same way for web, worker and commands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, cast

import uuid6

from channels import registry
from channels.base import AskedFor, Channel, Poller, Pulled
from config.secrets import SettingsError
from config.settings import Settings
from gateway import media, replies, schema
from gateway.attachments.attachments import Attachments
from gateway.attachments.contents import Contents
from gateway.attachments.inspecting import Inspector
from gateway.carriers import Carriers
from gateway.counters import Counters
from gateway.fetching import Fetcher
from gateway.identity import Identity
from gateway.intake import Intake, Limits
from gateway.lookup import Lookup
from gateway.processing import Processing
from gateway.publishing import Outbox, Publisher
from gateway.quarantine import Quarantine
from gateway.queue import EMBEDDED, EmbeddedOutbox, RelayedOutbox
from gateway.reading import Reader
from gateway.replies import Replies
from gateway.store import Store

T = TypeVar("T")
PATIENCE = 10.0  # seconds that a process which must go on waits for the store
# Runs what waits for the disk or the store's lock: here and now, or out of an event loop's way.
Native = Callable[[Callable[[], T]], T]


def here(work: Callable[[], T]) -> T:
    """Run it in this thread."""
    return work()


@dataclass(frozen=True, slots=True)
class Gateway:
    """Everything a process of the gateway works with."""

    settings: Settings
    store: Store
    identity: Identity
    channels: Mapping[str, Channel]
    intake: Intake
    quarantine: Quarantine
    lookup: Lookup
    outbox: Outbox
    processing: Processing
    reader: Reader
    carriers: Carriers
    attachments: Attachments
    media: media.Media
    replies: Replies


def assemble(
    settings: Settings, *, native: Native[None] = here, patience: float | None = None
) -> Gateway:
    """Build the parts; connects to nothing yet. A SettingsError names what cannot work.

    `patience` is how many seconds the store may take to answer; a command waits for ever.
    """
    try:
        store = Store(settings.store_url, patience)
    except (ValueError, ImportError) as exc:
        raise SettingsError(f"store_url: {exc}") from exc
    outbox = _outbox(settings)
    identity = Identity(settings.identity_key)
    reader, carriers = Reader.of(settings), _carriers(settings)
    limits = settings.intake
    channels = build_channels(settings)
    spoken = _replies(settings, identity, channels)
    attachments = _attachments(settings, store, native)
    secret_names = {name: source.secret_names for name, source in settings.sources.items()}
    return Gateway(
        settings=settings,
        store=store,
        identity=identity,
        channels=channels,
        intake=Intake(
            store,
            identity,
            secret_names=secret_names,
            limits=Limits(
                replies_a_day=limits.replies_a_day,
                most_together=limits.most_together,
                most_waiting=limits.most_waiting,
                patience=limits.patience,
                most_attachments=settings.attachments.most,
            ),
            replies=spoken,
            run=native,
        ),
        quarantine=Quarantine(
            store,
            clock=utc_now,
            most_per_source=settings.quarantine.most_per_source,
            most_body_bytes=settings.quarantine.most_body_bytes,
            days=settings.quarantine.days,
            secret_names=secret_names,
        ),
        lookup=Lookup(
            store, identity, clock=utc_now, wrong_numbers_a_day=limits.wrong_numbers_a_day
        ),
        outbox=outbox,
        processing=Processing(
            store,
            identity,
            outbox,
            public_url=settings.public_url,
            clock=utc_now,
            most_together=settings.processing.most_together,
            lease=timedelta(seconds=settings.processing.lease_seconds),
            flags=carriers.flags,
            read=reader,
            replies=spoken,
        ),
        reader=reader,
        carriers=carriers,
        attachments=attachments,
        media=_media(settings, store, outbox, channels, attachments),
        replies=spoken,
    )


def require_ready(gateway: Gateway) -> None:
    """Raise SchemaBehind or WrongIdentityKey instead of starting on the wrong store."""
    schema.require_current(gateway.store)
    schema.require_identity(gateway.store, gateway.identity)


def build_channels(settings: Settings) -> dict[str, Channel]:
    """Build the channel of every source; a SettingsError names the source and the key."""
    built = {}
    for name, source in settings.sources.items():
        try:
            built[name] = registry.build(source.adapter, source.settings)
        except ValueError as exc:
            raise SettingsError(f"sources.{name}: {exc}") from exc
    return built


def build_pollers(channels: Mapping[str, Channel]) -> dict[str, Poller]:
    """Build what pulls, of every source whose settings allow it."""
    pulled = {name: of.poller() for name, of in channels.items() if isinstance(of, Pulled)}
    return {name: poller for name, poller in pulled.items() if poller is not None}


def utc_now() -> datetime:
    """Tell the time, aware and in UTC."""
    return datetime.now(UTC)


def _replies(settings: Settings, identity: Identity, channels: Mapping[str, Channel]) -> Replies:
    told = settings.replies
    return Replies(
        replies.sources_of(channels),
        identity,
        clock=utc_now,
        manners=replies.Manners(
            a_day=settings.intake.replies_a_day,
            hold=timedelta(seconds=told.hold_seconds),
            ask=cast("tuple[AskedFor, ...]", tuple(told.ask)),
            answer_within=timedelta(hours=told.answer_hours),
        ),
    )


def _carriers(settings: Settings) -> Carriers:
    try:
        return Carriers(settings.carriers)
    except ValueError as exc:
        raise SettingsError(str(exc)) from exc


def _attachments(settings: Settings, store: Store, native: Native[Any]) -> Attachments:
    try:
        contents = Contents(settings.attachments_url)
    except (ValueError, ImportError) as exc:
        raise SettingsError(f"attachments_url: {exc}") from exc
    limits = settings.attachments
    return Attachments(
        store,
        contents,
        Inspector(at_once=limits.inspected_at_once, patience=settings.intake.patience),
        clock=utc_now,
        largest=limits.largest,
        spool=settings.var_dir / "spool",
        run=native,
    )


def _media(
    settings: Settings,
    store: Store,
    outbox: Outbox,
    channels: Mapping[str, Channel],
    attachments: Attachments,
) -> media.Media:
    limits = settings.media
    return media.Media(
        store,
        attachments,
        Publisher(outbox, Counters(), public_url=settings.public_url, new_id=uuid6.uuid7),
        channels,
        Fetcher(patience=limits.patience, longest=limits.longest_seconds),
        clock=utc_now,
        limits=media.Limits(limits.largest, timedelta(hours=limits.give_up_after_hours)),
    )


def _outbox(settings: Settings) -> Outbox:
    if settings.queue_url == EMBEDDED + settings.store_url.removeprefix("sqlite:///"):
        return EmbeddedOutbox()
    scheme = settings.queue_url.partition("://")[0]
    if scheme in {"amqp", "amqps"}:
        return RelayedOutbox()
    raise SettingsError(
        f"queue_url: {scheme!r} is not served; use amqp:// or amqps://, "
        "or leave it empty for the queue in the store's file"
    )
