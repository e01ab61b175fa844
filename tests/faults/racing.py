"""Processes that file and work off complaints on one store, all at the same instant."""

from __future__ import annotations

import logging
import multiprocessing
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier

import structlog

from channels.base import InboundMessage
from gateway.identity import Identity
from gateway.intake import Intake, Limits
from gateway.processing import Processing
from gateway.queue import EmbeddedOutbox, RelayedOutbox
from gateway.store import Store

IDENTITY = Identity("an identity key for tests")
# Every process needs these; `pytest`, because it imports what was started as the main module.
_IMPORTED_ONCE = ["gateway.intake", "gateway.postgresql", "gateway.processing", "pytest"]
PATIENCE = 60.0  # seconds a round may take on a busy machine


@dataclass(frozen=True, slots=True)
class Told:
    """What one process told its citizen; or what went wrong in it."""

    kind: str
    number: str
    error: str = ""


class Racers:
    """As many gateways as processes, each with its own connections, its web side and its worker."""

    def __init__(self, of: Sequence[Connection]):
        self._of = of

    def race(self, messages: Sequence[InboundMessage], *, in_step: bool) -> list[Told]:
        """File one message a process, all at once, and work off until nothing is left.

        `in_step`: nobody works off before all have filed, so that the workers race; otherwise each
        begins when its own message is filed, and filing races with working off, too.
        """
        for racer, message in zip(self._of, messages, strict=True):
            racer.send((message, in_step))
        assert all(racer.poll(PATIENCE) for racer in self._of), "a process hangs"
        return [racer.recv() for racer in self._of]


@contextmanager
def racers(url: str, count: int) -> Iterator[Racers]:
    """Start processes on a migrated store; they end with the block."""
    context = multiprocessing.get_context("forkserver")  # forks no test
    context.set_forkserver_preload(_IMPORTED_ONCE)
    barrier, ours, processes = context.Barrier(count, timeout=PATIENCE), [], []
    for _ in range(count):
        here, there = context.Pipe()
        process = context.Process(target=_run, args=(url, barrier, there), daemon=True)
        process.start()
        there.close()
        ours.append(here)
        processes.append(process)
    try:
        yield Racers(ours)
    finally:
        for racer in ours:
            racer.close()
        for process in processes:
            process.join(PATIENCE)
        assert [process.exitcode for process in processes] == [0] * count


def _run(url: str, barrier: Barrier, orders: Connection) -> None:
    silent = structlog.make_filtering_bound_logger(logging.CRITICAL)
    structlog.configure(wrapper_class=silent)
    store = Store(url)
    intake = Intake(store, IDENTITY, limits=Limits(replies_a_day=1_000_000))
    processing = Processing(
        store,
        IDENTITY,
        EmbeddedOutbox() if url.startswith("sqlite") else RelayedOutbox(),
        public_url="https://lapor.example",
        clock=lambda: datetime.now(UTC),
        most_together=1,  # what one worker does together does not race
    )
    while True:
        try:
            message, in_step = orders.recv()
        except EOFError:
            return
        orders.send(_take_part(intake, processing, barrier, message, in_step=in_step))


def _take_part(
    intake: Intake,
    processing: Processing,
    barrier: Barrier,
    message: InboundMessage,
    *,
    in_step: bool,
) -> Told:
    try:
        barrier.wait()
        (receipt,) = intake.accept([message])
        if in_step:
            barrier.wait()
        while processing.run_once():
            pass
    except Exception as exc:  # noqa: BLE001 - the test shows it
        barrier.abort()
        return Told("", "", f"{type(exc).__name__}: {exc}")
    return Told(receipt.kind, str(receipt.number))
