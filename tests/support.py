"""Builders and real processes for the tests."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator

from channels.base import InboundMessage, RawInbound, Sender
from config.settings import Settings, load
from gateway.store import Store

ROOT = Path(__file__).parent.parent
NOW = datetime(2026, 11, 21, 3, 4, 5, tzinfo=UTC)
PHONE = "+6281234500017"  # invented, like every number here
LAPOR = [sys.executable, "-m", "gateway.cli"]


def need(program: str) -> str:
    """Give the path of a program; without it skip, or fail where CI promises it."""
    found = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/usr/lib/kannel/test")
    if found is None:
        said = f"{program} is not installed; `make test` as root on Debian installs it"
        if os.environ.get("CI") == "true":
            pytest.fail(said)
        pytest.skip(said)
    return found


def a_message(text: str = "Jalan berlubang di depan pasar", **changed: Any) -> InboundMessage:
    """Build an SMS as a channel decodes it."""
    given: dict[str, Any] = {
        "source": "kannel",
        "channel": "sms",
        "provider": "kannel",
        "provider_id": str(uuid.uuid4()),
        "sender": Sender("tel", PHONE, proven=True),
        "text": text,
        "received_at": NOW,
    }
    return InboundMessage(**(given | changed))


def a_request(
    method: str = "POST",
    path: str = "/in/kannel",
    query: bytes = b"",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> RawInbound:
    """Build a request as received."""
    return RawInbound(method, path, query, tuple((headers or {}).items()), body, "127.0.0.1", NOW)


def free_port() -> int:
    """Find a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(holds, within: float = 15.0, every: float = 0.05) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, f"not within {within} s"
        time.sleep(every)


@dataclass
class Answer:
    """An HTTP answer."""

    status: int
    body: bytes
    headers: Mapping[str, str]

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class RealGateway:
    """The real commands, in processes of their own, on a folder of their own."""

    var: Path
    port: int
    environment: dict[str, str] = field(repr=False)  # may hold secrets of the machine
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @cached_property
    def settings(self) -> Settings:
        return load(self.environment)

    @property
    def store_path(self) -> Path:
        return self.var / "lapor.db"

    @property
    def queue_url(self) -> str:
        return self.settings.queue_url

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the store itself."""
        store = Store(self.settings.store_url)
        try:
            with store.read() as connection:
                return [tuple(row) for row in connection.exec_driver_sql(sql)]
        finally:
            store.close_engine()

    def log_of(self, name: str) -> str:
        return (self.var / f"{name}.log").read_text()

    def start(self, *commands: str, name: str | None = None) -> subprocess.Popen[bytes]:
        """Start `lapor <commands>` in the background; its output goes to <var>/<name>.log."""
        of = name or commands[0]
        with (self.var / f"{of}.log").open("ab") as log:
            process = subprocess.Popen(
                [*LAPOR, *commands],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.processes[of] = process
        return process

    def serve(self) -> subprocess.Popen[bytes]:
        """Start the web side and wait until it answers."""
        process = self.start("serve")
        wait_until(self.is_alive, within=30)
        return process

    def run(self, *arguments: str, expect: int = 0) -> str:
        """Run a command to its end and give what it printed."""
        done = subprocess.run(
            [*LAPOR, *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == expect, done.stdout + done.stderr
        return done.stdout + done.stderr

    def is_alive(self) -> bool:
        try:
            return self.get("/livez").status == 200
        except (OSError, http.client.HTTPException):
            return False

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self.request("GET", path, b"", headers or {})

    def request(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            return Answer(answer.status, answer.read(), dict(answer.getheaders()))
        finally:
            connection.close()

    def sms(
        self, text: str, *, sender: str = PHONE, sid: str | None = None, media: Sequence[str] = ()
    ) -> Answer:
        """Deliver an SMS as Twilio does, signed; `media` are addresses of pictures."""
        body, headers = self.signed_sms(text, sender=sender, sid=sid, media=media)
        return self.request("POST", "/in/twilio", body, headers)

    def signed_sms(
        self, text: str, *, sender: str = PHONE, sid: str | None = None, media: Sequence[str] = ()
    ) -> tuple[bytes, dict[str, str]]:
        form = {
            "MessageSid": sid or f"SM{uuid.uuid4().hex}",
            "From": sender,
            "To": "1708",
            "Body": text,
            "NumMedia": str(len(media)),
        }
        for place, of in enumerate(media):
            form |= {f"MediaUrl{place}": of, f"MediaContentType{place}": "image/jpeg"}
        settings = self.settings
        token = settings.sources["twilio"].settings["auth_tokens"][0]
        url = f"{settings.public_url}/in/twilio"
        return urlencode(form).encode(), {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": RequestValidator(token).compute_signature(url, form),
        }

    def kannel(
        self, text: str, *, sender: str = PHONE, sms_id: str | None = None, udh: bytes = b""
    ) -> Answer:
        """Deliver an SMS as Kannel does; with a user data header, a part that nobody joined."""
        query = {
            "token": self.settings.sources["kannel"].settings["tokens"][0],
            "id": sms_id or str(uuid.uuid4()),
            "from": sender,
            "to": "1708",
            "ts": "1795304263",
            "coding": "0",
            "charset": "UTF-8",
            "udh": udh,
        }
        headers = {"Content-Type": 'text/plain; charset="UTF-8"'}
        return self.request("POST", f"/in/kannel?{urlencode(query)}", text.encode(), headers)

    def file(self, complaint: Mapping[str, Any], key: str | None = None) -> Answer:
        """File a complaint as the app does."""
        headers = {"Content-Type": "application/json"}
        if key is not None:
            headers["Idempotency-Key"] = key
        return self.request("POST", "/v1/complaints", json.dumps(complaint).encode(), headers)

    def stop(self) -> None:
        for process in self.processes.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.processes.clear()


@contextmanager
def real_gateway(var: Path, **environment: str) -> Iterator[RealGateway]:
    """Migrate a fresh store and hand out the commands; stops what was started."""
    var.mkdir(parents=True, exist_ok=True)
    port = free_port()
    env = {key: value for key, value in os.environ.items() if not key.startswith("LAPOR_")}
    env |= {"LAPOR_VAR_DIR": str(var), "PORT": str(port), "WEB_CONCURRENCY": "2", **environment}
    gateway = RealGateway(var, port, env)
    gateway.run("migrate")
    try:
        yield gateway
    finally:
        gateway.stop()
