"""Citizens who send photos, through the app and the form, and never give up."""

from __future__ import annotations

import hashlib
import http.client
import io
import re
import time
import uuid
from collections import deque
from dataclasses import dataclass, field
from urllib.parse import urlencode

from load import Load
from pausable import Ended, Pausable
from PIL import Image
from support import Answer, RealGateway
from urllib3 import encode_multipart_formdata

SENT = 1_500_000  # bytes of a photo: long enough on its way to be killed there
KIND_WORDS = ("Lampiran belum dapat disimpan; coba lagi nanti", "Sistem sedang sibuk")
TYPED = {
    "title": "Lampu jalan padam",
    "incident_date": "2026-01-15",
    "incident_location": "Jalan Melati, Sukamaju",
}


@dataclass
class Told:
    """What was acknowledged: contents the app was given, numbers of forms with one photo each."""

    contents: deque[str] = field(default_factory=deque)
    forms: deque[str] = field(default_factory=deque)


def photo(number: int) -> bytes:
    out = io.BytesIO()
    scene = Image.effect_noise((320, 240), 60).convert("RGB")
    scene.paste((number % 256, number // 256 % 256, 0), (0, 0, 32, 32))
    scene.save(out, "JPEG")
    return out.getvalue() + bytes(SENT - out.tell())


def upload(gateway: RealGateway, sent: bytes) -> Answer:
    headers = {"Content-Type": "image/jpeg"}
    return gateway.request("POST", "/v1/attachments?name=foto.jpg", sent, headers)


def read(gateway: RealGateway, content: str) -> Answer:
    """Read a file as a consumer with a key does."""
    key = gateway.settings.consumers["local"][0]
    return gateway.get(f"/v1/attachments/{content}", {"Authorization": f"Bearer {key}"})


def is_whole(answer: Answer, content: str) -> bool:
    return answer.status == 200 and hashlib.sha256(answer.body).hexdigest() == content


def fill(gateway: RealGateway, text: str, *photos: bytes) -> Answer:
    """Open the form and take its first step; a 200 has the draft's token and the cookie."""
    start = gateway.get("/")
    token = re.search(rb'name="draft" value="([^"]+)"', start.body)
    if start.status != 200 or token is None:
        return _with_time(start)
    cookie = start.headers["Set-Cookie"].partition(";")[0]
    fields = {**TYPED, "body": text, "draft": token[1].decode(), "langkah": "periksa"}
    files = [("attachments", (f"{n}.jpg", sent, "image/jpeg")) for n, sent in enumerate(photos)]
    body, kind = encode_multipart_formdata([*fields.items(), *files])
    answer = gateway.request("POST", "/laporan", body, {"Content-Type": kind, "Cookie": cookie})
    if answer.status == 303:
        return Answer(200, b" ".join((token[1], cookie.encode())), {})
    return _with_time(answer)


def confirm(gateway: RealGateway, token: str, cookie: str) -> Answer:
    """Press "Kirim laporan"; a 200 has the number."""
    body = urlencode({"draft": token, "langkah": "kirim"}).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
    answer = gateway.request("POST", "/laporan", body, headers)
    if answer.status == 303:
        return Answer(200, answer.headers["Location"].encode(), {})
    return _with_time(answer)


def _with_time(answer: Answer) -> Answer:
    """Take a page that asks kindly to come again for what it is."""
    if answer.status in (422, 503) and any(of.encode() in answer.body for of in KIND_WORDS):
        return Answer(503, answer.body, {"Retry-After": "1"})
    return answer


class Citizen(Pausable):
    """Files one report with a photo after the other, and reads as a ministry what came of it."""

    def __init__(self, load: Load, told: Told, index: int, *, by_form: bool):
        super().__init__(pause=0.05)
        self.name = f"citizen {index}"
        self._load, self._told, self._next = load, told, index * 10_000
        self._by_form = by_form
        self.start()

    def step(self) -> None:
        self._next += 1
        sent, text = photo(self._next), f"Lampu ke-{self._next} padam sejak {uuid.uuid4()}."
        (self._fill if self._by_form else self._file)(sent, text)

    def _file(self, sent: bytes, text: str) -> None:
        gateway = self._load.gateway
        answer = self._load.deliver(str(uuid.uuid4()), lambda: upload(gateway, sent))
        stored = Answer(201, answer, {}).json()
        complaint = {**TYPED, "body": text, "attachments": [stored["id"]]}
        key = str(uuid.uuid4())
        self._load.file(key, lambda: gateway.file(complaint, key), by_app=True)
        self._told.contents.append(stored["sha256"])
        self._read(stored["sha256"])

    def _fill(self, sent: bytes, text: str) -> None:
        gateway = self._load.gateway
        step = self._load.deliver(str(uuid.uuid4()), lambda: fill(gateway, text, sent))
        token, cookie = step.decode().split()
        number = self._load.file(token, lambda: confirm(gateway, token, cookie), by_app=True)
        self._told.forms.append(number)

    def _read(self, content: str) -> None:
        """Read until it is there; what is there is whole."""
        while not self._ends.is_set():
            try:
                answer = read(self._load.gateway, content)
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
                continue
            if answer.status != 503:
                if not is_whole(answer, content):
                    self._load.wrong.append(f"{answer.status} for a file, or half of it")
                return
            time.sleep(0.05)
        raise Ended
