"""`lapor demo`: one sample through every door, as its provider would send it."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from twilio.request_validator import RequestValidator

from config.settings import Settings, load
from gateway import demo_x, eventlog
from gateway.assembly import utc_now
from gateway.demo_web import Browser
from gateway.store import Store

START_WITHIN = 30.0  # seconds
PROCESSED_WITHIN = 10.0  # seconds
PHONE = "+6281234500017"  # invented
OTHER_PHONE = "+6285712300021"  # invented


@dataclass(frozen=True, slots=True)
class Step:
    """One request, what it shows, and the answer."""

    title: str
    sent: str
    status: int
    answer: str
    number: str | None = None


class Demo:
    """Talks to one running gateway through its public routes only."""

    def __init__(self, settings: Settings, port: int):
        self._settings = settings
        self._port = port
        # Told apart from the run before: the same words would be a repeat.
        self._mark = time.strftime("%H.%M.%S")

    def steps(self) -> Iterator[Step]:
        """Send everything, in an order that tells the story."""
        first = None
        for name, source in self._settings.sources.items():
            if source.adapter == "sms.kannel":
                text = f"Jalan berlubang di depan SDN 2 Sukamaju, sudah 3 minggu ({self._mark})"
                first = self._kannel(name, text, "An SMS to 1708, delivered by Kannel")
                yield first
                yield self._kannel(name, text, "The same words again while it is in process")
                if first.number:
                    yield self._kannel(name, f"cek {first.number}", "The farmer asks how it stands")
            elif source.adapter == "sms.twilio":
                text = f"Lampu penyeberangan di Jalan Melati padam ({self._mark})"
                yield self._twilio(name, text)
            elif source.adapter == "app":
                yield self._app(name)
            elif source.adapter == "twitter":
                yield self._twitter(name)
        yield self._web()

    def told_back(self, number: str) -> Iterator[Step]:
        """Tell as a consumer how a complaint stands, and ask as the farmer."""
        keys = [keys[0] for keys in self._settings.consumers.values() if keys]
        if keys:
            told = {
                "id": str(uuid.uuid4()),
                "sequence": time.time_ns() // 1_000_000,
                "status": "in_progress",
                "at": utc_now().isoformat(),
            }
            headers = {"Content-Type": "application/json", "Authorization": f"Bearer {keys[0]}"}
            path = f"/v1/complaints/{number}/status"
            status, body = self._post(path, json.dumps(told).encode(), headers)
            yield Step(
                "A consumer tells how it stands", "status: in_progress", status, body, number
            )
        for name, source in self._settings.sources.items():
            if source.adapter == "sms.kannel":
                yield self._kannel(name, f"cek {number}", "The farmer asks again")

    def _kannel(self, name: str, text: str, title: str) -> Step:
        query = {
            "token": _first(self._settings.sources[name].settings["tokens"]),
            "id": str(uuid.uuid4()),
            "from": PHONE,
            "to": "1708",
            "ts": str(int(time.time())),
            "coding": "0",
            "charset": "UTF-8",
        }
        headers = {"Content-Type": 'text/plain; charset="UTF-8"'}
        path = f"/in/{quote(name)}?{urlencode(query)}"
        status, body = self._post(path, text.encode(), headers)
        return Step(title, text, status, body, _number_in(body))

    def _twilio(self, name: str, text: str) -> Step:
        form = {
            "MessageSid": f"SM{uuid.uuid4().hex}",
            "From": OTHER_PHONE,
            "To": "1708",
            "Body": text,
            "NumMedia": "0",
        }
        path = f"/in/{quote(name)}"
        token = _first(self._settings.sources[name].settings["auth_tokens"])
        signature = RequestValidator(token).compute_signature(
            f"{self._settings.public_url}{path}", form
        )
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": signature,
        }
        status, body = self._post(path, urlencode(form).encode(), headers)
        return Step("An SMS through Twilio, signed", text, status, body, _number_in(body))

    def _twitter(self, name: str) -> Step:
        """Push a signed event, and tell what would be posted: X hears nothing but a 200."""
        text, key, body, headers = demo_x.mention(self._settings.sources[name].settings, self._mark)
        status, _ = self._post(f"/in/{quote(name)}", body, headers)
        said, number = demo_x.reply_to(Store(self._settings.store_url), name, key)
        return Step("A mention on X, and the reply it would post", text, status, said, number)

    def _app(self, name: str) -> Step:
        complaint = {
            "title": "Antrean layanan KTP terlalu lama",
            "body": f"Antre sejak pukul tujuh, loket baru dibuka pukul sepuluh ({self._mark}).",
            "incident_date": time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86400)),
            "incident_location": "Kantor Kecamatan Sukamaju",
            "anonymous": True,
        }
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
        tokens: Any = self._settings.sources[name].settings.get("tokens")
        if tokens:
            headers["Authorization"] = f"Bearer {_first(next(iter(tokens.values())))}"
        status, body = self._post("/v1/complaints", json.dumps(complaint).encode(), headers)
        number = json.loads(body).get("number")
        return Step("A complaint from the app, anonymous", complaint["title"], status, body, number)  # type: ignore[arg-type]

    def _web(self) -> Step:
        typed = {
            "classification": "complaint",
            "title": "Air PDAM keruh",
            "body": f"Air keran keruh dan berbau sejak tiga hari ({self._mark}).",
            "incident_date": time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86400)),
            "incident_location": "Perumahan Melati, Sukamaju",
            "confidential": "ya",
        }
        browser = Browser(self._port, self._settings.form.least_seconds)
        status, where = browser.send(typed)
        number = next(iter(where.split("/")[2:3]), None)
        title = "A complaint from the web form, confidential"
        return Step(title, typed["title"], status, where, number)

    def _post(self, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=15)
        try:
            connection.request("POST", path, body, dict(headers))
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def published(self, numbers: list[str]) -> list[dict[str, Any]]:
        """Wait until processing has published these numbers, and give their events."""
        store = Store(self._settings.store_url)
        deadline = time.monotonic() + PROCESSED_WITHIN
        while True:
            events = [event for number in numbers for event in eventlog.read(store, number)]
            if len(events) >= len(numbers) or time.monotonic() > deadline:
                return events
            time.sleep(0.1)


@contextmanager
def running_gateway(settings: Settings) -> Iterator[tuple[Settings, int]]:
    """Give the gateway on PORT, or a private one that is started here and stopped again."""
    if is_alive(settings.web.port):
        yield settings, settings.web.port
        return
    folder = Path(tempfile.mkdtemp(prefix="lapor-demo-"))
    port = _free_port()
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("LAPOR_")},
        "LAPOR_VAR_DIR": str(folder),
        "PORT": str(port),
        "WEB_CONCURRENCY": "1",
    }
    lapor = [sys.executable, "-m", "gateway.cli"]
    processes: list[subprocess.Popen[bytes]] = []
    try:
        subprocess.run([*lapor, "migrate"], env=environment, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
        processes = [
            subprocess.Popen([*lapor, command], env=environment, stdout=subprocess.DEVNULL)  # noqa: S603 - our own commands
            for command in ("serve", "work")
        ]
        deadline = time.monotonic() + START_WITHIN
        while not is_alive(port):
            if time.monotonic() > deadline:
                raise TimeoutError("the private gateway did not start")
            time.sleep(0.1)
        yield load(environment), port
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=40)
        shutil.rmtree(folder)


def is_alive(port: int) -> bool:
    """Tell whether a gateway answers on a port of this machine."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/livez")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _first(values: Any) -> str:
    return str(values[0])


def _number_in(answer: str) -> str | None:
    words = (word.strip(".<>/") for word in answer.split())
    return next((word for word in words if len(word) == 12 and word.count("-") == 2), None)  # noqa: PLR2004 - XXXX-XXX-XXX
