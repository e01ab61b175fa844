"""A whole Kannel, from the carrier to the citizen's handset, for the end-to-end tests."""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from string import Template
from typing import Any

import pytest
from services import amqp_url, fresh_database, fresh_vhost, postgres_url
from support import RealGateway, free_port, need, real_gateway, wait_until

TEMPLATE = Path(__file__).with_name("kannel.conf.template")
PATIENCE = 40.0  # seconds: a machine that runs other tests as well is slow
# Tries, one a second: what a killed gateway needs to be back, with room to spare.
RETRIES = 60
_NUMBER = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{3}){2}\b")
_SHOWN = re.compile(r"Got message \d+: <1708 (\S+) \w+ (.*?)>$", re.MULTILINE)
_SENT = re.compile(r"^SMS: received \d+ \(\d+ queued\), sent (\d+) ", re.MULTILINE)
_serial = count(1)


@pytest.fixture(params=["embedded", "scaled"])
def where(request):
    """Both set-ups: what the environment names, and which processes there are."""
    if request.param == "embedded":
        yield {}
        return
    with fresh_database(postgres_url()) as store, fresh_vhost(amqp_url()) as queue:
        yield {"LAPOR_STORE_URL": store, "LAPOR_QUEUE_URL": queue}


@dataclass
class Handset:
    """A citizen's phone, switched on: one SMS was sent from it."""

    phone: str
    screen: Path

    def replies(self) -> list[str]:
        """Give every SMS it has received."""
        shown = self.screen.read_text()
        return [text for phone, text in _SHOWN.findall(shown) if phone == self.phone]

    def reply(self) -> str:
        """Wait for an SMS."""
        wait_until(self.replies, within=PATIENCE)
        return self.replies()[0]

    def number(self) -> str:
        """Wait for an SMS, and find the one complaint number in it."""
        (number,) = set(_NUMBER.findall(self.reply()))
        return str(number)


