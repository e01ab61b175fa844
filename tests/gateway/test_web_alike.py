"""Complaints in process that a citizen may mean: shown before sending, and taken apart after."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy import select
from web_form import check, confirm, form_gateway, send

from gateway import joining, similar
from gateway.app import create_app
from gateway.tables import event, judgement
from gateway.tables import number as number_table

FIRST = {
    "title": "Jembatan Kali Pentung putus",
    "body": "Jembatan Kali Pentung di Desa Patuk putus diterjang banjir. "
    "Anak sekolah memutar 7 km. Kata Pak Sumarwanto belum ada perbaikan.",
    "incident_date": "2026-01-15",
    "incident_location": "Kecamatan Patuk, Gunungkidul",
    "category": "Kelakuan Pak Lurah",
}
ALIKE = {
    "title": "Jembatan putus di Patuk",
    "body": "Sudah seminggu jembatan Kali Pentung putus kena banjir, anak sekolah "
    "harus memutar 7 km lewat desa sebelah.",
    "incident_date": "2026-01-15",
    "incident_location": "Patuk, Gunungkidul",
}
HEADING = "Mungkin sudah dilaporkan"


@pytest.fixture
def gateway(tmp_path):
    with form_gateway(tmp_path, reports_a_day_contact=100) as made:
        yield made


@pytest.fixture
def client(gateway):
    return create_app(gateway).test_client()


@pytest.fixture
def neighbour(gateway):
    """Somebody else's browser."""
    return create_app(gateway).test_client()


def file(gateway, client, **typed):
    """Send a report and process it; gives its number and the path of its own page."""
    where = send(client, **typed).partition("?")[0]
    gateway.processing.run_once()
    return where.split("/")[2], where


def row_of(gateway, of):
    with gateway.store.read() as connection:
        return connection.execute(select(number_table).where(number_table.c.number == of)).one()


def published(gateway, of):
    with gateway.store.read() as connection:
        bodies = connection.scalars(
            select(event.c.body).where(event.c.number == of).order_by(event.c.revision)
        ).all()
    return [json.loads(body) for body in bodies]


def test_a_public_report_in_process_is_shown_before_sending(gateway, client, neighbour):
    first, _ = file(gateway, neighbour, **FIRST)
    page = client.get(check(client, **ALIKE).location).text
    assert HEADING in page
    assert f'value="{first}"' in page
    assert "Patuk, Kabupaten Gunungkidul" in page
    assert "Kejadian 15 Januari 2026" in page
    shared = re.search(r"Sama-sama menyebut: ([^.<]+)", page)[1]
    assert shared == "putus, banjir, memutar"


def test_nothing_that_another_wrote_is_shown(gateway, client, neighbour):
    file(gateway, neighbour, **FIRST)
    guess = ALIKE["body"] + " Kata Pak Sumarwanto begitu."
    page = client.get(check(client, **{**ALIKE, "body": guess}).location).text
    mine, _, shown = page.partition(HEADING)
    assert "Sumarwanto" in mine
    assert "Laporan warga, " in shown
    for word in ("sumarwanto", "diterjang", FIRST["title"].lower(), "kelakuan"):
        assert word not in shown.lower()


@pytest.mark.parametrize("hidden", ["confidential", "closed", "far away"])
def test_what_is_confidential_closed_or_about_something_else_is_not(
    gateway, client, neighbour, clock, hidden
):
    typed = {**FIRST, "confidential": "ya"} if hidden == "confidential" else FIRST
    first, _ = file(gateway, neighbour, **typed)
    if hidden == "closed":
        gateway.store.close(first, "resolved", clock())
    mine = ALIKE if hidden != "far away" else {"title": "Obat habis", "body": "Obat habis."}
    page = client.get(check(client, **mine).location).text
    assert HEADING not in page
    assert first not in page


def test_confidential_reports_do_not_crowd_a_public_one_out(gateway, client, neighbour):
    houses = [{**FIRST, "body": f"{FIRST['body']} Rumah nomor {of} rusak."} for of in range(1, 8)]
    first, _ = file(gateway, neighbour, **houses[0])
    for house in houses[1:]:
        file(gateway, neighbour, **house, confidential="ya")
    assert f'value="{first}"' in client.get(check(client, **ALIKE).location).text


