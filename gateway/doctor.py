"""`lapor doctor`: what is set, and whether it can work."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import func, select

from channels.base import Spoken
from config.settings import Settings
from gateway import lost, queue, unheard
from gateway.assembly import Gateway
from gateway.health import foreign_packages, problems_of_store
from gateway.reconcile import reconcile
from gateway.silence import pauses
from gateway.store import Store
from gateway.tables import journal, queue_binding

LEAST_GUNICORN = 27
OLD_REPLY = timedelta(minutes=15)
OLD_FILE = timedelta(hours=2)
# Our first commit: a clock before that is wrong.
EARLIEST = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    what: str
    good: bool
    said: str


def examine(gateway: Gateway) -> Iterator[Finding]:
    """Look at everything this installation stands on."""
    settings = gateway.settings
    yield _folder(settings.var_dir)
    yield _secrets_file(settings.var_dir / "secrets.toml")
    wrong = problems_of_store(gateway.store, gateway.identity)
    yield Finding("store", not wrong, "; ".join(wrong) or "writable, schema current, key matches")
    if not wrong:
        yield _queue(gateway.store, settings.queue_url)
        yield _accounts(gateway.store)
        yield _clock(gateway.store)
        yield from _silence(gateway.store, settings, datetime.now(UTC))
        yield _replies(gateway)
        yield _media(gateway)
    yield _files(gateway)
    yield _packages()
    yield _server()
    yield _public_url(settings)


def _folder(var_dir: Path) -> Finding:
    good = os.access(var_dir, os.W_OK)
    return Finding("var folder", good, f"{var_dir} is {'' if good else 'not '}writable")


def _secrets_file(path: Path) -> Finding:
    if not path.exists():
        return Finding("secrets", good=True, said="none made here; all come from the environment")
    mode = stat.S_IMODE(path.stat().st_mode)
    private = not mode & 0o077
    advice = "back it up" if private else f"readable by others ({mode:o}): chmod 600"
    return Finding("secrets", private, f"{path.name}: {advice}")


def _files(gateway: Gateway) -> Finding:
    """Really keep a small file: a bucket's name, keys and rights show only then."""
    try:
        gateway.attachments.probe()
    except OSError as exc:
        return Finding("files", good=False, said=f"cannot be kept: {exc}")
    return Finding("files", good=True, said="can be kept and read back")


def _queue(store: Store, url: str) -> Finding:
    if not queue.is_embedded(url):
        return _broker(store, url)
    with store.read() as connection:
        bound = connection.scalar(
            select(func.count())
            .select_from(queue_binding)
            .where(queue_binding.c.queue == queue.COMPLAINTS)
        )
    waiting = reconcile(store).queued
    said = f"{waiting.get(queue.COMPLAINTS, 0)} waiting, {waiting.get(queue.DEAD, 0)} dead letters"
    return Finding("queue", bool(bound), said if bound else "lapor.complaints is bound to nothing")


def _broker(store: Store, url: str) -> Finding:
    try:
        waiting = queue.depths(url)
    except queue.BROKER_ERRORS as exc:
        return Finding("queue", good=False, said=f"the broker: {exc}")
    said = (
        f"{waiting[queue.COMPLAINTS]} waiting, {waiting[queue.DEAD]} dead letters, "
        f"{reconcile(store).outbox} events not yet published"
    )
    return Finding("queue", good=True, said=said)


def _accounts(store: Store) -> Finding:
    account = reconcile(store)
    if account.unaccounted:
        return Finding(
            "accounts", good=False, said=f"{len(account.unaccounted)} numbers lead nowhere"
        )
    parked = account.outcomes.get("parked", 0)
    said = f"all numbers accounted for, {account.waiting} pending, {parked} parked"
    return Finding("accounts", good=True, said=said)


def _clock(store: Store) -> Finding:
    now = datetime.now(UTC)
    with store.read() as connection:
        newest = connection.scalar(select(func.max(journal.c.received_at)))
    if now < EARLIEST:
        return Finding("clock", good=False, said=f"{now:%Y-%m-%d %H:%M} UTC is in the past")
    if newest is not None and newest > now + timedelta(minutes=1):
        return Finding("clock", good=False, said=f"behind the newest message by {newest - now}")
    return Finding("clock", good=True, said=f"{now:%Y-%m-%d %H:%M:%S} UTC")


def _silence(store: Store, settings: Settings, now: datetime) -> Iterator[Finding]:
    for pause in pauses(store, settings.sources, now):
        said = (
            f"{pause.source}: silent for {_span(pause.now)}, usually at most {_span(pause.usual)}"
        )
        yield Finding("silence", not pause.is_unusual, said)


def _replies(gateway: Gateway) -> Finding:
    """Look at what is to be said by ourselves, and whether there is a way to."""
    now, speaking = datetime.now(UTC), gateway.replies.sources
    mute = [
        name
        for name, channel in gateway.channels.items()
        if isinstance(channel, Spoken) and name not in speaking
    ]
    with gateway.store.read() as connection:
        waiting, lost = unheard.waiting(connection, now), unheard.counted(connection)
    stuck = [one for one in waiting if one.source not in speaking or one.oldest > OLD_REPLY]
    said = [
        f"said through {', '.join(sorted(speaking)) or 'no source'}",
        f"{sum(one.count for one in waiting)} waiting",
        f"{sum(lost.values())} unheard",
    ]
    said += [f"{one.source}: waits for {_span(one.oldest)}" for one in stuck]
    said += [f"no news, no questions through {name}" for name in sorted(mute)]
    return Finding("replies", not stuck, "; ".join(said))


def _media(gateway: Gateway) -> Finding:
    """Look at what is to be fetched from providers, and whether anybody does."""
    fetched = gateway.media.sources
    with gateway.store.read() as connection:
        waiting = lost.waiting(connection, datetime.now(UTC))
    stuck = [one for one in waiting if one.source not in fetched or one.oldest > OLD_FILE]
    said = [f"{sum(one.count for one in waiting)} files to be fetched"]
    said += [
        f"{one.source}: waits for {_span(one.oldest)}"
        + ("" if one.source in fetched else ", and is no source any more")
        for one in stuck
    ]
    return Finding("media", not stuck, "; ".join(said))


def _span(of: timedelta) -> str:
    hours, seconds = divmod(int(of.total_seconds()), 3600)
    return f"{hours} h {seconds // 60} min"


def _packages() -> Finding:
    foreign = foreign_packages()
    return Finding("packages", not foreign, "; ".join(foreign) or "our four names are ours alone")


def _server() -> Finding:
    found = version("gunicorn")
    good = int(found.partition(".")[0]) >= LEAST_GUNICORN
    advice = "" if good else ": never install its [fast] extra, it brings an older one"
    return Finding("gunicorn", good, found + advice)


def _public_url(settings: Settings) -> Finding:
    local = "127.0.0.1" in settings.public_url or "localhost" in settings.public_url
    said = "nobody outside reaches it; set public_url" if local else settings.public_url
    return Finding("public URL", good=True, said=said)
