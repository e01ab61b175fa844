"""Success only after the commit is on disk, as the kernel saw it."""

from __future__ import annotations

import subprocess
import time

import psutil
import pytest
from support import need, wait_until


@pytest.mark.slow
def test_the_commit_is_synced_before_the_answer_is_sent(gateway, tmp_path):
    strace = need("strace")
    gateway.environment["WEB_CONCURRENCY"] = "1"
    gateway.serve()
    (worker,) = psutil.Process(gateway.processes["serve"].pid).children()
    trace = tmp_path / "trace"
    calls = "trace=fsync,fdatasync,sendto,write,writev,pwrite64"
    tracer = subprocess.Popen(
        [strace, "-f", "-y", "-s", "300", "-e", calls, "-o", str(trace), "-p", str(worker.pid)],
        stderr=subprocess.PIPE,
    )
    with tracer:
        assert b"attached" in tracer.stderr.readline()
        text = "Jembatan gantung putus"
        for _ in range(3):
            assert gateway.sms(f"{text} {time.time()}").status == 200
        wait_until(lambda: trace.read_text().count("HTTP/1.1 200") >= 3)
        tracer.terminate()
    lines = trace.read_text().splitlines()
    answers = [n for n, line in enumerate(lines) if "HTTP/1.1 200" in line]
    assert len(answers) == 3
    before = 0
    for answer in answers:
        steps = lines[before:answer]
        written = [n for n, line in enumerate(steps) if "pwrite64" in line and "-wal>" in line]
        synced = [n for n, line in enumerate(steps) if "sync(" in line and "-wal>" in line]
        assert written, "the answer came without anything written"
        assert synced, "the answer came without a sync"
        assert synced[-1] > written[-1], "something was written after the last sync"
        before = answer