def test_a_category_of_our_own_list_is_shown(gateway, client, neighbour):
    file(gateway, neighbour, **{**FIRST, "category": "Infrastruktur Jalan"})
    page = client.get(check(client, **ALIKE).location).text
    assert "Infrastruktur Jalan, Patuk" in page


def test_at_most_three_are_shown(gateway, client, neighbour):
    for day in range(10, 15):
        file(gateway, neighbour, **{**FIRST, "body": f"{FIRST['body']} Rumah nomor {day} rusak."})
    page = client.get(check(client, **ALIKE).location).text
    assert 1 <= page.count("Sama dengan laporan") <= 3


@pytest.mark.parametrize("at", ["fingerprint", "_area", "plain_words"])
def test_a_bug_in_a_rule_costs_nobody_the_way_to_the_end(
    gateway, client, neighbour, monkeypatch, at
):
    def broken(_given):
        raise ZeroDivisionError

    file(gateway, neighbour, **FIRST)
    monkeypatch.setattr(similar, at, broken)
    assert confirm(client, check(client, **ALIKE).location).status_code == 303


def test_who_chooses_a_report_supports_it(gateway, client, neighbour):
    first, _ = file(gateway, neighbour, **FIRST)
    own = {**ALIKE, "title": "Sama", "body": "Jembatan Kali Pentung Patuk."}
    chosen = {"sama": first}
    where = confirm(client, check(client, **own).location, chosen).location.partition("?")[0]
    gateway.processing.run_once()
    mine = where.split("/")[2]
    assert row_of(gateway, mine).supports == first
    page = client.get(where).text
    assert f'mendukung laporan <a href="/laporan/{first}">' in page
    assert "Laporan saya berbeda" in page
    assert first not in client.get(f"/laporan/{mine}").text


def test_who_says_that_none_is_the_same_is_not_joined_and_the_reason_is_kept(
    gateway, client, neighbour
):
    first, _ = file(gateway, neighbour, **FIRST)
    chosen = {"sama": "tidak-ada"}
    where = confirm(client, check(client, **FIRST).location, chosen).location
    gateway.processing.run_once()
    mine = where.split("/")[2]
    row = row_of(gateway, mine)
    assert (row.supports, row.root) == (None, mine)
    with gateway.store.read() as connection:
        kept = connection.scalar(select(judgement.c.judged).where(judgement.c.number == mine))
    assert "the reporter says it is another matter" in json.dumps(kept)
    [opened] = published(gateway, mine)
    assert [(of["number"], of["relation"]) for of in opened["data"]["related"]] == [
        (first, "similar")
    ]


def test_who_chooses_nothing_is_judged_by_the_rule(gateway, client, neighbour):
    first, _ = file(gateway, neighbour, **FIRST)
    mine, _ = file(gateway, client, **FIRST)
    assert row_of(gateway, mine).supports == first


@pytest.mark.parametrize("forged", ["0000-000-000", "rubbish", "", "' OR 1=1"])
def test_what_is_no_number_chooses_nothing(gateway, client, forged):
    chosen = {"sama": forged}
    where = confirm(client, check(client, **ALIKE).location, chosen).location
    gateway.processing.run_once()
    assert row_of(gateway, where.split("/")[2]).supports is None


def test_a_report_that_was_not_offered_cannot_be_chosen(gateway, client, neighbour):
    other = {"title": "Obat habis", "body": "Obat habis.", "incident_location": "Ende"}
    first, _ = file(gateway, neighbour, **other)
    chosen = {"mirip": first, "sama": first}
    where = confirm(client, check(client, **ALIKE).location, chosen).location
    gateway.processing.run_once()
    assert row_of(gateway, where.split("/")[2]).supports is None


PUNGLI = "Pungli di kantor Kecamatan Patuk Gunungkidul, KTP diminta 50 ribu"


@pytest.mark.parametrize("named", ["Pak Bambang Sutrisno", "kartu 3404071201800003", "RT 03 RW 05"])
@pytest.mark.parametrize("first", [f"{PUNGLI}.", f"{PUNGLI}. Pelaku NAMED, minta tiap hari."])
def test_whether_a_report_is_shown_tells_nothing_of_names_and_numbers(
    gateway, client, neighbour, named, first
):
    """Whoever tries names, cards and houses sees the same, right or wrong."""
    body = first.replace("NAMED", named)
    file(gateway, neighbour, title="Pungli KTP", body=body, incident_location="Patuk, Gunungkidul")
    shown = set()
    for guess in ("", named, "Pak Joko Widagdo", "kartu 3404076606900001", "RT 09 RW 01"):
        mine = {
            "title": "Pungli KTP",
            "body": f"{PUNGLI}. Pelaku {guess}, minta tiap hari.",
            "incident_location": "Patuk, Gunungkidul",
        }
        page = client.get(check(client, **mine).location).text
        shown.add(page.partition(HEADING)[2].partition("</fieldset>")[0])
    assert len(shown) == 1
    assert "Sama dengan laporan" in shown.pop()


