"""A provider's HTTP side on loopback: remembers what it was asked, answers what it is told."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Request:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class SmsServer:
    """Answers in turn with `answers` (status, body, type), then always with the last of them.

    `delay` holds every answer back; `hang_up` closes without one after it was asked.
    """

    url: str = ""
    asked: list[Request] = field(default_factory=list)
    answers: deque[tuple[int, bytes, str]] = field(default_factory=deque)
    delay: float = 0.0
    hang_up: bool = False


@contextmanager
def sms_server(*answers: tuple[int, bytes, str]) -> Iterator[SmsServer]:
    """Serve until the end of the block."""
    state = SmsServer(answers=deque(answers))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            headers = {name.title(): value for name, value in self.headers.items()}
            state.asked.append(Request(self.path, headers, self.rfile.read(length)))
            time.sleep(state.delay)
            if state.hang_up:
                return
            kept = state.answers
            status, body, media_type = kept.popleft() if len(kept) > 1 else kept[0]
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            if status in {301, 302}:
                self.send_header("Location", f"{state.url}/elsewhere")
            with suppress(BrokenPipeError):  # who asked may be gone
                self.end_headers()
                self.wfile.write(body)

        do_GET = do_POST  # noqa: N815 - the library's name

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}).start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