@dataclass
class Kannel:
    """fakesmsc -> bearerbox -> smsbox -> the gateway, and all the way back."""

    folder: Path
    ports: dict[str, int]
    gateway: RealGateway = field(repr=False)
    password: str = field(repr=False)
    markers: int = 0

    # --- citizens ---

    @contextmanager
    def sms(
        self,
        text: str,
        *,
        sender: str | None = None,
        carrier: str = "telkomsel",
        kind: str = "text",
    ) -> Iterator[Handset]:
        """Send an SMS to 1708; the handset stays on within the block.

        `kind` is fakesmsc's: "text", or with URL-encoded bytes "data" (8-bit), "ucs2", "udh-data".
        """
        phone = sender or a_phone()
        screen = self.folder / f"handset-{next(_serial)}.log"
        port = str(self.ports[f"{carrier}_port"])
        message = f"{phone} 1708 {kind} {text}"
        program = [need("fakesmsc"), "-H", "127.0.0.1", "-r", port, "-m", "1", message]
        with running(program, screen):
            yield Handset(phone, screen)

    def ask(self, text: str, **how: Any) -> str:
        """Send an SMS and wait for the reply."""
        with self.sms(text, **how) as handset:
            return handset.reply()

    def file(self, text: str, **how: Any) -> str:
        """Send an SMS and wait for the number."""
        with self.sms(text, **how) as handset:
            return handset.number()

    # --- consumers and operators ---

    def event(self, number: str) -> dict[str, Any]:
        """Wait for the event of a complaint."""

        def about_it() -> list[dict[str, Any]]:
            return [event for event in self.events() if event["subject"] == number]

        self.wait(about_it)
        return about_it()[0]

    def events(self) -> list[dict[str, Any]]:
        """Give every event that an ordinary consumer has received so far."""
        lines = self.gateway.log_of("consume").splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def bodies(self) -> list[str]:
        """Give the text of every event so far."""
        return [event["data"]["body"] for event in self.events()]

    def replies_sent(self) -> int:
        """Count every SMS that went out to any handset, once nothing is on its way.

        The report of one more citizen goes the whole way first: what came before it has been
        through. The reply to that one is not counted.
        """
        self.event(self.file(f"Penanda {next(_serial)} di ujung antrean"))
        self.markers += 1
        match = _SENT.search(self.status())
        assert match is not None
        return int(match[1]) - self.markers

    def answered(self, status: int) -> int:
        """Count the gateway's answers to smsbox that had a status."""
        line = f'"path": "/in/kannel", "status": {status},'
        return self.gateway.log_of("serve").count(line)

    def failures(self) -> int:
        """Count how often smsbox could not hand over a message."""
        return (self.folder / "smsbox.log").read_bytes().count(b"Couldn't fetch")

    def wait(self, holds: Callable[[], Any]) -> None:
        """Wait for something, generously."""
        wait_until(holds, within=PATIENCE)

    # --- processes ---

    def start(self, stack: ExitStack) -> None:
        """Start bearerbox and smsbox; both end with the stack."""
        stack.enter_context(self._box("bearerbox"))
        self.wait(lambda: "Status: running" in self.status())
        stack.enter_context(self._box("smsbox"))
        self.wait(lambda: "smsbox:" in self.status())

    @contextmanager
    def web_is_down(self, how: signal.Signals) -> Iterator[None]:
        """Stop the web side with a signal to all its processes; start it again at the end."""
        web = self.gateway.processes["serve"]
        os.killpg(web.pid, how)
        web.wait(timeout=PATIENCE)
        try:
            yield
        finally:
            self.gateway.serve()

    @contextmanager
    def web_hangs(self) -> Iterator[None]:
        """Freeze the web side: it takes connections and says nothing until the end."""
        web = self.gateway.processes["serve"]
        os.killpg(web.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(web.pid, signal.SIGCONT)

    def status(self) -> str:
        """Give bearerbox's own account of itself; nothing while it does not answer."""
        url = f"http://127.0.0.1:{self.ports['admin_port']}/status.txt?password={self.password}"
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return str(answer.read().decode("latin-1"))
        except OSError:
            return ""

    def _box(self, name: str) -> Any:
        config = str(self.folder / "kannel.conf")
        return running([need(name), "-v", "4", config], self.folder / f"{name}.out")


@contextmanager
def running(command: list[str], log: Path) -> Iterator[None]:
    """Run a program in a process group of its own, which does not outlive the block."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def a_phone() -> str:
    """Invent a subscriber."""
    return f"+62812345{next(_serial):05}"


def the_config(carriers: str, **facts: Any) -> str:
    """Fill the template in, with the carriers of one kind: fake or smpp."""
    groups = [
        group
        for group in TEMPLATE.read_text().split("\n\n")
        if "\nsmsc = " not in group or f"\nsmsc = {carriers}\n" in group
    ]
    return Template("\n\n".join(groups)).substitute(facts)


@contextmanager
def kannel_before(
    gateway: RealGateway, folder: Path, carriers: str, combine: int, **facts: Any
) -> Iterator[Kannel]:
    """Put a Kannel before a gateway. It waits `combine` seconds for the parts of a long SMS.

    `facts` are the rest of the template: most of all each carrier's URL, with its token.
    """
    names = ("admin_port", "smsbox_port", "sendsms_port", "telkomsel_port", "indosat_port")
    ports = {name: facts.pop(name, None) or free_port() for name in names}
    facts.setdefault("sendsms_password", secrets.token_urlsafe(16))
    line = Kannel(folder, ports, gateway, password=secrets.token_urlsafe(16))
    config = the_config(
        carriers,
        folder=folder,
        password=line.password,
        retries=RETRIES,
        combine=combine,
        **facts,
        **ports,
    )
    (folder / "kannel.conf").write_text(config)
    with ExitStack() as stack:
        line.start(stack)
        yield line


@pytest.fixture(scope="session")
def a_kannel():
    """Start a Kannel of one's own."""
    return kannel_before


@pytest.fixture(scope="session")
def kannel(tmp_path_factory) -> Iterator[Kannel]:
    """One Kannel before one gateway with a worker and a consumer, all real."""
    for program in ("bearerbox", "smsbox", "fakesmsc"):
        need(program)
    folder = tmp_path_factory.mktemp("kannel")
    with real_gateway(folder / "gateway", COLUMNS="80") as gateway:
        gateway.serve()
        gateway.start("work")
        gateway.start("consume", "--json")
        url = f"http://127.0.0.1:{gateway.port}/in/kannel?token="
        token = gateway.settings.sources["kannel"].settings["tokens"][0]
        urls = {
            "telkomsel_url": url + token,
            # Somebody forgot to put the new token here.
            "indosat_url": url + secrets.token_urlsafe(16),
        }
        with kannel_before(gateway, folder, "fake", combine=60, **urls) as line:
            yield line
