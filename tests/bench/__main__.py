"""`make bench`: accept against the floor, both under the same gunicorn, in one run.

The figures that count are ratios within a run: these machines differ by a factor of three from
day to day. Interleaved rounds, medians. CPU is what the server's processes used for a request.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import psutil
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from twilio.request_validator import RequestValidator

sys.path.insert(0, str(Path(__file__).parent.parent))
from support import ROOT, RealGateway, need, real_gateway, wait_until

CONNECTIONS = {"gthread": 32, "gevent": 128}
MARKS = {"gthread": 0.18, "gevent": 0.28}
URL = "http://bench.example"
SENDERS = 5000
# Answers other than success would make a failing server look fast: wrk counts them for us.
SCRIPT = """
local lines, count = {}, 0
for line in io.lines("FORMS") do lines[#lines + 1] = line end
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
request = function()
  count = count + 1
  local signature, body = lines[count]:match("^(%S+) (.*)$")
  wrk.headers["X-Twilio-Signature"] = signature
  return wrk.format(nil, nil, nil, body)
end
"""


@dataclass(frozen=True)
class Round:
    """One measurement. `cpu` is microseconds of the server's processes for a request."""

    rate: float
    cpu: float
    p50: float
    p99: float


@dataclass
class Server:
    """A started server, and what is known of it."""

    name: str
    gateway: RealGateway
    process: subprocess.Popen[bytes]
    started_in: float

    def workers(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children()

    def cpu_seconds(self) -> float:
        return sum(sum(worker.cpu_times()[:2]) for worker in self.workers())

    def memory(self) -> float:
        return max(worker.memory_full_info().uss for worker in self.workers()) / 2**20


def main() -> None:
    arguments = argparse.ArgumentParser(prog="make bench", description=__doc__)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=int, default=5)
    arguments.add_argument("--workers", nargs="*", default=list(CONNECTIONS), metavar="CLASS")
    given = arguments.parse_args()
    wrk = need("wrk")
    console = Console()
    missed = False
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("measuring", total=2 * given.rounds * len(given.workers))
        for worker_class in given.workers:
            with started("floor", worker_class) as floor, started("accept", worker_class) as accept:
                rounds: dict[str, list[Round]] = {"floor": [], "accept": []}
                for number in range(given.rounds):
                    for server in (floor, accept):
                        rounds[server.name].append(
                            measure(wrk, server, worker_class, given.seconds, number)
                        )
                        progress.advance(task)
                missed |= report(console, worker_class, rounds, floor, accept)
                check_nothing_lost(accept)
    sys.exit(missed)


@contextmanager
def started(name: str, worker_class: str) -> Iterator[Server]:
    """Start the gateway, or the floor under the gateway's own gunicorn configuration."""
    with tempfile.TemporaryDirectory(prefix="lapor-bench-") as folder:
        config = Path(folder) / "settings.toml"
        config.write_text(
            f'public_url = "{URL}"\n[web]\nworker_class = "{worker_class}"\n'
            "[intake]\nreplies_a_day = 1000000\n"
        )
        with real_gateway(Path(folder) / "var", LAPOR_CONFIG=str(config)) as gateway:
            conf = str(ROOT / "config" / "gunicorn.conf.py")
            app = "gateway.wsgi:app" if name == "accept" else "tests.bench.floor:app"
            before = time.monotonic()
            process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "-c", conf, app],
                cwd=ROOT,
                env=gateway.environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            gateway.processes[name] = process
            wait_until(gateway.is_alive, within=30, every=0.02)
            yield Server(name, gateway, process, time.monotonic() - before)