def test_without_a_district_nothing_is_shown(gateway, client, neighbour):
    file(gateway, neighbour, **FIRST)
    mine = {"title": "Jembatan putus", "body": "Jembatan putus.", "incident_location": "di sini"}
    assert HEADING not in client.get(check(client, **mine).location).text


def test_an_address_that_searches_too_much_is_shown_nothing_and_can_still_send(tmp_path):
    with form_gateway(tmp_path, searches_a_day_address=1) as gateway:
        client = create_app(gateway).test_client()
        file(gateway, client, **FIRST)
        where = check(client, **ALIKE).location
        assert HEADING not in client.get(where).text
        assert confirm(client, where).status_code == 303


def test_confidential_supporters_are_not_counted(gateway, client, neighbour):
    file(gateway, neighbour, **FIRST)
    file(gateway, neighbour, **{**FIRST, "confidential": "ya"})
    assert "Didukung" not in client.get(check(client, **ALIKE).location).text
    file(gateway, neighbour, **FIRST)
    assert "Didukung 1 laporan lain" in client.get(check(client, **ALIKE).location).text


def test_the_button_makes_it_a_report_of_its_own_once(gateway, client, neighbour):
    first, _ = file(gateway, neighbour, **FIRST)
    mine, where = file(gateway, client, **FIRST)
    assert row_of(gateway, mine).supports == first
    for _ in range(2):
        assert client.post(where).location == where
    page = client.get(where).text
    assert "Permintaan Anda kami terima" in page
    assert "Laporan saya berbeda" not in page
    gateway.processing.run_once()
    assert row_of(gateway, mine).supports is None
    assert [of["type"] for of in published(gateway, mine)] == [
        "id.lapor.complaint.supported.v1",
        "id.lapor.complaint.separated.v1",
    ]
    page = client.get(where).text
    assert "Permintaan Anda kami terima" not in page
    assert "Laporan saya berbeda" not in page


def test_what_is_closed_is_not_opened_by_the_button(gateway, client, neighbour, clock):
    first, _ = file(gateway, neighbour, **FIRST)
    mine, where = file(gateway, client, **FIRST)
    with gateway.store.write() as connection:
        joining.merge(connection, mine, first, clock())
    gateway.store.close(first, "resolved", clock())
    assert "Laporan saya berbeda" not in client.get(where).text
    client.post(where)
    gateway.processing.run_once()
    assert row_of(gateway, mine).root == first


def test_what_is_joined_again_can_be_taken_apart_again(gateway, client, neighbour, clock):
    first, _ = file(gateway, neighbour, **FIRST)
    mine, where = file(gateway, client, **FIRST)
    client.post(where)
    gateway.processing.run_once()
    with gateway.store.write() as connection:
        joining.merge(connection, mine, first, clock())
    assert "kami satukan dengan" in client.get(where).text
    client.post(where)
    gateway.processing.run_once()
    assert row_of(gateway, mine).root == mine


def test_only_the_secret_opens_the_button(gateway, client, neighbour):
    file(gateway, neighbour, **FIRST)
    mine, where = file(gateway, client, **FIRST)
    before = row_of(gateway, mine)
    for path in (f"/laporan/{mine}/wrong", f"/laporan/0000-000-000/{where.split('/')[3]}"):
        assert client.post(path).status_code == 404
    gateway.processing.run_once()
    assert row_of(gateway, mine) == before


def test_of_a_confidential_first_not_even_the_number_is_told(gateway, client, neighbour):
    first, _ = file(gateway, neighbour, **{**FIRST, "confidential": "ya"})
    mine, where = file(gateway, client, **FIRST)
    assert row_of(gateway, mine).supports == first
    page = client.get(where).text
    assert "mendukung laporan serupa" in page
    assert first not in page
