"""What a phone receives."""

from __future__ import annotations

from typing import get_args

import gsm0338
import pytest

from channels.base import Receipt, ReceiptKind
from channels.sms.wording import STATUS_WORDS, reply_text

NUMBER = "7K3M-Q2P-9X7"  # every number is as long
ONE_SMS = 160
STATUSES = [*STATUS_WORDS, "a_status_from_tomorrow", None]
SILENT = ("answer", "part", "quiet")
RECEIPTS = {
    "new": Receipt("new", NUMBER),
    "repeat": Receipt("repeat", NUMBER, first_number=NUMBER),
    "command of a stranger": Receipt("command"),
    "added": Receipt("command", NUMBER, status="received", command="add"),
    "added to a closed one": Receipt("new", NUMBER, first_number=NUMBER, command="add"),
    "withdrawn": Receipt("command", NUMBER, status="withdrawn", command="withdraw"),
    "help": Receipt("command", command="help"),
    **{f"command: {status}": Receipt("command", NUMBER, status=status) for status in STATUSES},
}


def septets(text: str) -> int:
    """Count as a carrier does; anything outside GSM-7 raises, and would cost an SMS of 70."""
    encoded, _ = gsm0338.Codec().encode(text)
    return len(encoded)


def test_a_character_outside_gsm7_and_an_escaped_one_are_noticed():
    assert septets("a" * ONE_SMS) == ONE_SMS
    assert septets("€") == 2
    with pytest.raises(UnicodeEncodeError):
        septets("\u2026")


@pytest.mark.parametrize("receipt", RECEIPTS.values(), ids=RECEIPTS)
def test_every_answer_fits_one_gsm7_sms(receipt):
    assert 0 < septets(reply_text(receipt)) <= ONE_SMS


@pytest.mark.parametrize("receipt", RECEIPTS.values(), ids=RECEIPTS)
def test_every_answer_quotes_the_number_it_has(receipt):
    assert (NUMBER in reply_text(receipt)) == (receipt.number is not None)


@pytest.mark.parametrize("status", STATUS_WORDS)
def test_every_status_has_words_of_its_own(status):
    text = reply_text(Receipt("command", NUMBER, status=status))
    assert STATUS_WORDS[status] in text
    assert status not in text
    assert len(set(STATUS_WORDS.values())) == len(STATUS_WORDS)


def test_status_without_words_is_in_process():
    assert "sedang diproses" in reply_text(Receipt("command", NUMBER, status="tomorrow"))


def test_repeat_is_told_that_it_is_in_process_already():
    assert "sudah kami terima" in reply_text(RECEIPTS["repeat"])
    assert reply_text(RECEIPTS["repeat"]) != reply_text(RECEIPTS["new"])


def test_stranger_is_told_nothing_about_the_complaint():
    assert "tidak ditemukan" in reply_text(RECEIPTS["command of a stranger"])


@pytest.mark.parametrize("kind", SILENT)
def test_the_rest_is_silence_even_with_a_number(kind):
    assert reply_text(Receipt(kind)) == ""
    assert reply_text(Receipt(kind, NUMBER, status="received")) == ""


def test_every_kind_of_receipt_is_answered_or_silent():
    answered = {receipt.kind for receipt in RECEIPTS.values()}
    assert answered | set(SILENT) == set(get_args(ReceiptKind))
