"""What is measured: the gateway as it is installed, and the floor under the same gunicorn."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import services
from support import ROOT, RealGateway, real_gateway, wait_until

CONNECTIONS = {"gthread": 32, "gevent": 128}
URL = "http://bench.example"
# Whose processes are whose, where they are not our children.
SERVICES = {"PostgreSQL": "postgres", "RabbitMQ": "beam.smp"}


@dataclass
class Server:
    """A started server: the floor, or the gateway with some of its commands."""

    name: str
    gateway: RealGateway
    worker_class: str
    started_in: float
    commands: Sequence[str] = ()
    processes: dict[str, list[psutil.Process]] = field(default_factory=dict)

    @property
    def connections(self) -> int:
        return CONNECTIONS[self.worker_class]

    def web(self) -> list[psutil.Process]:
        return psutil.Process(self.gateway.processes["web"].pid).children()

    def cpu_seconds(self) -> dict[str, float]:
        """Give the CPU seconds used so far, by whose they are."""
        used = {"web": _cpu(self.web())}
        for command in self.commands:
            used[command] = _cpu([psutil.Process(self.gateway.processes[command].pid)])
        for name, program in SERVICES.items():
            used[name] = _cpu([p for p in psutil.process_iter() if _is(p, program)])
        return used

    def memory(self) -> float:
        """Give the megabytes that a web worker has to itself."""
        return max(worker.memory_full_info().uss for worker in self.web()) / 2**20


@contextmanager
def floor(worker_class: str) -> Iterator[Server]:
    """Start a bare Flask under the gateway's own gunicorn configuration."""
    with _gateway(worker_class) as gateway:
        yield _serve("floor", gateway, worker_class, "tests.bench.floor:app")


@contextmanager
def embedded(worker_class: str, *commands: str, name: str = "SQLite") -> Iterator[Server]:
    """Start the gateway on SQLite with the queue in the same file."""
    with _gateway(worker_class) as gateway:
        yield _serve(name, gateway, worker_class, "gateway.wsgi:app", commands)


@contextmanager
def scaled(worker_class: str, *commands: str, name: str = "PostgreSQL") -> Iterator[Server]:
    """Start the gateway on PostgreSQL and RabbitMQ."""
    with ExitStack() as stack:
        store = stack.enter_context(services.fresh_database(services.postgres_url()))
        queue = stack.enter_context(services.fresh_vhost(services.amqp_url()))
        environment = {"LAPOR_STORE_URL": store, "LAPOR_QUEUE_URL": queue}
        gateway = stack.enter_context(_gateway(worker_class, **environment))
        yield _serve(name, gateway, worker_class, "gateway.wsgi:app", commands)


def stop(server: Server) -> None:
    """Stop the web side and hold the accounts against what was accepted."""
    process = server.gateway.processes["web"]
    os.killpg(process.pid, signal.SIGTERM)
    process.wait()
    server.gateway.run("reconcile")


@contextmanager
def _gateway(worker_class: str, **environment: str) -> Iterator[RealGateway]:
    with tempfile.TemporaryDirectory(prefix="lapor-bench-") as folder:
        config = Path(folder) / "settings.toml"
        config.write_text(
            f'public_url = "{URL}"\n[web]\nworker_class = "{worker_class}"\n'
            "[intake]\nreplies_a_day = 1000000000\n"
        )
        given = {"LAPOR_CONFIG": str(config), **environment}
        with real_gateway(Path(folder) / "var", **given) as gateway:
            yield gateway


def _serve(
    name: str, gateway: RealGateway, worker_class: str, app: str, commands: Sequence[str] = ()
) -> Server:
    before = time.monotonic()
    gateway.processes["web"] = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "config" / "gunicorn.conf.py"), app],
        cwd=ROOT,
        env=gateway.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    wait_until(gateway.is_alive, within=30, every=0.02)
    took = time.monotonic() - before
    for command in commands:
        if command == "consumer":
            gateway.processes[command] = _consumer(gateway)
        else:
            gateway.start(command)
    return Server(name, gateway, worker_class, took, commands)


def _consumer(gateway: RealGateway) -> subprocess.Popen[bytes]:
    """Start the example consumer, as a downstream team would."""
    inbox = gateway.var / f"inbox-{secrets.token_hex(4)}.db"
    return subprocess.Popen(
        [sys.executable, "examples/consumer.py", gateway.queue_url, str(inbox)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _cpu(processes: Sequence[psutil.Process]) -> float:
    used = 0.0
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            used += sum(process.cpu_times()[:2])
    return used


def _is(process: psutil.Process, program: str) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.name() == program
    return False
