"""Carriers retry, and retry at once: many copies, several processes, one answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from support import real_gateway, wait_until

COMPLAINT = {
    "title": "Puskesmas tutup",
    "body": "Puskesmas tutup sejak pagi tanpa pengumuman.",
    "incident_date": "2026-11-16",
    "incident_location": "Puskesmas Sukamaju",
}


@pytest.fixture(params=["gthread", "gevent"])
def gateway(request, tmp_path, where):
    """Two web processes of either kind, and a worker."""
    config = tmp_path / "settings.toml"
    config.write_text(f'[web]\nworker_class = "{request.param}"\n')
    with real_gateway(tmp_path / "var", LAPOR_CONFIG=str(config), **where) as running:
        running.serve()
        running.start("work")
        yield running


def one(gateway, sql):
    ((value,),) = gateway.ask(sql)
    return value


def at_once(times, deliver):
    with ThreadPoolExecutor(times) as pool:
        return [future.result() for future in [pool.submit(deliver) for _ in range(times)]]


def test_two_hundred_copies_of_one_sms_at_once_are_one(gateway):
    answers = at_once(200, lambda: gateway.sms("Jalan putus", sid="SM1"))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 1
    wait_until(lambda: one(gateway, "SELECT count(*) FROM event") == 1)
    assert one(gateway, "SELECT count(*) FROM journal") == 1

    again = gateway.sms("jalan  PUTUS")
    assert again.status == 200
    number = one(gateway, "SELECT number FROM number")
    assert number.encode() in again.body
    wait_until(lambda: one(gateway, "SELECT count(*) FROM journal WHERE outcome='repeat'") == 1)
    assert one(gateway, "SELECT count(*) FROM event") == 1


def test_copies_of_an_app_complaint_at_once_get_the_same_answer(gateway):
    answers = at_once(50, lambda: gateway.file(COMPLAINT, "one-key"))
    assert {answer.status for answer in answers} == {201}
    assert len({answer.body for answer in answers}) == 1
    other = gateway.file(COMPLAINT | {"title": "Lain"}, "one-key")
    assert other.status == 422
    assert one(gateway, "SELECT count(*) FROM journal") == 1
    number = answers[0].json()["number"]
    assert gateway.get(f"/v1/complaints/{number}").json()["status"] == "received"
