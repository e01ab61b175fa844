"""Where tests get a PostgreSQL and a RabbitMQ: the ones that run, or private ones.

A shared server is never stopped and never keeps anything of ours: each test brings a database
or a vhost and takes it away again. Private servers are for tests that stop and kill them.
"""

from __future__ import annotations

import atexit
import functools
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, ClassVar, Self
from urllib.parse import unquote, urlsplit
from urllib.request import Request, urlopen

import psutil
import psycopg
import pytest
from amqp.exceptions import AMQPError, NotFound
from kombu import Connection
from psycopg import sql
from support import wait_until

Ctl = Callable[..., str]
DEBIAN_POSTGRES = Path("/usr/lib/postgresql")
DEBIAN_RABBIT = Path("/usr/lib/rabbitmq/bin")


@functools.cache
def postgres_url() -> str:
    """Give a PostgreSQL on which we may create databases."""
    url = os.environ.get("LAPOR_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
    return url if _postgres_answers(url) else _for_the_session(PrivatePostgres).url


@functools.cache
def amqp_url() -> str:
    """Give a RabbitMQ; its queues may be somebody's, so use it through `fresh_vhost`."""
    url = os.environ.get("LAPOR_TEST_AMQP_URL", "amqp://guest:guest@127.0.0.1:5672//")
    return url if _rabbit_answers(url) else _for_the_session(PrivateRabbit).url


@contextmanager
def fresh_database(server_url: str) -> Iterator[str]:
    """Create an empty database on the server; drop it at the end, whoever is connected."""
    name = f"lapor_test_{secrets.token_hex(6)}"
    # template0: unlike template1 nobody can be connected to it, which would refuse the copy
    _execute(server_url, "CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0", name)
    try:
        yield urlsplit(server_url)._replace(path=f"/{name}").geturl()
    finally:
        _execute(server_url, "DROP DATABASE {} WITH (FORCE)", name)


@contextmanager
def fresh_vhost(server_url: str) -> Iterator[str]:
    """Create an empty vhost on the server, or on a private one if we may not administer it.

    Takes a second or two, so share it among tests and `purge` in between.
    """
    name = f"lapor-test-{secrets.token_hex(6)}"
    ctl = _local_ctl if (private := PrivateRabbit.at(server_url)) is None else private.ctl
    if not _can_add_vhost(ctl, server_url, name):
        server = _for_the_session(PrivateRabbit)
        server_url, ctl = server.url, server.ctl
        assert _can_add_vhost(ctl, server_url, name), "the private RabbitMQ refuses a vhost"
    try:
        yield _on_vhost(server_url, name)
    finally:
        ctl("delete_vhost", name)


def purge(vhost_url: str, *queues: str) -> None:
    """Remove every ready message from these queues; those that do not exist stay away."""
    with Connection(vhost_url, connect_timeout=5) as connection:
        for queue in queues:
            channel = connection.channel()  # one each: "not found" closes it
            with suppress(NotFound):
                channel.queue_purge(queue)
                channel.close()


def hold_port() -> socket.socket:
    """Reserve a free port of 127.0.0.1 until the socket is closed.

    It is bound and does not listen: others are refused, a server with SO_REUSEADDR may still
    listen there and come back after it was killed, and no outgoing connection takes the port.
    """
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    return held


@contextmanager
def open_folder() -> Iterator[Path]:
    """Give a folder that another system user can reach, which `tmp_path` is not."""
    folder = Path(tempfile.mkdtemp(prefix="lapor-test-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def small_disk(folder: Path, size: str = "48m") -> Iterator[None]:
    """Mount a disk in memory over a folder; without the right to, skip (in CI, root must)."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "lapor-test", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode != 0:
        said = f"a small disk cannot be mounted here: {mounted.stderr.strip()}"
        if os.environ.get("CI") == "true" and os.geteuid() == 0:
            pytest.fail(said)
        pytest.skip(said)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


class PrivateServer:
    """A server of our own that a test may stop and kill; the port stays the same.

    As a context manager it starts, and at the end it is killed and its data removed.
    """

    ports = 1
    within: ClassVar[float]  # seconds a start may take on a slow machine
    stop_signal: ClassVar[signal.Signals]

    def __init__(self, folder: Path):
        self._held = [hold_port() for _ in range(self.ports)]
        self.port: int = self._held[0].getsockname()[1]
        self.folder = folder / f"{type(self).__name__}-{self.port}"
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        raise NotImplementedError

    def start(self) -> None:
        """Start, for the first time or again, and wait until it takes connections."""
        assert not self._processes, "it runs already"
        self.folder.mkdir(exist_ok=True)
        self._launch()
        wait_until(self._is_up_or_failed, within=self.within, every=0.2)

    def stop(self) -> None:
        """Stop in good order."""
        for process in reversed(self._processes):
            process.send_signal(self.stop_signal)
            process.wait(timeout=self.within)
        self._processes.clear()

    def kill(self) -> None:
        """SIGKILL all its processes at once and wait until none is left."""
        family: list[psutil.Process] = []
        for process in self._processes:
            if process.poll() is None:
                parent = psutil.Process(process.pid)
                parent.suspend()  # else it may fork while we count its children
                wait_until(lambda parent=parent: _is_in(parent, psutil.STATUS_STOPPED), every=0.01)
                # Not the process group: each backend of PostgreSQL has one of its own.
                family += [parent, *parent.children(recursive=True)]
        for member in family:
            with suppress(psutil.NoSuchProcess):
                member.kill()
        for process in self._processes:
            process.wait(timeout=20)
        self._processes.clear()
        wait_until(lambda: all(_is_in(member, psutil.STATUS_ZOMBIE) for member in family))

    def close(self) -> None:
        """Kill it, remove its data and give its ports back."""
        self.kill()
        for held in self._held:
            held.close()
        if self.folder.exists():
            shutil.rmtree(self.folder)

    def is_up(self) -> bool:
        """Whether it answers, as a client sees it."""
        raise NotImplementedError

    def log(self) -> str:
        return (self.folder / "output.log").read_text(errors="replace")

    def _launch(self) -> None:
        raise NotImplementedError

    def _run(
        self, *command: object, environment: Mapping[str, str], user: str | None = None
    ) -> None:
        with (self.folder / "output.log").open("ab") as log:
            process = subprocess.Popen(
                [str(word) for word in command],
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **_as_user(user),
            )
        self._processes.append(process)

    def _is_up_or_failed(self) -> bool:
        for process in self._processes:
            assert process.poll() is None, f"ended with {process.returncode}:\n{self.log()}"
        return self.is_up()


class PrivatePostgres(PrivateServer):
    """PostgreSQL that syncs as in production; if we are root, in a folder of `open_folder`."""

    within = 60
    stop_signal = signal.SIGINT  # the fast shutdown: SIGTERM waits until every client has left

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def is_up(self) -> bool:
        return _postgres_answers(self.url)

    def _launch(self) -> None:
        programs = _postgres_programs()
        user = "postgres" if os.geteuid() == 0 else None  # it refuses to run as root
        environment = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}
        data = self.folder / "data"
        if not data.exists():
            if user is not None:
                shutil.chown(self.folder, user)
            how = ["--auth=trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
            made = subprocess.run(
                [programs / "initdb", "-D", data, *how],
                cwd=self.folder,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
                **_as_user(user),
            )
            assert made.returncode == 0, made.stdout + made.stderr
        options = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": self.folder,
            "fsync": "on",
        }
        flags = [f"--{name}={value}" for name, value in options.items()]
        self._run(programs / "postgres", "-D", data, *flags, environment=environment, user=user)


class PrivateRabbit(PrivateServer):
    """RabbitMQ as a node of its own, with an epmd of its own that goes away with it."""

    ports = 3  # AMQP, distribution, epmd
    within = 90
    stop_signal = signal.SIGTERM
    _all: ClassVar[dict[int, PrivateRabbit]] = {}

    def __init__(self, folder: Path):
        super().__init__(folder)
        self._all[self.port] = self
        self.node = f"lapor-{secrets.token_hex(4)}@localhost"
        self._environment = self._make_environment()

    @classmethod
    def at(cls, url: str) -> PrivateRabbit | None:
        """Find the one behind a URL."""
        return cls._all.get(urlsplit(url).port or 0)

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"

    def is_up(self) -> bool:
        return _rabbit_answers(self.url)

    def ctl(self, *arguments: str) -> str:
        """Run its rabbitmqctl (about a second) and give what it printed."""
        return _run_ctl(_rabbit_script("rabbitmqctl"), arguments, self._environment)

    def close(self) -> None:
        super().close()
        self._all.pop(self.port, None)

    def _launch(self) -> None:
        script = _rabbit_script("rabbitmq-server")
        cookie = self.folder / ".erlang.cookie"
        if not cookie.exists():
            cookie.write_text(secrets.token_hex(10))
            cookie.chmod(0o400)
            (self.folder / "plugins").write_text("[].")
            (self.folder / "rabbitmq.conf").write_text("disk_free_limit.absolute = 10MB\n")
        epmd = self._held[2].getsockname()
        address = ["-address", epmd[0], "-port", epmd[1]]
        self._run(_found("epmd", "RabbitMQ"), *address, environment=self._environment)
        wait_until(lambda: _accepts(epmd))
        self._run(script, environment=self._environment)

    def _make_environment(self) -> dict[str, str]:
        _, distribution, epmd = (str(held.getsockname()[1]) for held in self._held)
        folder = self.folder
        return {
            "PATH": f"{os.defpath}:/usr/sbin",
            "HOME": str(folder),
            "LC_ALL": "C.UTF-8",
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": epmd,
            # Erlang would start an epmd that stays.
            "ERL_FLAGS": "-start_epmd false -kernel inet_dist_use_interface {127,0,0,1}",
            # Then the script becomes the server, which stops by itself on SIGTERM; else it is a
            # shell that waits for it and stops it by way of rabbitmqctl.
            "RUNNING_UNDER_SYSTEMD": "true",
            "RABBITMQ_NODENAME": self.node,
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": distribution,
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(folder / "generated"),
            # Nothing of /etc/rabbitmq.
            "RABBITMQ_CONF_ENV_FILE": str(folder / "no-environment"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_CONFIG_FILES": str(folder / "no-conf.d"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "no-advanced.config"),
        }


class PrivateS3(PrivateServer):
    """An S3 over HTTP as moto makes one, in memory: what it held is gone when it was killed."""

    within = 60
    stop_signal = signal.SIGTERM

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """Give what a client's environment names."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "an-invented-id",
            "AWS_SECRET_ACCESS_KEY": "an-invented-key",
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    def make_bucket(self) -> str:
        """Make a bucket of one's own and give its name; this S3 asks for no signature."""
        name = f"lapor-{secrets.token_hex(6)}"
        self._ask(name, method="PUT")
        return name

    def keys(self, bucket: str) -> list[str]:
        """Name all that is in a bucket."""
        return re.findall(r"<Key>([^<]+)</Key>", self._ask(bucket))

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let it take connections and answer none."""
        for process in self._processes:
            process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            for process in self._processes:
                process.send_signal(signal.SIGCONT)

    def is_up(self) -> bool:
        try:
            self._ask("moto-api/data.json", timeout=2)
        except OSError:
            return False
        return True

    def _ask(self, path: str, method: str = "GET", timeout: float = 20) -> str:
        asked = Request(f"http://127.0.0.1:{self.port}/{path}", method=method)
        with urlopen(asked, timeout=timeout) as answer:  # noqa: S310 - the line above
            return str(answer.read().decode())

    def _launch(self) -> None:
        where = ["-H", "127.0.0.1", "-p", self.port]
        self._run(sys.executable, "-m", "moto.server", *where, environment={"PATH": os.defpath})


@functools.cache
def s3() -> PrivateS3:
    """Give the S3 that tests share; who kills it brings one of their own."""
    return _for_the_session(PrivateS3)  # type: ignore[return-value]


@functools.cache
def _for_the_session(kind: type[PrivateServer]) -> PrivateServer:
    kept = ExitStack()
    atexit.register(kept.close)
    return kept.enter_context(kind(kept.enter_context(open_folder())))


def _postgres_programs() -> Path:
    versions = DEBIAN_POSTGRES.glob("*/bin/postgres")
    newest = max(versions, key=lambda path: float(path.parts[-3]), default=None)
    return (newest or Path(_found("postgres", "PostgreSQL"))).parent


def _rabbit_script(name: str) -> Path:
    # Not Debian's /usr/sbin/rabbitmq-server: it changes the user and the environment.
    script = DEBIAN_RABBIT / name
    return script if script.exists() else Path(_found(name, "RabbitMQ"))


def _found(program: str, of: str) -> str:
    path = shutil.which(program)
    if path is None:
        said = f"{of} is not installed; `make test` as root on Debian installs it"
        if os.environ.get("CI") == "true":
            pytest.fail(said)
        pytest.skip(said)
    return path


def _postgres_answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _rabbit_answers(url: str) -> bool:
    transport = Connection(url, connect_timeout=2).transport  # Connection itself would retry
    try:
        transport.close_connection(transport.establish_connection())
    except (OSError, AMQPError):
        return False
    return True


def _accepts(address: tuple[str, int]) -> bool:
    with suppress(OSError), socket.create_connection(address, timeout=2):
        return True
    return False


def _execute(server_url: str, statement: str, name: str) -> None:
    with psycopg.connect(server_url, autocommit=True, connect_timeout=10) as connection:
        connection.execute(sql.SQL(statement).format(sql.Identifier(name)))


def _can_add_vhost(ctl: Ctl, server_url: str, name: str) -> bool:
    user = unquote(urlsplit(server_url).username or "guest")
    try:
        ctl("add_vhost", name)
        ctl("set_permissions", "-p", name, user, ".*", ".*", ".*")
        # What rabbitmqctl reaches need not be the server behind the URL.
        if _rabbit_answers(_on_vhost(server_url, name)):
            return True
    except (OSError, subprocess.SubprocessError):
        pass
    with suppress(OSError, subprocess.SubprocessError):
        ctl("delete_vhost", name)
    return False


def _on_vhost(server_url: str, name: str) -> str:
    return urlsplit(server_url)._replace(path=f"/{name}").geturl()


def _local_ctl(*arguments: str) -> str:
    return _run_ctl("rabbitmqctl", arguments, os.environ)


def _run_ctl(program: str | Path, arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        [program, "-q", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout


def _as_user(user: str | None) -> dict[str, Any]:
    return {} if user is None else {"user": user, "group": user, "extra_groups": []}


def _is_in(process: psutil.Process, status: str) -> bool:
    """Whether the process has the status, or is no more."""
    try:
        return process.status() == status
    except psutil.NoSuchProcess:
        return True
