"""Every answer on X: public, short, without links, and never the same twice."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest
from support import NOW

from channels.base import AskedFor, Receipt, Saying
from channels.statuses import STATUS_WORDS
from channels.twitter.wording import LONGEST, reply_text, say

NUMBER, OTHER = "WWWW-WWW-WWW", "MMMM-MMM-MMM"
RECEIPTS = [
    Receipt("new", NUMBER, status="received"),
    Receipt("new", NUMBER, status="received", command="add", first_number=OTHER),
    Receipt("repeat", NUMBER, first_number=NUMBER),
    Receipt("repeat", NUMBER, first_number=OTHER),
    Receipt("supported", NUMBER, first_number=OTHER),
    Receipt("command", command="help"),
    Receipt("command", command="status"),
    Receipt("command", command="withdraw"),
    Receipt("command", NUMBER, status="received", command="add"),
    Receipt("answer", NUMBER),
    *(
        Receipt("command", NUMBER, status=status, command=word)
        for status in STATUS_WORDS
        for word in ("status", "withdraw")
    ),
]


@pytest.mark.parametrize("receipt", RECEIPTS, ids=str)
def test_every_answer_fits_a_post_and_has_no_link(receipt):
    said = reply_text(receipt, NOW)
    assert 0 < len(said) <= LONGEST
    assert "http" not in said
    assert not re.search(r"\w\.[a-z]", said)  # X makes a link of that
    assert (receipt.number or "") in said


@pytest.mark.parametrize("receipt", RECEIPTS, ids=str)
def test_the_same_answer_a_second_later_is_another_text(receipt):
    assert reply_text(receipt, NOW) != reply_text(receipt, NOW + timedelta(seconds=1))
    assert reply_text(receipt, NOW).endswith("(21/11 10.04.05)")


@pytest.mark.parametrize("receipt", RECEIPTS, ids=str)
def test_a_redelivery_says_the_same(receipt):
    assert reply_text(replace(receipt, redelivered=True), NOW) == reply_text(receipt, NOW)


@pytest.mark.parametrize("kind", ["quiet", "part"])
def test_silence_is_silence(kind):
    assert reply_text(Receipt(kind), NOW) == ""


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("asks", get_args(AskedFor))
def test_every_question_fits_a_post(asks, told):
    said = say(Saying(RECEIPTS[0], NOW, asks=asks, told=told))
    assert 0 < len(said) <= LONGEST
    assert NUMBER in said
    assert said.endswith("(21/11 10.04.05)")
    assert not re.search(r"\w\.[a-z]", said)


@pytest.mark.parametrize("receipt", RECEIPTS, ids=str)
@pytest.mark.parametrize("asks", [None, "incident_location"])
def test_nothing_confidential_is_spoken_of_in_public(receipt, asks):
    said = say(Saying(receipt, NOW, asks=asks, confidential=True))
    assert NUMBER not in said
    assert "situs SP4N-LAPOR!" in said
    assert not any(words in said for words in STATUS_WORDS.values())
    assert 0 < len(said) <= LONGEST


def test_what_is_said_without_a_question_is_a_reply_as_any():
    assert say(Saying(RECEIPTS[0], NOW)) == reply_text(RECEIPTS[0], NOW)
    assert say(Saying(RECEIPTS[0], NOW, told=True)) == ""