def measure(wrk: str, server: Server, worker_class: str, seconds: int, number: int) -> Round:
    """Send distinct signed SMS for some seconds from one wrk thread."""
    with tempfile.TemporaryDirectory(prefix="lapor-bench-") as folder:
        script = Path(folder) / "post.lua"
        forms = Path(folder) / "forms"
        write_forms(server.gateway, forms, seconds * 6000, number)
        script.write_text(SCRIPT.replace("FORMS", str(forms)))
        connections = CONNECTIONS[worker_class]
        before = server.cpu_seconds()
        done = subprocess.run(
            [
                wrk,
                "-t1",
                f"-c{connections}",
                f"-d{seconds}s",
                "--latency",
                "--timeout",
                "10s",
                "-s",
                str(script),
                f"http://127.0.0.1:{server.gateway.port}/in/twilio",
            ],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        used = server.cpu_seconds() - before
    if "Non-2xx" in done or "Socket errors" in done:
        raise SystemExit(f"{server.name}: not every answer was a success\n{done}")
    requests = int(_found(r"(\d+) requests in", done))
    return Round(
        rate=float(_found(r"Requests/sec:\s+([\d.]+)", done)),
        cpu=used / requests * 1e6,
        p50=_milliseconds(_found(r"\n\s+50%\s+(\S+)", done)),
        p99=_milliseconds(_found(r"\n\s+99%\s+(\S+)", done)),
    )


def write_forms(gateway: RealGateway, path: Path, count: int, number: int) -> None:
    """Write distinct messages, signed as Twilio signs them. wrk must never run out of them."""
    validator = RequestValidator(gateway.settings.sources["twilio"].settings["auth_tokens"][0])
    with path.open("w") as file:
        for index in range(count):
            form = {
                "ToCountry": "ID",
                "SmsStatus": "received",
                "NumMedia": "0",
                "NumSegments": "1",
                "AccountSid": "AC" + "0" * 32,
                "ApiVersion": "2010-04-01",
                "MessageSid": f"SM{number:08x}{index:024x}",
                "From": f"+62812{(index % SENDERS):08d}",
                "To": "1708",
                "Body": f"Jalan berlubang di depan SDN {index} Sukamaju, sudah {number} minggu.",
            }
            signature = validator.compute_signature(f"{URL}/in/twilio", form)
            file.write(f"{signature} {urlencode(form)}\n")


def report(
    console: Console,
    worker_class: str,
    rounds: dict[str, list[Round]],
    floor: Server,
    accept: Server,
) -> bool:
    """Print a table; tells whether the mark was missed."""
    of = {
        name: Round(*(statistics.median(v) for v in zip(*map(_values, all_of), strict=True)))
        for name, all_of in rounds.items()
    }
    table = Table(title=f"{worker_class}, 2 processes, {CONNECTIONS[worker_class]} connections")
    for column in ("", "req/s", "CPU us/req", "p50 ms", "p99 ms", "worker MB", "start s"):
        table.add_column(column, justify="right" if column else "left")
    for server in (floor, accept):
        m = of[server.name]
        figures = (m.rate, m.cpu, m.p50, m.p99, server.memory())
        table.add_row(
            server.name, *(f"{value:,.0f}" for value in figures), f"{server.started_in:.1f}"
        )
    rate, cpu = of["accept"].rate / of["floor"].rate, of["floor"].cpu / of["accept"].cpu
    table.add_row("ratio", f"{rate:.2f}", f"{cpu:.2f}", "", "", "", "", style="bold")
    console.print(table)
    single = [a.rate / f.rate for a, f in zip(rounds["accept"], rounds["floor"], strict=True)]
    console.print(f"ratio of each round: {', '.join(f'{value:.2f}' for value in single)}")
    mark = MARKS[worker_class]
    console.print(f"mark {mark}: {'reached' if rate >= mark else 'MISSED'}\n")
    return rate < mark


def check_nothing_lost(server: Server) -> None:
    """Fast and wrong would be worthless."""
    os.killpg(server.process.pid, signal.SIGTERM)
    server.process.wait()
    server.gateway.run("reconcile")


def _values(round_: Round) -> tuple[float, ...]:
    return (round_.rate, round_.cpu, round_.p50, round_.p99)


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    if match is None:
        raise SystemExit(f"wrk said something unexpected\n{text}")
    return match[1]


def _milliseconds(spelled: str) -> float:
    match = re.fullmatch(r"([\d.]+)(us|ms|s)", spelled)
    if match is None:
        raise SystemExit(f"wrk said something unexpected: {spelled}")
    return float(match[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[match[2]]


if __name__ == "__main__":
    main()
