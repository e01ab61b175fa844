"""The number a citizen quotes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels import number

stable = settings(derandomize=True, database=None, deadline=None, max_examples=200)
NUMBER = "7K3M-Q2P-9X7"
NUMBERS = [
    number.draw(lambda count, seed=seed: bytes(seed * 37 + 91 * k & 255 for k in range(count)))
    for seed in range(25)
]


@stable
@given(drawn=st.binary(min_size=number.RANDOM_LENGTH, max_size=number.RANDOM_LENGTH))
def test_number_that_was_drawn_is_read_again(drawn):
    shown = number.draw(lambda count: drawn[:count])
    assert [len(part) for part in shown.split("-")] == [4, 3, 3]
    assert number.parse(shown) == shown
    assert not set("OILU") & set(shown)
    assert any(char.isdigit() for char in shown), "or CEK would take it for words"


def test_nine_letters_are_not_drawn():
    shown = number.draw(lambda count: b"\x0b" * count)
    assert shown.startswith("BBBB-BBB-B1")
    assert number.parse(shown) == shown


def test_other_bytes_draw_another_number():
    draws = {
        number.draw(lambda count, last=last: bytes(count - 1) + bytes([last])) for last in range(32)
    }
    assert len(draws) == 32


@pytest.mark.parametrize(
    "typed",
    [
        "7K3M-Q2P-9X7",
        "7K3MQ2P9X7",
        "7k3m-q2p-9x7",
        " 7K3M Q2P 9X7 ",
        "7K3M\u2013Q2P\u20119X7",
        "7K3M.Q2P.9X7",
        "7K3M_Q2P_9X7",
        "7 K 3 M Q 2 P 9 X 7",
        "7K3M-Q2P-\n9X7",
        "7K3M\u00a0Q2P\u00a09X7",
    ],
)
def test_typing_is_forgiven(typed):
    assert number.parse(typed) == NUMBER


@pytest.mark.parametrize("shown", [shown for shown in NUMBERS if set("01") & set(shown)])
def test_o_is_read_as_zero_and_i_and_l_as_one(shown):
    for zero, one in (("O", "I"), ("o", "l"), ("O", "L"), ("o", "i")):
        assert number.parse(shown.replace("0", zero).replace("1", one)) == shown


@pytest.mark.parametrize("shown", [NUMBER, *NUMBERS])
def test_every_single_wrong_character_is_caught(shown):
    ten = shown.replace("-", "")
    wrong = [
        ten[:at] + other + ten[at + 1 :]
        for at in range(len(ten))
        for other in number.ALPHABET
        if other != ten[at]
    ]
    assert len(wrong) == 310
    assert [typed for typed in wrong if number.parse(typed) is not None] == []


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "-" * 10, "nomor saya", "+628123450017"),
        *("7K3M-Q2P-9X", "7K3M-Q2P-9X77", "7K3M-Q2P-9XU", "7K3M/Q2P/9X7", "7K3M-Q2P-9X7\0"),
        *("\uff17K3M-Q2P-9X7", "\u0667K3M-Q2P-9X7"),  # sevens, but not ours
    ],
)
def test_what_is_no_number_is_none(typed):
    assert number.parse(typed) is None


@stable
@given(typed=st.text())
def test_any_text_is_a_number_or_none(typed):
    shown = number.parse(typed)
    assert shown is None or number.parse(shown) == shown


def test_shape_is_told_apart_from_the_check():
    assert number.folded("7k3m q2p 9x8") == "7K3MQ2P9X8"
    assert number.parse("7k3m q2p 9x8") is None
    assert number.folded("jalan") is None
