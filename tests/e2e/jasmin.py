"""A real Jasmin between a carrier's SMPP and our gateway's HTTP, all on ports of its own."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from e2e.smpp import SYSTEM_TYPE, Carrier
from kombu import Connection
from support import free_port, wait_until

PATIENCE = 60.0  # seconds: Jasmin takes some to import itself
RETRY_DELAY, HTTP_TIMEOUT = 1, 2  # seconds
RABBITMQ, REDIS = 5672, 6379
# setuptools: Jasmin imports pkg_resources.
PACKAGES = ("jasmin==0.11.1", "setuptools<81")
# Of the package itself the AMQP specification is left out; that of its AMQP client serves.
SPECIFICATION = "lib/python*/site-packages/txamqp/specs/standard/amqp0-9-1.stripped.xml"
# There can be one jasmind on a machine: where its lock file lies is not a setting.
LOCK = Path("/tmp") / "jasmind.lock"  # noqa: S108
CARRIER = "isat"
PORTS = {
    "router": "router",
    "client-management": "manager",
    "smpp-server": "smpp",
    "smpp-server-pb": "smpp_pb",
    "http-api": "api",
    "jcli": "console",
}
CONFIG = """
[amqp-broker]
vhost = {vhost}
spec = {specification}

[redis-client]
host = 127.0.0.1
port = {redis}

[deliversm-thrower]
http_timeout = {http_timeout}
retry_delay = {retry_delay}
max_retries = 600
log_level = DEBUG

