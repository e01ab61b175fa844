"""What a phone receives."""

from __future__ import annotations

from typing import get_args

import gsm0338
import pytest
from support import NOW

from channels.base import AskedFor, Receipt, ReceiptKind, Saying
from channels.sms.wording import reply_text, say
from channels.statuses import STATUS_WORDS

NUMBER = "7K3M-Q2P-9X7"  # every number is as long
ONE_SMS = 160
STATUSES = [*STATUS_WORDS, "a_status_from_tomorrow", None]
SILENT = ("part", "quiet")
RECEIPTS = {
    "new": Receipt("new", NUMBER),
    "repeat": Receipt("repeat", NUMBER, first_number=NUMBER),
    "near repeat": Receipt("repeat", NUMBER, first_number="WWWW-WWW-WWW"),
    "supported": Receipt("supported", NUMBER, first_number="WWWW-WWW-WWW"),
    "command of a stranger": Receipt("command"),
    "added": Receipt("command", NUMBER, status="received", command="add"),
    "added to a closed one": Receipt("new", NUMBER, first_number=NUMBER, command="add"),
    "withdrawn": Receipt("command", NUMBER, status="withdrawn", command="withdraw"),
    "help": Receipt("command", command="help"),
    "answer to a question": Receipt("answer", NUMBER, status="received"),
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


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("asks", get_args(AskedFor))
def test_every_question_fits_one_gsm7_sms_and_quotes_the_number(asks, told):
    text = say(Saying(Receipt("new", NUMBER, status="received"), NOW, asks=asks, told=told))
    assert 0 < septets(text) <= ONE_SMS
    assert NUMBER in text
    assert text.count("?") == 1
    assert ("Terima kasih" in text) is not told


@pytest.mark.parametrize("receipt", RECEIPTS.values(), ids=RECEIPTS)
def test_what_is_said_without_a_question_is_what_the_webhook_would_answer(receipt):
    assert say(Saying(receipt, NOW)) == reply_text(receipt)


def test_what_was_told_already_is_not_said_again():
    assert say(Saying(RECEIPTS["new"], NOW, told=True)) == ""


def test_an_answer_tells_how_to_report_something_else():
    assert "LAPOR" in reply_text(RECEIPTS["answer to a question"])


def test_a_near_repeat_tells_both_numbers_and_how_to_part_them():
    text = reply_text(RECEIPTS["near repeat"])
    assert "WWWW-WWW-WWW" in text
    assert f"BEDA {NUMBER}" in text


def test_who_supports_a_matter_hears_nothing_of_whoever_said_it_first():
    assert "WWWW-WWW-WWW" not in reply_text(RECEIPTS["supported"])
