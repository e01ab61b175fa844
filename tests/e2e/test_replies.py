"""What the gateway says by itself: heard on a handset, and never twice, whoever is killed."""

from __future__ import annotations

import json
import os
import secrets
import signal
from pathlib import Path
from urllib.parse import parse_qs, urlencode

import pytest
from e2e.conftest import a_phone
from sms_server import SmsServer, sms_server
from support import RealGateway, free_port, need, real_gateway, wait_until

from gateway.store import Store

PATIENCE = 40.0  # seconds
SID = "AC" + "0" * 32
KANNEL = """
[sources.kannel.replies]
by = "kannel"
url = "http://127.0.0.1:{port}/cgi-bin/sendsms"
username = "lapor"
password = "env:SENDSMS_PASSWORD"
from = "1708"
smsc = "telkomsel"
a_minute = 6000
"""
JASMIN = """
[replies]
ask = []
hold_seconds = 0.0
[sources.jasmin]
adapter = "sms.jasmin"
tokens = ["secret:jasmin_token"]
[sources.jasmin.replies]
by = "twilio"
url = "{url}"
account_sid = "{sid}"
auth_token = "kunci-twilio-percobaan"
from = "1708"
a_minute = 60000
timeout_seconds = 5.0
"""


def tell(gateway: RealGateway, number: str, status: str) -> None:
    (key,) = gateway.settings.consumers["local"]
    told = {"id": secrets.token_hex(4), "sequence": 1, "status": status}
    body = json.dumps({**told, "at": "2026-11-21T03:04:05Z"}).encode()
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    answer = gateway.request("POST", f"/v1/complaints/{number}/status", body, headers)
    assert answer.status == 200, answer.body


def test_a_farmer_is_asked_where_answers_and_hears_how_it_stands(tmp_path, a_kannel):
    for program in ("bearerbox", "smsbox", "fakesmsc"):
        need(program)
    password, port = secrets.token_urlsafe(16), free_port()
    config = tmp_path / "lapor.toml"
    config.write_text(KANNEL.format(port=port))
    own = {"LAPOR_CONFIG": str(config), "SENDSMS_PASSWORD": password}
    with real_gateway(tmp_path / "gateway", **own) as gateway:
        gateway.serve()
        gateway.start("work")
        gateway.start("consume", "--json")
        token = gateway.settings.sources["kannel"].settings["tokens"][0]
        url = f"http://127.0.0.1:{gateway.port}/in/kannel?token={token}"
        facts = {"telkomsel_url": url, "indosat_url": url, "sendsms_password": password}
        with a_kannel(gateway, tmp_path, "fake", 60, sendsms_port=port, **facts) as line:
            with line.sms("Saluran irigasi jebol") as handset:
                line.wait(lambda: len(handset.replies()) == 2)
                received, asked = handset.replies()
            number = _number(received)
            assert asked == (
                f"Laporan {number}: Di mana kejadiannya? "
                "Balas dengan nama jalan, desa atau kecamatannya."
            )
            with line.sms("di Desa Sukamaju kec Cibadak", sender=handset.phone) as again:
                assert f"ditambahkan ke laporan {number}" in again.reply()
                line.wait(lambda: len(line.events()) == 2)
                tell(gateway, number, "forwarded")
                line.wait(lambda: len(again.replies()) == 2)
            assert again.replies()[1] == (
                f"Laporan {number} sudah diteruskan ke instansi terkait. Terima kasih."
            )
            record = line.events()[1]["data"]
            assert record["number"] == number
            assert "Sukamaju" in record["incident_location"]["text"]
            assert gateway.ask("SELECT count(*) FROM reply WHERE state != 'sent'") == [(0,)]


def _number(text: str) -> str:
    return text.partition("nomor ")[2].partition(".")[0]


# --- a worker that is killed --------------------------------------------------------------------


def twilio_answer() -> tuple[int, bytes, str]:
    return (201, json.dumps({"sid": "SM42", "status": "queued"}).encode(), "application/json")


