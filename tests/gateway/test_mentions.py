"""Pulling through the store: one at a time, page and cursor together, nothing lost or twice."""

from __future__ import annotations

import json
import random
import threading
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from support import a_message
from x_server import BEGUN, Fault, a_mention, x_server

from channels.base import InboundMessage, Overloaded, Page, Post, Sender
from channels.twitter import mentions
from channels.twitter.documents import read_item
from channels.twitter.door import Twitter
from gateway import cursors, leases, metrics
from gateway.cursors import Move, lease_of
from gateway.intake import Intake, Limits
from gateway.mentions import LEASE_FOR, LOOK_EVERY, Puller, pull
from gateway.tables import delivery, journal, number


@pytest.fixture
def x():
    with x_server() as served:
        yield served


@pytest.fixture
def clock(clock):
    clock.now = BEGUN + timedelta(seconds=1000)
    return clock


@pytest.fixture
def another(store, intake, x, clock):
    """Make pullers that share the store, as processes do."""

    def make() -> Puller:
        poller = Twitter.from_settings(x.settings()).poller()
        return Puller(store, intake, "twitter", poller, clock)

    return make


def pull_all(puller):
    while puller.turn() == 0:
        pass


def told(store, table, column):
    with store.read() as connection:
        return list(connection.scalars(select(table.c[column])))


def where(store):
    with store.read() as connection:
        return cursors.read(connection, "twitter")


def test_pages_and_cursor_are_kept_together_and_every_mention_once(store, x, another):
    x.mentions, x.per_page = [a_mention(n, f"lampu {n}") for n in range(500, 520)], 7
    pull_all(another())
    assert len(told(store, number, "number")) == 20
    assert json.loads(where(store))["token"] is None


def test_overlap_is_read_again_and_absorbed(store, x, another, clock):
    x.mentions = [a_mention(n, f"lampu {n}") for n in range(500, 520)]
    puller = another()
    pull_all(puller)
    clock.forward(seconds=2)
    pull_all(puller)
    assert len(x.asked_for("mentions")) == 2
    assert len(told(store, number, "number")) == 20
    assert len(told(store, journal, "id")) == 20


def test_a_page_that_cannot_be_committed_moves_no_cursor(store, intake, x, another, monkeypatch):
    x.mentions = [a_mention(500)]
    puller = another()

    def full(_):
        raise Overloaded("full")

    with monkeypatch.context() as patched:
        patched.setattr(intake._committer, "submit", full)
        with pytest.raises(Overloaded):
            puller.turn()
    assert where(store) is None
    pull_all(puller)
    assert len(told(store, number, "number")) == 1


class Died(BaseException):
    """The process is gone, at once."""


def dies(call, *, before):
    """Make a call at which the process dies: before it does anything, or when all is done."""

    def dying(*given, **more):
        if not before:
            call(*given, **more)
        raise Died

    return dying


STEPS = ["look", "_cursor", "accept_page"]


@pytest.mark.parametrize("page", [0, 1, 2])
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_death_at_any_step_of_any_page_loses_nothing_and_takes_nothing_twice(
    sqlite_store, identity, x, clock, monkeypatch, *, step, before, page
):
    x.mentions, x.per_page = [a_mention(n, f"lampu {n}") for n in range(500, 510)], 4
    intake = Intake(sqlite_store, identity, limits=Limits(replies_a_day=100))
    poller = Twitter.from_settings(x.settings()).poller()
    first = Puller(sqlite_store, intake, "twitter", poller, clock)
    for _ in range(page):
        assert first.turn() == 0
    with monkeypatch.context() as patched:
        owner = intake if step == "accept_page" else first
        patched.setattr(owner, step, dies(getattr(owner, step), before=before))
        with pytest.raises(Died):
            first.turn()
    clock.now += LEASE_FOR + timedelta(seconds=1)
    pull_all(Puller(sqlite_store, intake, "twitter", poller, clock))
    assert sorted(told(sqlite_store, delivery, "key")) == [str(n) for n in range(500, 510)]
    assert len(told(sqlite_store, journal, "id")) == 10
    assert len(set(told(sqlite_store, number, "root"))) == 10


def test_a_bug_over_one_source_stops_neither_the_others_nor_the_process(
    store, intake, x, another, monkeypatch
):
    x.mentions = [a_mention(500)]
    broken, good, stop = another(), another(), threading.Event()
    broken.turn()
    broken.give_up()
    monkeypatch.setattr(broken, "turn", dies_of(KeyError("halo")))

    def once():
        stop.set()
        return Puller.turn(good)

    monkeypatch.setattr(good, "turn", once)
    pull([broken, good], stop)
    assert len(told(store, number, "number")) == 1


def dies_of(error):
    def turn():
        raise error

    return turn


def test_a_parsers_bug_costs_no_post(store, x, another, monkeypatch):
    x.mentions = [a_mention(500), a_mention(501)]

    def read(post, *given):
        if post["id"] == "501":
            raise ZeroDivisionError
        return read_item(post, *given)

    monkeypatch.setattr(mentions, "read_item", read)
    pull_all(another())
    assert sorted(told(store, journal, "outcome")) == ["parked", "pending"]
    assert "parser failed: ZeroDivisionError" in told(store, journal, "reason")


