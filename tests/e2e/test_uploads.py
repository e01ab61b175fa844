"""Fifty photos at once, as large as they may be: taken, or told to come again; nothing is lost."""

from __future__ import annotations

import hashlib
import io
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from PIL import Image
from services import s3
from support import real_gateway

KEY = "kunci-kementerian-percobaan"
LARGEST = 2_097_152
MANY = 50
MOST_GROWTH = 64 * 1024 * 1024
_PAGE = os.sysconf("SC_PAGE_SIZE")
COMPLAINT = {
    "body": "Lampu jalan di depan pasar padam sejak seminggu lalu.",
    "incident_date": "2026-11-15",
    "incident_location": "Jalan Melati, Sukamaju",
}


@pytest.fixture(params=["gthread", "gevent"])
def worker_class(request):
    return request.param


@pytest.fixture
def gateway(worker_class, request, tmp_path):
    """Two web processes of either kind, and a consumer's key."""
    config = tmp_path / "settings.toml"
    config.write_text(
        f'[web]\nworker_class = "{worker_class}"\n[consumers.kementerian]\nkeys = ["{KEY}"]\n'
    )
    where = getattr(request, "param", dict)()
    with real_gateway(tmp_path / "var", LAPOR_CONFIG=str(config), **where) as running:
        running.serve()
        yield running


def in_s3():
    return {**s3().environment, "LAPOR_ATTACHMENTS_URL": f"s3://{s3().make_bucket()}/lapor"}


def photos(count):
    """Make photos of no scene, each another, filled up to the last byte a file may have."""
    made = io.BytesIO()
    Image.effect_noise((1600, 1200), 60).convert("RGB").save(made, "JPEG", quality=80)
    with Image.open(made) as scene:
        for number in range(count):
            photo, out = scene.copy(), io.BytesIO()
            photo.paste((number, 0, 0), (0, 0, 64, 64))
            photo.save(out, "JPEG", quality=80)
            assert out.tell() <= LARGEST
            yield out.getvalue() + bytes(LARGEST - out.tell())


def upload(gateway, photo):
    headers = {"Content-Type": "image/jpeg"}
    return gateway.request("POST", "/v1/attachments?name=foto.jpg", photo, headers)


def resident(processes):
    """Add up what is in memory of these processes, in bytes."""
    return sum(
        int(Path(f"/proc/{of.pid}/statm").read_text().split()[1]) * _PAGE for of in processes
    )


class Watch(threading.Thread):
    """Looks again and again how much memory the web processes have."""

    def __init__(self, gateway):
        super().__init__()
        master = psutil.Process(gateway.processes["serve"].pid)
        self._web = [master, *master.children()]
        self._ends = threading.Event()
        self.before = self.peak = resident(self._web)

    def run(self):
        while not self._ends.wait(0.02):
            self.peak = max(self.peak, resident(self._web))

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self._ends.set()
        self.join()


def is_read_back(gateway, number, stored):
    """Claim an upload, and read it as a consumer with a key does."""
    named = COMPLAINT | {"title": f"Lampu {number} padam", "attachments": [stored["id"]]}
    assert gateway.file(named, f"kunci-{number}").status == 201
    headers = {"Authorization": f"Bearer {KEY}"}
    got = gateway.get(f"/v1/attachments/{stored['sha256']}", headers)
    return got.status == 200 and hashlib.sha256(got.body).hexdigest() == stored["sha256"]


def test_fifty_photos_at_once_are_taken_or_told_to_come_again(gateway):
    sent = list(photos(MANY))
    with ThreadPoolExecutor(4) as pool:  # what every process loads once is no growth
        assert {a.status for a in pool.map(lambda photo: upload(gateway, photo), sent[:4])} == {201}
    with Watch(gateway) as memory, ThreadPoolExecutor(MANY) as pool:
        answers = list(pool.map(lambda photo: upload(gateway, photo), sent))
    taken = [answer.json() for answer in answers if answer.status == 201]
    refused = [answer for answer in answers if answer.status != 201]
    print({"taken": len(taken), "refused": len(refused), "growth": memory.peak - memory.before})
    assert {answer.status for answer in refused} <= {503}
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in refused)
    assert len(taken) >= 4
    assert memory.peak - memory.before <= MOST_GROWTH
    for number, stored in enumerate(taken):
        assert is_read_back(gateway, number, stored)


@pytest.mark.parametrize("gateway", [in_s3], indirect=True)
def test_files_go_to_a_bucket_and_back(gateway):
    for number, photo in enumerate(photos(2)):
        answer = upload(gateway, photo)
        assert answer.status == 201, answer.body
        assert is_read_back(gateway, number, answer.json())
