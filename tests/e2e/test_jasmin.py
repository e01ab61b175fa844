"""A real Jasmin before a real gateway: what it sends is read, and it hears what it wants to.

Only with `--jasmin`: it takes a minute to install, and RabbitMQ and Redis to run.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from itertools import count

import pytest
from e2e.jasmin import Jasmin, jasmin_between, need_services
from e2e.smpp import GSM_7, UCS_2, Carrier
from support import RealGateway, free_port, real_gateway, wait_until

PATIENCE = 40.0  # seconds
SOURCE = """
[sources.jasmin]
adapter = "sms.jasmin"
tokens = ["secret:jasmin_token"]
carrier = "Indosat"
own_numbers = ["1708"]
default_alphabet = "gsm"
"""
_serial = count(1)


@dataclass
class Line:
    """Carrier, Jasmin, gateway, worker and consumer."""

    carrier: Carrier
    jasmin: Jasmin = field(repr=False)
    gateway: RealGateway = field(repr=False)

    def journal(self) -> list[dict]:
        """Give every message the gateway has accepted."""
        with closing(sqlite3.connect(self.gateway.store_path)) as store:
            return [json.loads(row[0]) for row in store.execute("SELECT message FROM journal")]

    def journal_of(self, phone: str) -> list[dict]:
        return [message for message in self.journal() if phone in json.dumps(message)]

    def events_of(self, sms_id: str) -> list[dict]:
        lines = self.gateway.log_of("consume").splitlines(keepends=True)
        events = [json.loads(line) for line in lines if line.endswith("\n")]
        return [event for event in events if sms_id in json.dumps(event)]

    def only_event(self, sms_id: str) -> dict:
        """Wait for the event of a message; a later message's comes after all of its events."""
        phone = a_phone()
        self.carrier.sms(phone, "Penanda di ujung antrean")
        wait(lambda: self.jasmin.ids(phone))
        (marker,) = set(self.jasmin.ids(phone))
        wait(lambda: self.events_of(marker))
        (event,) = self.events_of(sms_id)
        return event

    def answered(self) -> int:
        """Count what the gateway has taken from Jasmin, repetitions and all."""
        return self.gateway.log_of("serve").count('"path": "/in/jasmin", "status": 200')

    def sent_in_vain(self, text: str) -> tuple[str, str]:
        """Send an SMS, and wait until Jasmin has failed twice; give the phone and the id."""
        phone = a_phone()
        self.carrier.sms(phone, text)
        wait(lambda: self.jasmin.ids(phone))
        sms_id = self.jasmin.ids(phone)[0]
        wait(lambda: self.jasmin.requeued(sms_id) >= 2)
        return phone, sms_id

    @contextmanager
    def web_is_down(self) -> Iterator[None]:
        web = self.gateway.processes["serve"]
        os.killpg(web.pid, signal.SIGKILL)
        web.wait(timeout=PATIENCE)
        try:
            yield
        finally:
            self.gateway.serve()

    @contextmanager
    def web_hangs(self) -> Iterator[None]:
        """Freeze the web side: it takes connections, and reads them when the block ends."""
        web = self.gateway.processes["serve"]
        os.killpg(web.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(web.pid, signal.SIGCONT)


def wait(holds) -> None:
    wait_until(holds, within=PATIENCE, every=0.2)


def a_phone() -> str:
    """Invent a subscriber."""
    return f"+62815345{next(_serial):05}"


@pytest.fixture(scope="module")
def line(request, tmp_path_factory) -> Iterator[Line]:
    if not request.config.getoption("--jasmin"):
        pytest.skip(
            "run the tests with a real Jasmin by `pytest tests/e2e/test_jasmin.py --jasmin`"
        )
    need_services()
    folder = tmp_path_factory.mktemp("jasmin")
    (folder / "lapor.toml").write_text(SOURCE)
    with ExitStack() as stack:
        carrier = stack.enter_context(Carrier(free_port(), "lapor", secrets.token_hex(4)))
        gateway = stack.enter_context(
            real_gateway(folder / "gateway", LAPOR_CONFIG=str(folder / "lapor.toml"))
        )
        gateway.serve()
        gateway.start("work")
        gateway.start("consume", "--json")
        token = gateway.settings.sources["jasmin"].settings["tokens"][0]
        url = f"http://127.0.0.1:{gateway.port}/in/jasmin?token={token}"
        jasmin = stack.enter_context(jasmin_between(carrier, url, folder / "jasmin"))
        yield Line(carrier, jasmin, gateway)
        assert carrier.faults == []


@pytest.mark.parametrize(
    ("text", "coding"),
    [
        ("Bayar €50? {a} [b] ~c ^d |e \\f, saksi @warga_rw3, $1 & £2 + 3%\nbaris dua @", GSM_7),
        ("Jalan longsor 🚧🙏 tolong “segera” … ꦗꦮ", UCS_2),
    ],
    ids=["GSM-7", "emoji"],
)
def test_an_sms_is_one_complaint_and_acknowledged_at_the_first_try(line, text, coding):
    phone = a_phone()
    line.carrier.sms(phone, text, coding)
    wait(lambda: line.jasmin.ids(phone))
    (sms_id,) = line.jasmin.ids(phone)
    wait(lambda: line.jasmin.acknowledged(sms_id))

    data = line.only_event(sms_id)["data"]
    assert data["body"] == text
    assert data["source"]["carrier"] == "Indosat"
    assert len(line.journal_of(phone)) == 1
    assert line.jasmin.ids(phone) == [sms_id]
    assert line.jasmin.requeued(sms_id) == 0


def test_what_is_sent_while_the_gateway_is_down_is_tried_again_under_its_id(line):
    with line.web_is_down():
        phone, sms_id = line.sent_in_vain(text := f"Jembatan roboh {secrets.token_hex(4)}")
    wait(lambda: line.jasmin.acknowledged(sms_id))

    assert line.only_event(sms_id)["data"]["body"] == text
    assert len(line.journal_of(phone)) == 1
    assert set(line.jasmin.ids(phone)) == {sms_id}


def test_what_jasmin_sends_again_because_the_answer_was_late_is_one_complaint(line):
    before = line.answered()
    with line.web_hangs():
        phone, sms_id = line.sent_in_vain(text := f"Tanggul bocor {secrets.token_hex(4)}")
    wait(lambda: line.jasmin.acknowledged(sms_id))
    wait(lambda: line.answered() - before == len(line.jasmin.ids(phone)))

    assert line.only_event(sms_id)["data"]["body"] == text
    assert len(line.journal_of(phone)) == 1
    assert set(line.jasmin.ids(phone)) == {sms_id}
