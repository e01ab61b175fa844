"""Every reply is said at most once where nobody can look it up, and exactly once where one can."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import update
from support import a_message, wait_until
from talking import ON_X, a_speaking, rows, say_all

from channels.base import Refused, Sent, Unknown
from gateway import counters, daemon
from gateway.speaking import LEASE
from gateway.tables import reply


@pytest.fixture
def say(store, talking_intake, clock):
    """Have something to say through a door, and give what says it."""

    def filed(door, source="jasmin", text="Lampu jalan mati", **changed):
        talking_intake.accept([a_message(text, source=source, **changed)])
        return a_speaking(store, door, clock, source)

    return filed


def states(store):
    return [row.state for row in rows(store)]


def test_a_number_is_told_once(store, door, say):
    speaking = say(door)
    say_all(speaking)
    say_all(speaking)
    (row,) = rows(store)
    assert door.texts == [row.text]
    assert row.number in row.text
    assert (row.state, row.provider_id) == ("sent", "SM1")
    assert row.settled_at is not None


def test_a_reply_on_x_answers_the_post(store, door, say):
    say_all(say(door, "twitter", provider_id="1990000000000000001", sender=ON_X))
    (message,) = door.said
    assert (message.to, message.answers) == (ON_X, "1990000000000000001")


def test_sending_is_on_disk_before_the_provider_is_called(store, door, say):
    seen = []
    door.outcomes.append(lambda message: seen.append(states(store)) or Sent())
    say_all(say(door))
    assert seen == [["sending"]]


# --- what was surely not said -------------------------------------------------------------------


def test_what_was_refused_is_tried_again_with_more_and_more_time_between(store, door, say, clock):
    speaking = say(door)
    door.outcomes.extend([Refused("away")] * 4)
    pauses = []
    for _ in range(4):
        say_all(speaking)
        (row,) = rows(store)
        assert row.state == "waiting"
        pauses.append((row.due_at - clock()).total_seconds())
        clock.now = row.due_at
    say_all(speaking)
    assert pauses == [5, 10, 20, 40]
    assert states(store) == ["sent"]
    assert len(set(door.texts)) == 1


def test_who_says_when_to_come_again_is_heard_for_the_whole_source(store, door, say, clock):
    speaking = say(door)
    say(door, text="Yang kedua")
    door.outcomes.append(Refused("rate limit", retry_after=300))
    speaking.run_once()
    say_all(speaking)
    assert len(door.said) == 1
    clock.forward(seconds=299)
    say_all(speaking)
    assert len(door.said) == 1
    clock.forward(seconds=1)
    say_all(speaking)
    assert states(store) == ["sent", "sent"]


def test_what_is_refused_for_good_is_given_up(store, door, say):
    speaking = say(door)
    door.outcomes.append(Refused("no such phone", final=True))
    say_all(speaking)
    say_all(speaking)
    assert states(store) == ["given_up"]
    assert len(door.said) == 1


def test_what_could_not_be_said_for_a_day_is_given_up(store, door, say, clock):
    speaking = say(door)
    door.outcomes.extend([Refused("away")] * 2)
    say_all(speaking)
    clock.forward(hours=25)
    say_all(speaking)
    assert states(store) == ["given_up"]


# --- what may have been said ----------------------------------------------------------------------


def test_an_sms_that_may_have_been_sent_is_shown_and_never_sent_again(store, door, say, clock):
    speaking = say(door)
    door.outcomes.append(Unknown("no answer"))
    say_all(speaking)
    clock.forward(hours=1)
    say_all(speaking)
    clock.forward(hours=48)
    say_all(speaking)
    assert states(store) == ["unsure"]
    assert len(door.said) == 1


def test_a_post_that_is_found_is_not_posted_again(store, door, say, clock):
    speaking = say(door)
    door.outcomes.append(Unknown("no answer"))
    door.finds.append(Sent("1990000000000000009"))
    say_all(speaking)
    clock.forward(seconds=10)
    say_all(speaking)
    (row,) = rows(store)
    assert (row.state, row.provider_id) == ("sent", "1990000000000000009")
    assert len(door.said) == 1
    assert door.looked_up[0].first_tried_at is not None


def test_a_post_that_is_surely_not_there_is_posted_again(store, door, say, clock):
    speaking = say(door)
    door.outcomes.append(Unknown("no answer"))
    door.finds.extend([Unknown("not there, yet"), Refused("not there")])
    for _ in range(4):
        say_all(speaking)
        clock.forward(minutes=2)
    assert states(store) == ["sent"]
    assert len(door.said) == 2
    assert len(set(door.texts)) == 1
    assert door.said[1].first_tried_at is not None


def test_a_look_up_that_never_tells_is_left_to_a_person(store, door, say, clock):
    speaking = say(door)
    door.outcomes.append(Unknown("no answer"))
    door.finds.extend([Unknown("x is away")] * 100)
    for _ in range(60):
        say_all(speaking)
        clock.forward(hours=1)
    assert states(store) == ["unsure"]
    assert len(door.said) == 1


def test_a_speaker_that_fails_may_have_said_it(store, door, say):
    speaking = say(door)
    door.outcomes.append(lambda message: 1 / 0)
    speaking.run_once()
    (row,) = rows(store)
    assert (row.state, row.reason) == ("unknown", "the speaker failed: ZeroDivisionError")


class Killed(BaseException):
    """Nothing catches it, as nothing catches SIGKILL."""


def die(_message):
    raise Killed


def test_a_worker_that_dies_in_the_call_has_an_sms_sent_at_most_once(store, door, say, clock):
    speaking = say(door)
    door.outcomes.append(die)
    with pytest.raises(Killed):
        speaking.run_once()
    another = a_speaking(store, door, clock)
    say_all(another)
    assert states(store) == ["sending"]
    clock.now += LEASE
    say_all(another)
    assert states(store) == ["unsure"]
    assert len(door.said) == 1


def test_a_worker_that_dies_before_the_call_has_a_post_made_once(store, door, say, clock):
    speaking = say(door)
    door.outcomes.append(die)
    with pytest.raises(Killed):
        speaking.run_once()
    door.said.clear()
    door.finds.append(Refused("not there"))
    clock.now += LEASE
    for _ in range(3):
        say_all(speaking)
        clock.forward(minutes=1)
    assert states(store) == ["sent"]
    assert len(door.said) == 1


def test_a_slow_worker_whose_lease_ended_still_tells_what_it_knows(store, door, say, clock):
    speaking, another = say(door), a_speaking(store, door, clock)

    def slow(message):
        clock.now += LEASE
        another.run_once()
        return Sent("SM9")

    door.outcomes.append(slow)
    speaking.run_once()
    assert len(door.said) == 1
    assert states(store) == ["sent"]


# --- pace ---------------------------------------------------------------------------------------


def test_a_source_is_not_spoken_through_faster_than_its_pace(store, door, say, clock):
    door.pace = 10.0
    for n in range(3):
        speaking = say(door, text=f"Laporan {n}")
    said = []
    for _ in range(31):
        say_all(speaking)
        said.append(len(door.said))
        clock.forward(seconds=1)
    assert [said.index(n) for n in (1, 2, 3)] == [0, 10, 20]


def test_numbers_go_before_news(store, door, say, clock):
    speaking = say(door, text="Kabar lama")
    with store.write() as connection:
        connection.execute(update(reply).values(rank=2))
    clock.forward(seconds=5)
    say(door, text="Laporan baru")
    say_all(speaking)
    with_number = {row.number: row.rank for row in rows(store)}
    order = [next(n for n in with_number if n in text) for text in door.texts]
    assert [with_number[n] for n in order] == [0, 2]


def test_two_workers_say_each_thing_once(store, door, say, clock):
    for n in range(3):
        speaking = say(door, text=f"Laporan {n}")
    stop = threading.Event()
    threads = daemon.start([speaking.run_once, a_speaking(store, door, clock).run_once], stop)
    wait_until(lambda: states(store) == ["sent"] * 3)
    stop.set()
    for thread in threads:
        thread.join()
    assert len(door.texts) == len(set(door.texts)) == 3


def test_what_became_of_replies_is_counted(store, door, say):
    speaking = say(door)
    say(door, text="Yang kedua")
    door.outcomes.extend([Refused("no such phone", final=True), Sent()])
    say_all(speaking)
    with store.read() as connection:
        totals = counters.totals(connection)
    assert totals["replies", "jasmin:sent"] == 1
    assert totals["replies", "jasmin:given_up"] == 1


def test_a_reply_waits_a_moment_so_that_a_question_goes_with_it(store, door, say, clock, replies):
    object.__setattr__(replies.manners, "hold", timedelta(seconds=2))
    speaking = say(door)
    say_all(speaking)
    assert door.said == []
    clock.forward(seconds=2)
    say_all(speaking)
    assert len(door.said) == 1
