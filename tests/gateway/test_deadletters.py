"""Dead letters: they can be looked at, they stay, and they go back to where they were."""

from __future__ import annotations

import json
import secrets

import pytest
import rabbit
from sqlalchemy import insert, select, update
from support import NOW, a_message, real_gateway, wait_until
from talking import SOURCES, a_speaking, rows, say_all

from channels import number
from gateway import deadletters, queue
from gateway.assembly import utc_now
from gateway.envelope import RECEIVED
from gateway.identity import Identity
from gateway.intake import Intake
from gateway.replies import Replies
from gateway.store import Store
from gateway.tables import event, reply

STATUS_TYPE = "id.lapor.complaint.status.v1"


@pytest.fixture(params=["embedded", "rabbitmq"])
def kind(request):
    return request.param


@pytest.fixture
def store(request, kind):
    name = "sqlite_store" if kind == "embedded" else "postgresql_store"
    return request.getfixturevalue(name)


@pytest.fixture
def url(kind, store):
    if kind == "embedded":
        return f"lapor+sqlite:///{store.database.path}"
    return rabbit.emptied()


def an_event(**changed):
    return json.dumps({"id": "x", "type": RECEIVED, "subject": "7K3MX9Q2FVTA"} | changed)


def a_status(of="7K3MX9Q2FVTA", **changed):
    told = {
        "specversion": "1.0",
        "type": STATUS_TYPE,
        "source": "agency.example",
        "id": "s-1",
        "subject": of,
        "sequence": "1",
        "time": "2026-11-21T03:04:05Z",
        "data": {"status": "verified"},
    }
    return json.dumps(told | changed)


def bury(url, body, message_id=None, name=queue.COMPLAINTS):
    """Make a dead letter as a consumer does: by rejecting."""
    made = rabbit.put(url, name, body, message_id)
    rabbit.reject_all(url, name)
    return made


def wait_for(store, url, count):
    wait_until(lambda: len(list(deadletters.find(store, url))) == count)


def refuse(store, body="{}", reason="too large"):
    made = rabbit.an_envelope(body)
    with store.write() as connection:
        connection.execute(
            insert(event).values(
                id=made.id,
                number=made.number,
                revision=1,
                type=made.type,
                body=made.body,
                created_at=NOW,
                refused=reason,
            )
        )
    return str(made.id)


def everything(_):
    return True


def test_a_list_names_each_and_takes_nothing_away_however_often(store, url):
    first, second = (bury(url, an_event()) for _ in range(2))
    wait_for(store, url, 2)
    of_outbox = refuse(store)
    for _ in range(30):  # more often than a message may be delivered elsewhere
        wait_for(store, url, 3)  # a broker takes a moment to put back what was looked at
        letters = list(deadletters.find(store, url))
        assert [letter.id for letter in letters] == [of_outbox, first, second]
    assert letters[0] == deadletters.DeadLetter(
        of_outbox, "outbox", RECEIVED, "7K3MX9Q2FVTA", "too large"
    )
    assert letters[1] == deadletters.DeadLetter(
        first, queue.DEAD, RECEIVED, "7K3MX9Q2FVTA", "rejected by its consumer"
    )
    assert [letter.id for letter in deadletters.find(store, url, 1)] == [of_outbox, first]


def test_what_is_replayed_is_on_its_queue_under_the_same_id_and_the_rest_stays(store, url):
    bodies = {bury(url, an_event(n=n)): an_event(n=n) for n in range(3)}
    of_status = bury(url, a_status(), name=queue.STATUS)
    wait_for(store, url, 4)
    wanted = list(bodies)[1]
    (sent,) = deadletters.replay(store, url, lambda letter: letter.id == wanted, NOW)
    assert sent.id == wanted
    (message,) = rabbit.take_all(url)
    assert (message.id, message.body) == (wanted, bodies[wanted])
    left = [letter.id for letter in deadletters.find(store, url)]
    assert left == [of for of in bodies if of != wanted] + [of_status]
    assert len(list(deadletters.replay(store, url, everything, NOW))) == 3
    assert rabbit.ids_on(url) == left[:2]
    assert rabbit.ids_on(url, queue.STATUS) == [of_status]
    assert list(deadletters.find(store, url)) == []


