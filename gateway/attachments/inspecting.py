"""Has a file inspected in a child process, and survives whatever becomes of that."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import structlog

from channels.base import Overloaded
from gateway.attachments import verdicts

log = structlog.get_logger()
_ROOT = Path(__file__).parents[2]
_COMMAND = (sys.executable, "-m", "gateway.attachments.child")


@dataclass(frozen=True, slots=True)
class Inspected:
    """The verdict and, where the copy is to be kept, its media type."""

    verdict: str
    media_type: str | None = None


class Inspector:
    """Inspects a few files at once; as many more may be on their way, others hear Overloaded.

    Files must not take all the threads of a web worker: a text would wait behind them.
    """

    def __init__(self, *, at_once: int, patience: float, seconds: float = 20.0):
        self._free = threading.BoundedSemaphore(at_once)
        self._places = threading.BoundedSemaphore(2 * at_once)
        self._patience = patience
        self._seconds = seconds

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """Hold a place from a file's first byte to its last; raises Overloaded at once."""
        if not self._places.acquire(blocking=False):
            raise Overloaded("too many files are on their way")
        try:
            yield
        finally:
            self._places.release()

    def inspect(self, source: BinaryIO, target: BinaryIO) -> Inspected:
        """Have the source rewritten into the target; both are files, at their beginning."""
        if not self._free.acquire(timeout=self._patience):
            raise Overloaded("too many files are being inspected")
        try:
            return self._run(source, target)
        finally:
            self._free.release()

    def _run(self, source: BinaryIO, target: BinaryIO) -> Inspected:
        try:
            done = subprocess.run(  # noqa: S603 - our own module, no argument of anybody else
                _COMMAND,
                stdin=source,
                stdout=target,
                stderr=subprocess.PIPE,
                timeout=self._seconds,
                check=False,
                cwd=_ROOT,
                env={"OMP_NUM_THREADS": "1"},  # a parser that is taken over finds no secret
            )
        except subprocess.TimeoutExpired:
            log.warning("file_too_heavy", reason="time")
            return Inspected(verdicts.TOO_HEAVY)
        except OSError as exc:  # no process or memory left for a child
            raise Overloaded("no file can be inspected now") from exc
        if done.returncode < 0:  # killed by its limits, or by the kernel for the machine's sake
            log.warning("file_too_heavy", reason="killed", signal=-done.returncode)
            return Inspected(verdicts.TOO_HEAVY)
        if done.returncode:
            log.error("inspection_failed", returncode=done.returncode)
            raise Overloaded("the file could not be inspected now")
        return Inspected(**json.loads(done.stderr))
