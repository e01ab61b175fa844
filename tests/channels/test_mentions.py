"""Mentions pulled by the real client over real HTTP: pages, faults and what is asked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from x_server import ACCOUNT, BEGUN, REACHABLE, Fault, a_mention, x_server

from channels.base import NotNow
from channels.twitter.door import Twitter

NOW = BEGUN + timedelta(seconds=1000)
SOON = f"{NOW.timestamp() + 90:.0f}"


@pytest.fixture
def x():
    with x_server() as served:
        yield served


def poller(x, **settings):
    return Twitter.from_settings(x.settings(**settings)).poller()


def one_round(pull, cursor=None, now=NOW):
    pages = [pull.fetch(cursor, now)]
    while pages[-1].more:
        pages.append(pull.fetch(pages[-1].cursor, now))
    return pages


def ids(pages):
    return [message.provider_id for page in pages for message in page.messages]


def test_without_a_token_to_read_nothing_is_pulled(x):
    assert poller(x, bearer_token="") is None


def test_a_round_takes_every_page_to_the_end(x):
    x.mentions, x.per_page = [a_mention(n) for n in range(500, 520)], 7
    pages = one_round(poller(x))
    assert [len(page.messages) for page in pages] == [7, 7, 6]
    assert [page.more for page in pages] == [True, True, False]
    assert sorted(ids(pages)) == [str(n) for n in range(500, 520)]


def test_the_first_round_begins_an_overlap_before_now_and_the_next_one_before_the_first(x):
    pull = poller(x, overlap_seconds=120)
    (first,) = one_round(pull)
    (second,) = one_round(pull, first.cursor, NOW + timedelta(seconds=60))
    (third,) = one_round(pull, second.cursor, NOW + timedelta(seconds=120))
    asked = [given["start_time"] for given in x.asked_for("mentions")]
    assert asked == ["2026-11-26T00:14:40Z", "2026-11-26T00:14:40Z", "2026-11-26T00:15:40Z"]
    assert [first.messages, second.messages, third.messages] == [(), (), ()]


def test_a_mention_that_the_index_shows_late_is_read_within_the_overlap(x):
    pull = poller(x)
    x.mentions = [a_mention(990)]
    (first,) = one_round(pull)
    x.mentions.append(a_mention(900))  # older than what was read
    (second,) = one_round(pull, first.cursor, NOW + timedelta(seconds=60))
    assert ids([second]) == ["990", "900"]


def test_a_page_that_moved_meanwhile_loses_nothing(x):
    x.mentions, x.per_page = [a_mention(n) for n in range(500, 510)], 5
    pull = poller(x)
    first = pull.fetch(None, NOW)
    x.mentions += [a_mention(n) for n in range(510, 513)]
    rest = one_round(pull, first.cursor)
    again = one_round(pull, rest[-1].cursor, NOW + timedelta(seconds=60))
    assert set(ids([first, *rest, *again])) == {str(n) for n in range(500, 513)}


def test_the_end_of_what_x_shows_raises_an_alarm(x):
    x.mentions = [a_mention(n) for n in range(500, 500 + REACHABLE + 5)]
    pages = one_round(poller(x), now=BEGUN + timedelta(seconds=1000))
    assert [page.gap for page in pages] == [False] * 7 + [True]
    assert len(ids(pages)) == REACHABLE


def test_the_last_request_of_a_window_says_when_to_come_again(x):
    x.remaining = 1
    page = poller(x).fetch(None, NOW)
    assert page.wait == 901  # X's clock and NOW are far apart: never longer than a window


@pytest.mark.parametrize(
    ("fault", "reason", "retry_after"),
    [
        (Fault(429, {"x-rate-limit-reset": SOON}), "rate limit", 91.0),
        (Fault(429, {"x-rate-limit-reset": "segera"}), "unreadable", None),
        (Fault(429), "rate limit", None),
        (Fault(402), "budget", 3600.0),
        (Fault(401), "refuses: 401", 300.0),
        (Fault(403), "refuses: 403", 300.0),
        (Fault(400), "refuses: 400", 300.0),
        (Fault(500), "answers 500", None),
        (Fault(503), "answers 503", None),
        (Fault(307, {"Location": "http://127.0.0.1:1/lain"}), "away: TooManyRedirects", None),
        (Fault(200, body=b"<html>"), "unreadable", None),
        (Fault(200, body=b"[]"), "unreadable", None),
        (Fault(200, body=b'{"data": [1]}'), "unreadable", None),
        (Fault(), "away: ConnectionError", None),
        (Fault(hang=1.5), "away: ReadTimeout", None),
    ],
    ids=lambda value: f"{value.status}" if isinstance(value, Fault) else None,
)
def test_what_goes_wrong_is_not_now_and_asked_once(x, fault, reason, retry_after):
    x.faults.append(fault)
    with pytest.raises(NotNow, match=reason) as refused:
        poller(x, timeout_seconds=0.5).fetch(None, NOW)
    assert refused.value.retry_after == retry_after
    assert len(x.asked) == 1


def test_nobody_there_is_not_now(x):
    with pytest.raises(NotNow, match="away"):
        poller(x, api_url="http://127.0.0.1:1").fetch(None, NOW)


def test_a_page_that_is_no_longer_there_begins_the_round_again(x):
    x.mentions, x.per_page = [a_mention(n) for n in range(500, 510)], 5
    pull = poller(x)
    first = pull.fetch(None, NOW)
    x.faults.append(Fault(400))
    second = pull.fetch(first.cursor, NOW)
    assert (second.messages, second.more) == ((), True)
    assert second.wait > 0
    assert len(set(ids(one_round(pull, second.cursor)))) == 10


def test_a_post_that_cannot_be_read_is_set_aside_with_what_it_refers_to(x):
    broken = {**a_mention(501), "text": None}
    x.mentions = [a_mention(500), broken, a_mention(502)]
    x.includes = {"users": [{"id": "7001", "name": "Ani", "username": "ani"}]}
    (page,) = one_round(poller(x))
    assert ids([page]) == ["502", "500"]
    (aside,) = page.unreadable
    assert "text" in aside.reason
    assert b'"501"' in aside.raw.body
    mended = aside.raw.body.replace(b'"text": null', b'"text": "halo"')
    channel = Twitter.from_settings(x.settings())
    (message,) = channel.parse(type(aside.raw)("POST", "", b"", (), mended, "", NOW))
    assert (message.provider_id, message.sender.name) == ("501", "Ani")


def test_own_posts_and_pure_reposts_are_left_out_quotes_and_replies_are_not(x):
    x.mentions = [
        a_mention(501, author_id=ACCOUNT),
        a_mention(502, referenced_tweets=[{"type": "retweeted", "id": "9"}]),
        a_mention(503, referenced_tweets=[{"type": "quoted", "id": "9"}]),
        a_mention(504, referenced_tweets=[{"type": "replied_to", "id": "9"}], conversation_id="9"),
    ]
    (page,) = one_round(poller(x))
    reply, quote = page.messages
    assert (quote.provider_id, quote.post.quotes) == ("503", "9")
    assert (reply.post.replies_to, reply.post.conversation_id) == ("9", "9")


def test_everything_that_is_read_is_asked_for(x):
    poller(x).fetch(None, NOW)
    (asked,) = x.asked_for("mentions")
    assert {"note_tweet", "entities", "edit_history_tweet_ids", "referenced_tweets"} <= set(
        asked["tweet.fields"].split(",")
    )
    assert asked["expansions"] == "author_id,attachments.media_keys"
    assert asked["max_results"] == "100"