def test_more_letters_than_are_listed_are_all_replayed(store, url):
    with queue.connect(url) as connection:
        producer = connection.Producer(auto_declare=False)
        for n in range(120):
            producer.publish(an_event(), routing_key=queue.DEAD, message_id=str(n))
    assert len(list(deadletters.find(store, url, 100))) == 100
    (last,) = deadletters.replay(store, url, lambda letter: letter.id == "119", NOW)
    assert last.id == "119"
    assert len(list(deadletters.replay(store, url, everything, NOW))) == 119
    assert len(rabbit.take_all(url)) == 120


def test_a_letter_that_dies_again_meanwhile_waits_for_the_next_replay(store, url):
    bury(url, an_event())
    wait_for(store, url, 1)
    rounds = 0
    for _ in deadletters.replay(store, url, everything, NOW):
        rabbit.reject_all(url)
        rounds += 1
    assert rounds == 1
    wait_for(store, url, 1)


def test_anything_can_be_dead_and_does_nothing_to_a_terminal(store, url):
    bury(url, "bukan JSON", "plain")
    bury(url, "[" * 100_000, "deep")
    bury(url, '"text"', "text")
    rabbit.put(url, queue.DEAD, "x", "packed", compression="of a kind nobody knows")
    bury(url, json.dumps({"type": "\x1b[31m[/bold]", "subject": None, "id": "in-body"}), "")
    wait_for(store, url, 5)
    letters = {letter.id: letter for letter in deadletters.find(store, url)}
    assert set(letters) == {"plain", "deep", "text", "packed", "in-body"}
    assert letters.pop("in-body").type == "\N{REPLACEMENT CHARACTER}[31m[/bold]"
    assert {letter.type for letter in letters.values()} == {"?"}
    assert len(list(deadletters.replay(store, url, everything, NOW))) == 5
    assert {message.body for message in rabbit.take_all(url)} > {"bukan JSON", "[" * 100_000}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("bukan JSON", "not JSON in UTF-8"),
        (a_status(sequence="x"), "sequence: "),
        (a_status(subject="ZZZ"), "subject: Not a complaint's number."),
    ],
)
def test_a_status_that_feedback_could_not_use_says_why(store, url, body, reason):
    bury(url, body, name=queue.STATUS)
    wait_for(store, url, 1)
    (letter,) = deadletters.find(store, url)
    assert letter.where == queue.STATUS_DEAD
    assert reason in letter.reason


def test_a_status_of_an_unknown_number_says_so_until_the_number_is_known(store, url, intake):
    (receipt,) = intake.accept([a_message()])
    strange = number.draw(secrets.token_bytes)
    bury(url, a_status(receipt.number), "known", name=queue.STATUS)
    bury(url, a_status(strange), "unknown", name=queue.STATUS)
    wait_for(store, url, 2)
    reasons = {letter.id: letter.reason for letter in deadletters.find(store, url)}
    assert reasons == {
        "known": "rejected by its consumer",
        "unknown": "subject: unknown number",
    }


# --- the commands --------------------------------------------------------------------------


@pytest.fixture
def lapor(kind, tmp_path):
    """The real commands on a store of their own."""
    if kind == "embedded":
        with real_gateway(tmp_path / "var") as gateway:
            yield gateway
        return
    with real_gateway(tmp_path / "var", LAPOR_QUEUE_URL=rabbit.emptied()) as gateway:
        yield gateway