def test_only_the_holder_of_the_lease_pulls_and_another_takes_over_in_time(
    store, x, another, clock
):
    first, second = another(), another()
    first.turn()
    assert second.turn() == LOOK_EVERY
    assert len(x.asked) == 1
    clock.now += LEASE_FOR + timedelta(seconds=1)  # the first one is dead
    second.turn()
    assert len(x.asked) == 2
    assert LEASE_FOR.total_seconds() + 2 * LOOK_EVERY < 60


def test_a_holder_that_lives_keeps_its_lease_through_a_long_rest(x, another, clock):
    x.faults.append(Fault(402))
    first, second = another(), another()
    first.turn()
    for _ in range(60):
        clock.forward(seconds=LOOK_EVERY)
        first.turn()
        second.turn()
    assert len(x.asked) == 1


def test_one_who_stops_lets_the_other_go_on_at_once(x, another):
    first, second = another(), another()
    first.turn()
    first.give_up()
    second.turn()
    assert len(x.asked) == 2


def test_one_who_lost_the_lease_keeps_the_mentions_but_moves_no_cursor(
    store, intake, x, another, clock
):
    x.mentions = [a_mention(500)]
    slow = another()

    def meanwhile(_):
        with store.write() as connection:
            until = clock() + 2 * LEASE_FOR
            late = clock() + LEASE_FOR + timedelta(seconds=1)
            assert leases.take(connection, lease_of("twitter"), uuid.uuid4(), now=late, until=until)

    x.before_page = meanwhile
    slow.turn()
    assert len(told(store, number, "number")) == 1
    assert where(store) is None


def test_failures_in_a_row_make_the_rests_longer_and_a_success_ends_that(x, another, clock):
    puller = another()
    x.faults.extend([Fault(500)] * 4)
    rests = []
    for _ in range(5):
        before = clock()
        puller.turn()
        rests.append((puller._due - before).total_seconds())
        clock.now = puller._due
    assert rests == [0.5, 1.0, 2.0, 4.0, 1.0]


def test_an_unreadable_post_is_parked_and_the_page_goes_on(store, x, another):
    x.mentions = [a_mention(500), {**a_mention(501), "text": None}]
    pull_all(another())
    assert sorted(told(store, journal, "outcome")) == ["parked", "pending"]


def test_a_message_that_the_store_refuses_is_parked_alone(store, intake, clock):
    token = uuid.uuid4()
    good, bad = a_post(1, "Lampu padam"), a_post(2, "", fields={"title": {"a set is not JSON"}})
    with store.write() as connection:
        leases.take(connection, lease_of("twitter"), token, now=clock(), until=clock() + LEASE_FOR)
    receipts = intake.accept_page(
        "twitter", Page((good, bad), "{}"), Move("twitter", "{}", clock(), token)
    )
    assert [receipt.kind for receipt in receipts] == ["new", "quiet"]
    assert sorted(told(store, journal, "outcome")) == ["parked", "pending"]
    assert where(store) == "{}"


def test_a_gap_is_counted_and_the_age_of_the_cursor_told(store, intake, clock):
    token = uuid.uuid4()
    with store.write() as connection:
        leases.take(connection, lease_of("twitter"), token, now=clock(), until=clock() + LEASE_FOR)
    intake.accept_page("twitter", Page((), "{}"), Move("twitter", "{}", clock(), token, gap=True))
    clock.forward(seconds=90)
    text = metrics.exposition(store, clock).decode()
    assert 'lapor_mentions_alarms_total{source="twitter"} 1.0' in text
    assert 'lapor_poll_age_seconds{source="twitter"} 90.0' in text


# --- many ------------------------------------------------------------------------------------

MANY = 10_000


def a_post(post_id: int, text: str, **changed) -> InboundMessage:
    return a_message(
        text,
        **{
            "source": "twitter",
            "channel": "twitter",
            "provider": "x",
            "provider_id": str(post_id),
            "sender": Sender("x", str(7000 + post_id % 500), proven=True),
            "post": Post(str(post_id), (str(post_id),), conversation_id=str(post_id)),
        }
        | changed,
    )


def test_ten_thousand_mentions_in_random_overlapping_pages_are_ten_thousand_messages(
    sqlite_store, identity, clock
):
    chance = random.Random(1708)  # noqa: S311 - an order, not a secret
    intake = Intake(sqlite_store, identity, limits=Limits(replies_a_day=MANY))
    messages = [a_post(10_000 + n, f"Lampu nomor {n} padam") for n in range(MANY)]
    starts = list(range(0, MANY, 80)) + [chance.randrange(MANY) for _ in range(25)]
    chance.shuffle(starts)
    for at in starts:
        page = messages[at : at + 100]
        chance.shuffle(page)
        page += chance.sample(page, 3)
        intake.accept_page("twitter", Page(tuple(page), "{}"))
    with sqlite_store.read() as connection:
        for table in (delivery, journal, number):
            assert connection.scalar(select(func.count()).select_from(table)) == MANY
        assert connection.scalar(select(func.count(number.c.root.distinct()))) == MANY
