"""The web form over HTTP: what a browser without JavaScript sends and sees."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from sqlalchemy import select
from web_form import TYPED, check, confirm, form_gateway, send, token_of

from channels.web import form
from gateway import work
from gateway.app import create_app
from gateway.drafts import Drafts
from gateway.tables import event, journal, web_draft


@pytest.fixture
def gateway(tmp_path):
    with form_gateway(tmp_path, reports_a_day_contact=2) as made:
        yield made


@pytest.fixture
def client(gateway):
    return create_app(gateway).test_client()


def test_what_was_typed_is_on_the_queue_exactly(client, gateway):
    where = send(client, path="/?instansi=kota-sukamaju", confidential="ya")
    gateway.processing.run_once()
    with gateway.store.read() as connection:
        record = json.loads(connection.scalar(select(event.c.body)))["data"]
    assert record["number"] == where.split("/")[2]
    assert record["title"]["text"] == TYPED["title"]
    assert record["body"] == TYPED["body"].replace("\r\n", "\n")
    assert record["incident_date"]["value"] == TYPED["incident_date"]
    assert record["source"]["provider"] == "web/kota-sukamaju"
    assert record["confidential"] is True


def test_all_mistakes_are_told_at_once_with_links_and_nothing_is_lost(client):
    answer = check(
        client, title="", incident_date="2999-01-01", email="bukan surel", agency="Dinas"
    )
    assert answer.status_code == 422
    for name in ("title", "email"):
        assert f'<a href="#{name}">' in answer.text
        assert f'id="{name}-error"' in answer.text
    assert "Warga Contoh" in answer.text


def test_a_day_to_come_is_refused(client):
    assert "tidak boleh lebih dari hari ini" in check(client, incident_date="2999-01-01").text


def test_sending_twice_and_going_back_is_one_complaint(client, gateway):
    page = client.get(check(client).location)
    data = {"draft": token_of(page), "langkah": "kirim"}
    first = client.post("/laporan", data=data)
    assert client.post("/laporan", data=data).location == first.location
    assert client.post("/laporan", data={**TYPED, **data, "langkah": "periksa"}).status_code == 303
    assert client.get(f"/laporan/periksa/{data['draft']}").location == first.location
    assert client.get("/", query_string={"draft": data["draft"]}).location == first.location
    with gateway.store.read() as connection:
        assert len(connection.execute(select(journal.c.id)).all()) == 1
        assert connection.scalar(select(web_draft.c.typed)) == {}


def as_if_it_died(gateway):
    """Undo what is written after accept: the process died before it could."""
    with gateway.store.write() as connection:
        connection.execute(web_draft.update().values(number=None, typed=form.typed(TYPED)))


def test_words_changed_after_an_unseen_success_are_not_lost(client, gateway):
    page = client.get(check(client).location)
    data = {"draft": token_of(page), "langkah": "kirim"}
    first = client.post("/laporan", data=data).location.split("?")[0]
    as_if_it_died(gateway)
    edited = {**TYPED, **data, "langkah": "periksa", "body": "Tiang lampunya juga miring."}
    answer = client.post("/laporan", data=edited)
    assert answer.status_code == 409
    assert f'<a href="{first}">' in answer.text
    assert "Tiang lampunya juga miring." in answer.text
    again = client.post("/laporan", data={**edited, "draft": token_of(answer)})
    second = client.post("/laporan", data={**data, "draft": token_of(client.get(again.location))})
    assert second.status_code == 303
    assert second.location.split("?")[0] != first


def test_the_same_words_after_an_unseen_success_lead_to_their_receipt(client, gateway):
    page = client.get(check(client).location)
    data = {"draft": token_of(page), "langkah": "kirim"}
    first = client.post("/laporan", data=data).location
    as_if_it_died(gateway)
    assert client.post("/laporan", data={**TYPED, **data}).location == first
    assert client.post("/laporan", data=data).location == first
    with gateway.store.read() as connection:
        assert len(connection.execute(select(journal.c.id)).all()) == 1


def test_other_words_sent_meanwhile_from_another_tab_are_told_apart(client, gateway, monkeypatch):
    page = client.get(check(client).location)
    data = {"draft": token_of(page), "langkah": "kirim"}
    first = client.post("/laporan", data=data).location.split("?")[0]
    as_if_it_died(gateway)
    real, asked = Drafts.read, []

    def looked_too_early(self, token, browser):
        draft = real(self, token, browser)
        asked.append(draft)
        other = {**form.typed(TYPED), "body": "Tiang lampunya juga miring."}
        return draft if len(asked) > 1 else replace(draft, number=None, typed=other)

    monkeypatch.setattr(Drafts, "read", looked_too_early)
    answer = client.post("/laporan", data=data)
    assert answer.status_code == 409
    assert first in answer.text
    assert "Tiang lampunya juga miring." in answer.text


def test_two_tabs_send_what_each_shows(client):
    one, two = check(client, title="Yang pertama"), check(client, title="Yang kedua")
    assert "Yang pertama" in client.get(one.location).text
    assert "Yang kedua" in client.get(two.location).text


@pytest.mark.parametrize("draft", ["", "x", "a.b.c", "a.1.é"])
def test_a_form_that_is_not_ours_sends_nothing_and_keeps_the_words(client, gateway, draft):
    answer = client.post("/laporan", data={**TYPED, "draft": draft, "langkah": "kirim"})
    assert answer.status_code == 400
    assert TYPED["title"] in answer.text
    with gateway.store.read() as connection:
        assert connection.execute(select(journal.c.id)).all() == []


def test_another_browser_cannot_use_a_draft(client, gateway):
    where = check(client).location
    stranger = create_app(gateway).test_client()
    assert stranger.get(where).location == "/"


def test_the_trap_for_robots_sends_nothing(client):
    assert check(client, situs="https://example.org").status_code == 422


def test_a_contact_that_sends_too_much_is_told_so(client):
    send(client)
    send(client)
    page = client.get(check(client).location)
    answer = client.post("/laporan", data={"draft": token_of(page), "langkah": "kirim"})
    assert answer.status_code == 429
    assert "coba" in answer.text or "besok" in answer.text
    assert TYPED["title"] in answer.text


def test_the_receipt_shows_number_limits_and_secret_link_and_is_not_stored(client):
    where = send(client)
    page = client.get(where)
    assert where.split("/")[2] in page.text
    assert "3 hari kerja" in page.text
    assert "Lampu di depan pasar padam." in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"


def test_unknown_wrong_and_confidential_numbers_look_alike(client):
    hidden = send(client, confidential="ya").split("?")[0]
    asked = [hidden.rpartition("/")[0], f"{hidden}x", "/laporan/0000-000-000", "/laporan/halo"]
    answers = [client.get(path) for path in asked]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.data for answer in answers}) == 1
    assert client.get(hidden).status_code == 200


def test_the_public_page_tells_nothing_of_what_was_sent(client):
    where = send(client).split("?")[0]
    page = client.get(where.rpartition("/")[0])
    assert page.status_code == 200
    for said in (TYPED["title"], TYPED["name"], TYPED["phone"], where.split("/")[3]):
        assert said not in page.text


def test_drafts_are_forgotten_when_their_time_is_over(client, gateway):
    check(client)
    with gateway.store.write() as connection:
        connection.execute(web_draft.update().values(expires_at=work.utc_now().replace(year=2020)))
    work.tidy(gateway)
    with gateway.store.read() as connection:
        assert connection.execute(select(web_draft)).all() == []


@pytest.mark.parametrize(
    ("typed", "chosen", "text", "origin"),
    [
        ("", "Penerangan Jalan", "Penerangan Jalan", "reporter"),
        ("", "", "Penerangan Jalan", "derived"),
        ("Pasar", "Penerangan Jalan", "Pasar", "reporter"),
    ],
)
def test_a_category_is_suggested_to_who_typed_none(client, gateway, typed, chosen, text, origin):
    where = check(client, category=typed).location
    offered = 'name="category" value="Penerangan Jalan" checked'
    assert (offered in client.get(where).text) == (not typed)
    confirm(client, where, {"category": chosen})
    gateway.processing.run_once()
    with gateway.store.read() as connection:
        record = json.loads(connection.scalar(select(event.c.body)))["data"]
    assert (record["category"]["label"], record["category"]["origin"]) == (text, origin)


def test_going_back_after_a_suggestion_was_taken_is_the_same_report(client):
    where = check(client).location
    token = token_of(client.get(where))
    first = confirm(client, where, {"category": "Penerangan Jalan"}).location
    again = {**TYPED, "draft": token, "instansi": "", "langkah": "periksa"}
    assert client.post("/laporan", data=again).location == first


def test_a_text_about_nothing_known_gets_no_suggestion(client):
    page = client.get(check(client, title="Halo", body="Apa kabar?").location)
    assert 'name="category"' not in page.text