@pytest.mark.parametrize("kind", ["rabbitmq"], indirect=True)
def test_an_operator_lists_tries_and_replays_them(lapor):
    url = lapor.queue_url
    first, second = (bury(url, an_event()) for _ in range(2))
    odd = bury(url, json.dumps({"type": "[/bold]", "subject": "[red]"}))
    wait_until(lambda: rabbit_depth(url) == 3)

    listed = lapor.run("deadletters", "list")
    assert all(of in listed for of in (first, second, odd, "[/bold]"))
    assert lapor.run("deadletters", "replay", first, "--dry-run") == (
        f"{first} would be sent again\n"
    )
    assert lapor.run("deadletters", "replay", first) == f"{first} was sent again\n"
    assert rabbit.ids_on(url) == [first]
    said = lapor.run("deadletters", "replay", first, expect=1)
    assert said == f"Error: nothing has the id {first}\n"
    assert rabbit_depth(url) == 2
    lapor.run("deadletters", "replay", "--all")
    assert rabbit.ids_on(url) == [second, odd]


def rabbit_depth(url, name=queue.DEAD):
    with queue.connect(url) as connection:
        return connection.channel().queue_declare(name, passive=True).message_count


@pytest.mark.parametrize("kind", ["embedded"], indirect=True)
def test_an_operator_without_a_broker_does_the_same(lapor):
    made = bury(lapor.queue_url, an_event())
    assert made in lapor.run("deadletters", "list")
    assert lapor.run("deadletters", "replay", "--all") == f"{made} was sent again\n"
    assert rabbit.ids_on(lapor.queue_url) == [made]
    lapor.environment["LAPOR_QUEUE_URL"] = "amqp://guest:guest@127.0.0.1:1//"
    said = lapor.run("deadletters", "list", expect=1)  # and with one that is away
    assert said.startswith("Error: the broker: ")
    assert "Traceback" not in said


# --- replies ---------------------------------------------------------------------------------


@pytest.fixture
def unheard(talking_intake, sqlite_store):
    """One reply that was refused for good, and one that may have been sent."""
    talking_intake.accept([a_message("Lampu mati", source="jasmin")])
    talking_intake.accept([a_message("Air keruh", source="jasmin")])
    for state, reason in (("given_up", "no such phone"), ("unsure", "no answer")):
        with sqlite_store.write() as connection:
            first = connection.scalar(select(reply.c.id).where(reply.c.state == "waiting").limit(1))
            changed = update(reply).where(reply.c.id == first)
            connection.execute(changed.values(state=state, reason=reason, attempts=3))
    return rows(sqlite_store)


def embedded_url(store):
    return f"lapor+sqlite:///{store.database.path}"


@pytest.mark.parametrize("kind", ["embedded"])
def test_replies_that_nobody_heard_are_listed(sqlite_store, unheard):
    found = list(deadletters.find(sqlite_store, embedded_url(sqlite_store)))
    assert [(letter.where, letter.reason, letter.may_be_done) for letter in found] == [
        ("replies", "no such phone", False),
        ("replies", "no answer", True),
    ]
    assert found[0].number == unheard[0].number


@pytest.mark.parametrize("kind", ["embedded"])
def test_a_reply_that_is_replayed_is_said(sqlite_store, unheard, door, clock):
    url = embedded_url(sqlite_store)
    wanted = str(unheard[1].id)
    list(deadletters.replay(sqlite_store, url, lambda letter: letter.id == wanted, clock()))
    say_all(a_speaking(sqlite_store, door, clock))
    assert [row.state for row in rows(sqlite_store)] == ["given_up", "sent"]


def test_all_means_all_but_what_may_have_been_sent(tmp_path):
    with real_gateway(tmp_path / "var") as gateway:
        store = Store(gateway.settings.store_url)
        replies = Replies(SOURCES, Identity(gateway.settings.identity_key), clock=utc_now)
        intake = Intake(store, Identity(gateway.settings.identity_key), replies=replies)
        for text, state in (("Satu", "given_up"), ("Dua", "unsure")):
            intake.accept([a_message(text, source="jasmin")])
            with store.write() as connection:
                waiting = update(reply).where(reply.c.state == "waiting")
                connection.execute(waiting.values(state=state, reason="-"))
        store.close_engine()
        assert gateway.run("deadletters", "list").count("replies") == 2
        gateway.run("deadletters", "replay", "--all")
        states = gateway.ask("SELECT state, reason FROM reply ORDER BY state")
        assert states == [("unsure", "-"), ("waiting", None)]
