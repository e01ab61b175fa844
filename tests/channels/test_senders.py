"""Who sent an SMS."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.base import Sender
from channels.sms.senders import e164, e164_set, read_sender

PHONE = "+6281234500017"


@pytest.mark.parametrize(
    "typed",
    [
        "+6281234500017",
        "6281234500017",
        "081234500017",
        "006281234500017",
        "81234500017",  # as some carriers deliver it
        "+62 812-3450-0017",
        "0812 3450 0017",
        "0812.3450.0017",
        "  081234500017\n",
    ],
)
def test_every_spelling_of_an_indonesian_number_is_one_key(typed):
    assert e164(typed) == PHONE


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("0215000170", "+62215000170"),  # a fixed line
        ("+60123450017", "+60123450017"),
        ("0060123450017", "+60123450017"),
        ("60123450017", "+60123450017"),
        ("+14155550100", "+14155550100"),
        ("1708", "1708"),
        ("123456", "123456"),
        ("1234567", "+1234567"),
        ("97788", "97788"),
    ],
)
def test_other_countries_keep_their_code_and_short_codes_their_digits(typed, key):
    assert e164(typed) == key


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "+", "TOKOABC", "INFO 24", "0812x3450017", "+62+81234500017", "(021)5000170"),
        *("-0812345", "081234\n500017", "0812\x003450017", "null", "anonymous", "\ud800"),
        "\u0660\u0668\u0661\u0662\u0663\u0664\u0665\u0660\u0660\u0661\u0667",  # Arabic-Indic
        "\uff10\uff18\uff11\uff12\uff13\uff14\uff15",  # full width
        "\u00b2\u00b34567890",  # superscript
    ],
)
def test_what_is_no_number_has_no_key(typed):
    assert e164(typed) is None


@pytest.mark.parametrize(
    ("typed", "proven", "automatic"),
    [
        ("+6281234500017", True, False),
        ("081234500017", True, False),
        ("+14155550100", True, False),
        ("97788", True, True),
        ("1708", True, True),
        ("0215001708", True, True),
        ("+62 21 500 1708", True, True),
        ("TOKOABC", False, True),
        ("", False, True),
        ("\u0660\u0668\u0661\u0662\u0663\u0664\u0665", False, True),
    ],
)
def test_machines_are_told_apart_and_letters_prove_nobody(typed, proven, automatic):
    sender, is_automatic = read_sender(typed, e164_set(["1708", "+62215001708"]))
    assert (sender.proven, is_automatic) == (proven, automatic)
    assert sender.kind == "tel"


def test_alphanumeric_sender_keeps_its_name():
    assert read_sender(" TOKOABC ", ())[0] == Sender("tel", "TOKOABC", proven=False)


def test_own_numbers_are_compared_in_one_spelling():
    assert e164_set(["081234500017", "+62 812 3450 0017", "1708"]) == {PHONE, "1708"}


def test_own_number_that_is_none_is_named():
    with pytest.raises(ValueError, match="own_numbers: 'pusat'"):
        e164_set(["1708", "pusat"])


@settings(derandomize=True, database=None, deadline=None, max_examples=400)
@given(typed=st.one_of(st.text(), st.text(alphabet="+0628123 .-")))
def test_key_is_digits_with_or_without_a_plus_and_reads_as_itself(typed):
    key = e164(typed)
    if key is not None:
        assert re.fullmatch(r"\+[0-9]{7,}|[0-9]{1,6}", key, re.ASCII)
        assert e164(key) == key or not key.startswith("+")
