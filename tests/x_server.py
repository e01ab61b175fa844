"""A small X on loopback: mentions, own posts and new posts, in the API's words, with its faults.

Speaks real HTTP to the real client. Posts are kept as the API shows them; what is asked is noted.
"""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

ACCOUNT = "1700000000000001708"
BEARER = "token-pembaca-percobaan"
BEGUN = datetime(2026, 11, 26, tzinfo=UTC)
DUPLICATE = "You are not allowed to create a Tweet with duplicate content."
REACHABLE = 800


def a_mention(post_id: int, text: str = "lampu jalan padam", **changed: Any) -> dict[str, Any]:
    """Build a mention as the API shows it; a second passes between one id and the next."""
    said = {
        "id": str(post_id),
        "text": f"@lapor1708 {text}",
        "author_id": "7001",
        "conversation_id": str(post_id),
        "created_at": f"{BEGUN + timedelta(seconds=post_id):%Y-%m-%dT%H:%M:%S}.000Z",
        "edit_history_tweet_ids": [str(post_id)],
        "entities": {"mentions": [{"start": 0, "end": 10, "username": "lapor1708", "id": ACCOUNT}]},
    }
    return said | changed


@dataclass(frozen=True)
class Fault:
    """What happens to one request instead of, or after, doing it."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b'{"title": "fault", "status": 0}'
    hang: float = 0.0  # seconds without a word
    done: bool = False  # whether what was asked is done all the same


@dataclass
class X:
    """The state of the service. `faults` are met by the next requests, one each."""

    url: str = ""
    mentions: list[dict[str, Any]] = field(default_factory=list)
    own: list[dict[str, Any]] = field(default_factory=list)
    includes: dict[str, Any] = field(default_factory=dict)
    faults: deque[Fault | None] = field(default_factory=deque)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    remaining: int = 450
    per_page: int = 100
    before_page: Callable[[X], None] | None = None
    lock: threading.RLock = field(default_factory=threading.RLock)

    def settings(self, **more: Any) -> dict[str, Any]:
        """Give the settings of a source that talks to this server."""
        return {
            "source": "twitter",
            "public_url": "https://lapor.example",
            "consumer_secrets": ["rahasia-x-percobaan"],
            "account_id": ACCOUNT,
            "bearer_token": BEARER,
            "api_url": self.url,
            "timeout_seconds": 2.0,
            "poll_seconds": 1.0,
        } | more

    def asked_for(self, path: str) -> list[dict[str, str]]:
        with self.lock:
            return [parameters for _, asked, parameters in self.asked if asked.endswith(path)]

    # --- what is answered ----------------------------------------------------------------

    def answer(
        self, method: str, path: str, parameters: dict[str, str], body: Any
    ) -> tuple[int, Any]:
        if method == "GET" and path == f"/2/users/{ACCOUNT}/mentions":
            if self.before_page:
                self.before_page(self)
            return 200, self._page(self.mentions, parameters)
        if method == "GET" and path == f"/2/users/{ACCOUNT}/tweets":
            return 200, self._page(self.own, parameters)
        if method == "POST" and path == "/2/tweets":
            return self._create(body)
        return 404, {"title": "Not Found Error", "status": 404}

    def _page(self, posts: list[dict[str, Any]], parameters: dict[str, str]) -> dict[str, Any]:
        newest_first = sorted(posts, key=lambda post: int(post["id"]), reverse=True)[:REACHABLE]
        since = parameters.get("start_time", "")[:19]
        wanted = [post for post in newest_first if post["created_at"][:19] >= since]
        token = parameters.get("pagination_token", "")
        if token:  # a token names the youngest id that was not shown yet, as a cursor does
            wanted = [post for post in wanted if int(post["id"]) <= int(token.removeprefix("p"))]
        size = min(int(parameters.get("max_results", 10)), self.per_page)
        shown, rest = wanted[:size], wanted[size:]
        meta: dict[str, Any] = {"result_count": len(shown)}
        if rest:
            meta["next_token"] = f"p{rest[0]['id']}"
        if not shown:
            return {"meta": meta}
        return {"data": shown, "includes": self.includes, "meta": meta}

    def _create(self, body: Any) -> tuple[int, Any]:
        text = body["text"]
        if any(post["text"].removeprefix("@warga ") == text for post in self.own):
            return 403, {"detail": DUPLICATE, "type": "about:blank", "title": "Forbidden"}
        answered = body.get("reply", {}).get("in_reply_to_tweet_id")
        post = a_mention(9_000_000 + len(self.own), author_id=ACCOUNT) | {
            "text": f"@warga {text}" if answered else text,
            "created_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}.000Z",
            "referenced_tweets": [{"type": "replied_to", "id": answered}] if answered else [],
        }
        self.own.append(post)
        return 201, {"data": {"id": post["id"], "text": post["text"], "edit_history_tweet_ids": []}}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    x: X

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def _serve(self, method: str) -> None:
        x = self.x
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urlsplit(self.path)
        parameters = {name: values[0] for name, values in parse_qs(path.query).items()}
        with x.lock:
            x.asked.append((method, path.path, parameters))
            fault = x.faults.popleft() if x.faults else None
            authorised = self._is_authorised(method)
            if fault is None or fault.done:
                status, told = (
                    x.answer(method, path.path, parameters, json.loads(body or b"null"))
                    if authorised
                    else (401, {"title": "Unauthorized", "status": 401})
                )
                x.remaining -= 1
        if fault is not None:
            self._fail(fault)
            return
        headers = {"x-rate-limit-limit": "450", "x-rate-limit-remaining": str(x.remaining)}
        headers["x-rate-limit-reset"] = str(int(time.time()) + 900)
        self._send(status, headers, json.dumps(told).encode())

    def _is_authorised(self, method: str) -> bool:
        given = self.headers.get("Authorization", "")
        return given.startswith("OAuth ") or (method == "GET" and given == f"Bearer {BEARER}")

    def _fail(self, fault: Fault) -> None:
        if fault.hang:
            time.sleep(fault.hang)
        if not fault.status:
            self.close_connection = True
            return
        self._send(fault.status, fault.headers, fault.body)

    def _send(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        try:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True  # whoever asked has gone


@contextmanager
def x_server() -> Iterator[X]:
    """Serve on a port of this machine until the block ends."""
    x = X()
    handler = type("Handler", (_Handler,), {"x": x})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    x.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield x
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