[smpp-server-pb-client]
port = {smpp_pb}
"""
CONSOLE = """
httpccm -a
cid lapor
url {url}
method POST
ok
smppccm -a
cid {carrier}
host 127.0.0.1
port {port}
username {username}
password {password}
systype {system_type}
bind transceiver
con_fail_delay 1
con_loss_delay 1
ok
morouter -a
type defaultroute
connector http(lapor)
ok
smppccm -1 {carrier}
"""


@dataclass
class Jasmin:
    """jasmind, bound to the carrier, and deliversmd, which posts what comes from there."""

    folder: Path

    def ids(self, phone: str) -> list[str]:
        """Give the id of every try to hand over what a phone sent."""
        calls = rf"Calling .*'id': '([^']+)', 'from': b?'{phone.removeprefix('+')}'"
        return re.findall(calls, self._log())

    def acknowledged(self, sms_id: str) -> bool:
        return f"Destination end replied to message [msgid:{sms_id}]: 'ACK/Jasmin'" in self._log()

    def requeued(self, sms_id: str) -> int:
        """Count how often a message was put by for another try."""
        return self._log().count(f"[msgid:{sms_id}]: requeuing")

    def start(self, stack: ExitStack, python: Path, ports: dict[str, int]) -> None:
        """Start both daemons, and wait until each has its queue: earlier messages are lost."""
        stack.enter_context(self._daemon(python, "jasmind"))
        self._wait_for("router.log", "consuming from routing key: deliver.sm.*")
        self._wait_for_port(ports["console"])
        self._wait_for_port(ports["smpp_pb"])
        # An id of its own is a lock file of its own.
        stack.enter_context(self._daemon(python, "deliversmd", "-i", secrets.token_hex(4)))
        self._wait_for("deliversm-thrower.log", "Consuming from routing key: deliver_sm_thrower.*")

    def tell(self, port: int, commands: str) -> None:
        """Type into jCli, the console, line by line."""
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as console:
            prompt(console)
            for line in commands.strip().splitlines():
                console.sendall(line.encode() + b"\r\n")
                said = prompt(console).partition("\n")[2]  # after the echo
                assert not re.search("unknown|error|invalid|fail|must", said, re.IGNORECASE), said

    def _log(self) -> str:
        return (self.folder / "deliversm-thrower.log").read_text()

    def _wait_for(self, log: str, words: str) -> None:
        path = self.folder / log
        wait_until(lambda: path.exists() and words in path.read_text(), PATIENCE, every=0.2)

    def _wait_for_port(self, port: int) -> None:
        wait_until(lambda: answers(port), PATIENCE, every=0.2)

    @contextmanager
    def _daemon(self, python: Path, name: str, *options: str) -> Iterator[None]:
        config = str(self.folder / "jasmin.cfg")
        folders = ("CONFIG_PATH", "RESOURCE_PATH", "LOG_PATH", "STORE_PATH")
        with (self.folder / f"{name}.out").open("wb") as out:
            process = subprocess.Popen(
                [python, "-m", f"jasmin.bin.{name}", "-c", config, *options],
                # No more of the environment: every setting of Jasmin may come from there.
                env={"PATH": os.environ["PATH"]} | dict.fromkeys(folders, str(self.folder)),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            yield
        finally:
            process.terminate()  # so that the lock file goes
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                if name == "jasmind":
                    LOCK.unlink(missing_ok=True)


def prompt(console: socket.socket) -> str:
    """Read what jCli says until it waits for a line."""
    said = b""
    while not re.search(rb"(jcli : |> |Session ref: \d+\s+)$", said):  # it greets without one
        heard = console.recv(4096)
        assert heard, said
        said += heard
    return said.decode("latin-1")


def answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2):
        return True
    return False


def need_services() -> None:
    """Skip where Jasmin cannot run."""
    for name, port in (("RabbitMQ", RABBITMQ), ("Redis", REDIS)):
        if not answers(port):
            pytest.skip(f"Jasmin needs {name}, and none answers on 127.0.0.1:{port}")
    if LOCK.exists():
        pytest.skip(f"another Jasmin runs here, or one was killed and left {LOCK}")


def installed() -> Path:
    """Give the Python of an environment with Jasmin, which is made once and kept in a cache."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    version = "{}.{}".format(*sys.version_info)
    folder = cache / "lapor-gateway-tests" / f"{PACKAGES[0].replace('==', '-')}-python-{version}"
    python, complete = folder / "bin" / "python", folder / "complete"
    if not complete.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        done = subprocess.run(
            [python, "-m", "pip", "install", "--quiet", *PACKAGES],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            pytest.skip(f"Jasmin could not be installed: {done.stderr[-500:]}")
        complete.touch()
    return python


@contextmanager
def a_vhost() -> Iterator[str]:
    """Make a vhost for one test run; who may not gets the default one, and it is swept after."""
    name = f"lapor-jasmin-{secrets.token_hex(4)}"
    if rabbitmqctl("add_vhost", name):
        try:
            assert rabbitmqctl("set_permissions", "-p", name, "guest", ".*", ".*", ".*")
            yield name
        finally:
            rabbitmqctl("delete_vhost", name)
        return
    try:
        yield "/"
    finally:
        sweep()


def rabbitmqctl(*command: str) -> bool:
    program = shutil.which("rabbitmqctl", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        return False
    done = subprocess.run(
        [program, "--quiet", *command], capture_output=True, timeout=PATIENCE, check=False
    )
    return done.returncode == 0


def sweep() -> None:
    """Delete from the default vhost whatever Jasmin declares there."""
    router = ("RouterPB_deliver_sm_all", "RouterPB_bill_request_submit_sm_resp_all")
    with Connection(f"amqp://guest:guest@127.0.0.1:{RABBITMQ}//") as connection:
        channel = connection.channel()
        for queue in (*router, "deliver_sm_thrower", f"submit.sm.{CARRIER}"):
            channel.queue_delete(queue)
        for exchange in ("messaging", "billing"):
            channel.exchange_delete(exchange)


@contextmanager
def jasmin_between(carrier: Carrier, url: str, folder: Path) -> Iterator[Jasmin]:
    """Put a Jasmin between a carrier and a URL of ours."""
    python = installed()
    (specification,) = python.parent.parent.glob(SPECIFICATION)
    ports = {name: free_port() for name in PORTS.values()}
    jasmin = Jasmin(folder)
    folder.mkdir()
    with ExitStack() as stack:
        config = CONFIG.format(
            vhost=stack.enter_context(a_vhost()),
            specification=specification,
            redis=REDIS,
            http_timeout=HTTP_TIMEOUT,
            retry_delay=RETRY_DELAY,
            smpp_pb=ports["smpp_pb"],
        )
        for section, name in PORTS.items():
            config += f"\n[{section}]\nbind = 127.0.0.1\nport = {ports[name]}\n"
        (folder / "jasmin.cfg").write_text(config + "authentication = no\n")  # of jCli, the last
        jasmin.start(stack, python, ports)
        jasmin.tell(
            ports["console"],
            CONSOLE.format(
                url=url,
                carrier=CARRIER,
                port=carrier.port,
                username=carrier.username,
                password=carrier.password,
                system_type=SYSTEM_TYPE,
            ),
        )
        yield jasmin