@pytest.fixture
def twilio():
    with sms_server(twilio_answer()) as server:
        yield server


@pytest.fixture
def gateway(tmp_path: Path, twilio: SmsServer):
    """A gateway whose citizens come through Jasmin and are answered through Twilio."""
    config = tmp_path / "lapor.toml"
    config.write_text(JASMIN.format(url=twilio.url, sid=SID))
    with real_gateway(tmp_path / "gateway", LAPOR_CONFIG=str(config)) as made:
        made.serve()
        yield made


def write(gateway: RealGateway, text: str) -> None:
    """Deliver an SMS as Jasmin does."""
    token = gateway.settings.sources["jasmin"].settings["tokens"][0]
    form = {"id": secrets.token_hex(8), "from": a_phone()[1:], "to": "1708", "content": text}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    form |= {"binary": text.encode().hex(), "coding": "\0"}
    answer = gateway.request("POST", f"/in/jasmin?token={token}", urlencode(form).encode(), headers)
    assert answer.body == b"ACK/Jasmin"


def kill(gateway: RealGateway) -> None:
    worker = gateway.processes.pop("work")
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()


def states(gateway: RealGateway) -> dict[str, int]:
    return dict(gateway.ask("SELECT state, count(*) FROM reply GROUP BY state"))


def heard(twilio: SmsServer) -> list[str]:
    return [parse_qs(request.body.decode())["To"][0] for request in twilio.asked]


def test_a_worker_killed_in_the_call_sends_nothing_twice(gateway, twilio):
    twilio.delay = 30.0
    write(gateway, "Lampu jalan mati")
    gateway.start("work")
    wait_until(lambda: len(twilio.asked) == 1, within=PATIENCE)
    kill(gateway)
    twilio.delay = 0.0
    assert states(gateway) == {"sending": 1}

    gateway.start("work")
    write(gateway, "Air keruh")
    wait_until(lambda: states(gateway) == {"sending": 1, "sent": 1}, within=PATIENCE)
    lease_ends(gateway)
    wait_until(lambda: states(gateway) == {"unsure": 1, "sent": 1}, within=PATIENCE)
    assert len(heard(twilio)) == len(set(heard(twilio))) == 2
    assert "nobody can tell" in " ".join(gateway.run("deadletters", "list").split())


def test_killed_again_and_again_it_says_each_thing_at_most_once(gateway, twilio):
    twilio.delay = 0.05
    for n in range(40):
        write(gateway, f"Laporan nomor {n}")
    for goal in (8, 16, 24, 32):
        gateway.start("work")
        wait_until(lambda goal=goal: len(twilio.asked) >= goal, within=PATIENCE)
        kill(gateway)
    gateway.start("work")
    wait_until(lambda: not states(gateway).get("waiting"), within=PATIENCE)
    lease_ends(gateway)
    wait_until(lambda: set(states(gateway)) <= {"sent", "unsure"}, within=PATIENCE)
    assert len(heard(twilio)) == len(set(heard(twilio)))
    assert sum(states(gateway).values()) == 40
    assert states(gateway)["sent"] <= len(heard(twilio))
    assert states(gateway).get("unsure", 0) <= 4


def test_a_slow_provider_holds_up_no_complaint(gateway, twilio):
    twilio.delay = 30.0
    gateway.start("work")
    for n in range(5):
        write(gateway, f"Laporan {n}")
    published = "SELECT count(*) FROM journal WHERE outcome = 'published'"
    wait_until(lambda: gateway.ask(published) == [(5,)], within=PATIENCE)
    assert len(twilio.asked) <= 2


def lease_ends(gateway: RealGateway) -> None:
    """Let the lease of a dead worker end now."""
    store = Store(gateway.settings.store_url)
    with store.write() as connection:
        connection.exec_driver_sql(
            "UPDATE reply SET due_at = '2026-01-01 00:00:00' WHERE state = 'sending'"
        )
    store.close_engine()
