"""The disk fills up under load, and is freed again."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from support import wait_until


def fill(path) -> None:
    with suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(b"\0" * 65536)
    with suppress(OSError), path.open("ab", buffering=0) as file:
        while True:
            file.write(b"\0" * 512)


@pytest.mark.slow
@pytest.mark.parametrize("installation", ["small disk"], indirect=True)
def test_a_full_disk_is_told_and_nothing_acknowledged_is_lost(installation, trial):
    gateway, filler = installation.gateway, installation.gateway.var / "filler"
    before = installation.pids()
    with trial("disk full", long=5) as under_load:
        for _ in under_load.times():
            full = time.monotonic()
            try:
                fill(filler)
                wait_until(lambda since=full: "503" in under_load.refusals(since), within=20)
                wait_until(lambda: gateway.get("/readyz").status == 503, within=5)
                assert gateway.get("/livez").status == 200
                time.sleep(1)
            finally:
                filler.unlink()
            since = time.monotonic()
            under_load.recovered(since)
            assert gateway.get("/readyz").status == 200
            assert set(under_load.refusals(full)) == {"503"}
            assert installation.is_up()
            assert installation.pids() == before
