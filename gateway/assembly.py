"""Puts the parts together from the settings: the same way for web, worker and commands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from channels import registry
from channels.base import Channel
from config.secrets import SettingsError
from config.settings import Settings
from gateway import schema
from gateway.carriers import Carriers
from gateway.identity import Identity
from gateway.intake import Intake, Limits
from gateway.lookup import Lookup
from gateway.processing import Processing
from gateway.quarantine import Quarantine
from gateway.queue import EMBEDDED, EmbeddedOutbox
from gateway.store import Store

T = TypeVar("T")
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
    processing: Processing


def assemble(settings: Settings, *, native: Native[None] = here) -> Gateway:
    """Build the parts; connects to nothing yet. A SettingsError names what cannot work."""
    try:
        store = Store(settings.store_url)
    except ValueError as exc:
        raise SettingsError(str(exc)) from exc
    identity = Identity(settings.identity_key)
    limits = settings.intake
    secret_names = {name: source.secret_names for name, source in settings.sources.items()}
    return Gateway(
        settings=settings,
        store=store,
        identity=identity,
        channels=build_channels(settings),
        intake=Intake(
            store,
            identity,
            secret_names=secret_names,
            limits=Limits(
                replies_a_day=limits.replies_a_day,
                most_together=limits.most_together,
                most_waiting=limits.most_waiting,
                patience=limits.patience,
            ),
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
        processing=Processing(
            store,
            identity,
            _outbox(settings),
            public_url=settings.public_url,
            clock=utc_now,
            most_together=settings.processing.most_together,
            lease=timedelta(seconds=settings.processing.lease_seconds),
            flags=_carriers(settings).flags,
        ),
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


def utc_now() -> datetime:
    """Tell the time, aware and in UTC."""
    return datetime.now(UTC)


def _carriers(settings: Settings) -> Carriers:
    try:
        return Carriers(settings.carriers)
    except ValueError as exc:
        raise SettingsError(str(exc)) from exc


def _outbox(settings: Settings) -> EmbeddedOutbox:
    embedded = EMBEDDED + settings.store_url.removeprefix("sqlite:///")
    if settings.queue_url != embedded:
        scheme = settings.queue_url.partition("://")[0]
        raise SettingsError(
            f"queue_url: {scheme!r} is not served; leave it empty for the queue in the store's file"
        )
    return EmbeddedOutbox()
