"""Whole installations to break: every process real, under load, with a consumer and a ministry."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from load import Load
from proxy import FaultProxy
from services import PrivatePostgres, PrivateRabbit, fresh_database, hold_port, purge, small_disk
from statuses import Ministry
from support import LAPOR, ROOT, RealGateway, real_gateway, wait_until

from gateway import queue
from gateway.store import Store

HERE = Path(__file__).parent
# Leases are short, so that a dead worker's rows come back soon.
SETTINGS = (
    'public_url = "http://127.0.0.1:8000"\n'
    "[processing]\nlease_seconds = 2.0\nmost_together = 20\n"
    "[intake]\nreplies_a_day = 1000000\n"
    "[form]\nleast_seconds = 0\nreports_a_day_address = 1000000\n"
    "[attachments]\nuploads_a_day = 1000000\n"
)
QUEUES = (queue.COMPLAINTS, queue.DEAD, queue.STATUS, queue.STATUS_DEAD)
CONSUMER = [sys.executable, "examples/consumer.py"]
CHANGED = [sys.executable, str(HERE / "changed.py")]


@dataclass
class Installation:
    """A gateway with all around it. `queue_url` and `store` are reached without any proxy."""

    name: str
    gateway: RealGateway
    inbox: Path
    queue_url: str
    store: Store
    commands: dict[str, list[str]]
    proxies: dict[str, FaultProxy] = field(default_factory=dict)
    servers: dict[str, PrivatePostgres | PrivateRabbit] = field(default_factory=dict)
    parked: set[str] = field(default_factory=set)
    is_broken: bool = False

    def __post_init__(self):
        self.load = Load(self.gateway)
        self.ministry = Ministry(self.load, self.queue_url)

    @property
    def is_embedded(self) -> bool:
        return queue.is_embedded(self.queue_url)

    def start(self, name: str) -> None:
        """Start a process; its output goes to <var>/<name>.log."""
        # A consumer is another team's, on another disk.
        folder = self.inbox.parent if name == "consumer" else self.gateway.var
        with (folder / f"{name}.log").open("ab") as log:
            self.gateway.processes[name] = subprocess.Popen(
                self.commands[name],
                cwd=ROOT,
                env=self.gateway.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self, name: str, *, alone: bool = False) -> None:
        """Kill a process, with its children or alone, without a chance to tidy up."""
        process = self.gateway.processes[name]
        (os.kill if alone else os.killpg)(process.pid, signal.SIGKILL)
        process.wait()

    def terminate(self, name: str, within: float = 40.0) -> int:
        """Ask a process to stop, wait until it has, and give its exit code."""
        process = self.gateway.processes[name]
        process.terminate()
        return process.wait(within)

    def web_workers(self) -> list[psutil.Process]:
        return psutil.Process(self.gateway.processes["serve"].pid).children()

    def pids(self) -> dict[str, int]:
        """Give the processes that must not have been started again."""
        return {name: process.pid for name, process in self.gateway.processes.items()}

    def is_up(self) -> bool:
        return all(process.poll() is None for process in self.gateway.processes.values())

    def close(self) -> None:
        self.load.close()
        self.ministry.close()
        self.gateway.stop()
        self.store.close_engine()


@contextmanager
def embedded(
    folder: Path, var: Path | None = None, name: str = "embedded"
) -> Iterator[Installation]:
    """SQLite, and the queue in its file."""
    with _gateway(folder, var or folder / "var") as gateway:
        queue_url = gateway.queue_url
        commands = {
            # The transport's own lease is a minute, which is long to wait for after a kill.
            "feedback": [*CHANGED, "short-lease", "feedback"],
            "consumer": [*CONSUMER, f"{queue_url}?lease=1", str(folder / "inbox.db")],
        }
        store = Store(gateway.settings.store_url)
        with _started(name, gateway, folder, queue_url, store, commands) as installation:
            yield installation


@contextmanager
def on_small_disk(folder: Path) -> Iterator[Installation]:
    """The same, with all that it writes on a disk of a few megabytes."""
    var = folder / "var"
    var.mkdir()
    with small_disk(var), embedded(folder, var, "small disk") as installation:
        yield installation


@contextmanager
def scaled(
    folder: Path, postgres: PrivatePostgres, rabbit: PrivateRabbit
) -> Iterator[Installation]:
    """PostgreSQL, RabbitMQ and a relay."""
    with fresh_database(postgres.url) as database:
        seen = database, rabbit.url
        with _with_servers("scaled", folder, postgres, rabbit, database, seen) as installation:
            yield installation


@contextmanager
def behind_proxies(
    folder: Path, postgres: PrivatePostgres, rabbit: PrivateRabbit, *, heartbeat: int | None
) -> Iterator[Installation]:
    """The same, where the gateway sees both servers only through fault proxies."""
    # Half a second for each of some ten round trips would be an outage, not a delay.
    ways = (FaultProxy("127.0.0.1", of.port, delay=0.1, drip=0.002) for of in (postgres, rabbit))
    to_postgres, to_rabbit = ways
    with fresh_database(postgres.url) as database, to_postgres, to_rabbit:
        seen = (
            database.replace(f":{postgres.port}/", f":{to_postgres.port}/"),
            rabbit.url.replace(f":{rabbit.port}/", f":{to_rabbit.port}/")
            + (f"?heartbeat={heartbeat}" if heartbeat else ""),
        )
        name = "scaled, by proxy"
        with _with_servers(name, folder, postgres, rabbit, database, seen) as installation:
            installation.proxies |= {"postgres": to_postgres, "rabbit": to_rabbit}
            yield installation


@contextmanager
def _with_servers(
    name: str,
    folder: Path,
    postgres: PrivatePostgres,
    rabbit: PrivateRabbit,
    database: str,
    seen: tuple[str, str],
) -> Iterator[Installation]:
    purge(rabbit.url, *QUEUES)
    urls = {"LAPOR_STORE_URL": seen[0], "LAPOR_QUEUE_URL": seen[1]}
    with _gateway(folder, folder / "var", **urls) as gateway:
        commands = {
            "relay": [*LAPOR, "relay"],
            "feedback": [*LAPOR, "feedback"],
            "consumer": [*CONSUMER, rabbit.url, str(folder / "inbox.db")],
        }
        with _started(name, gateway, folder, rabbit.url, Store(database), commands) as installation:
            installation.servers |= {"postgres": postgres, "rabbit": rabbit}
            yield installation


@contextmanager
def _gateway(folder: Path, var: Path, **environment: str) -> Iterator[RealGateway]:
    config = folder / "settings.toml"
    config.write_text(SETTINGS)
    # Held: while the web is down, another's outgoing connection must not take its port.
    with (
        closing(hold_port()) as held,
        real_gateway(var, LAPOR_CONFIG=str(config), **environment) as gateway,
    ):
        gateway.port = held.getsockname()[1]
        gateway.environment["PORT"] = str(gateway.port)
        yield gateway


@contextmanager
def _started(
    name: str,
    gateway: RealGateway,
    folder: Path,
    queue_url: str,
    store: Store,
    commands: dict[str, list[str]],
) -> Iterator[Installation]:
    work = {f"work-{n}": [*LAPOR, "work"] for n in (1, 2)}
    all_commands = {"serve": [*LAPOR, "serve"], **work, **commands}
    inbox = folder / "inbox.db"
    installation = Installation(name, gateway, inbox, queue_url, store, all_commands)
    with closing(installation):
        for process in installation.commands:
            installation.start(process)
        wait_until(gateway.is_alive, within=30)
        yield installation
