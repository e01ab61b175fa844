"""Masking of what identifies a person."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normalizer.complaint import Identifier
from normalizer.identifiers import mask

TEN_DIGITS = re.compile(r"\d{10}")  # of any script


@pytest.mark.parametrize(
    ("text", "masked", "shown"),
    [
        ("HP saya 081234500017 ya", "HP saya *********017 ya", ["*********017"]),
        ("hub. 0812 3450 0017 ya", "hub. *********017 ya", ["*********017"]),
        ("+62 812.3450.0017", "**********017", ["**********017"]),
        ("hubungi 0812-3450-0017.", "hubungi *********017.", ["*********017"]),
        ("+6281234500017", "**********017", ["**********017"]),
        ("+62-812-3450-0017", "**********017", ["**********017"]),
        ("NIK 9999010101010001, KK", "NIK *************001, KK", ["*************001"]),
        ("1234567890", "*******890", ["*******890"]),
        ("RT05081234500017x", "RT***********017x", ["***********017"]),
        (
            "\u0660\u0668\u0661\u0662\u0663\u0664\u0665\u0660\u0660\u0661\u0667",
            "********\u0660\u0661\u0667",
            ["********\u0660\u0661\u0667"],
        ),
        ("surel sari.contoh+a@contoh.example ya", "surel ***@contoh.example ya", None),
        ("SARI@Contoh.Example", "***@Contoh.Example", None),
        ("a@b.example,c@d.example", "***@b.example,***@d.example", None),
        (
            "081234500017 atau sari@contoh.example atau 0274-5000-171",
            "*********017 atau ***@contoh.example atau ********171",
            ["*********017", "***@contoh.example", "********171"],
        ),
    ],
)
def test_identifier_is_masked_and_listed_in_order(text, masked, shown):
    hidden, identifiers = mask(text)
    assert hidden == masked
    assert identifiers
    assert all(identifier.masked in hidden for identifier in identifiers)
    if shown is not None:
        assert [identifier.masked for identifier in identifiers] == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Rp 1.500.000.000 hilang",
        "Rp1.500.000,00",
        "tanggal 12-10-2026 pukul 07.30",
        "2026-10-12",
        "12/10/2026",
        "RT 05/RW 03 No. 17 kode pos 55281",
        "telepon 1708 atau 110",
        "123456789",
        "nomor 7K3M-Q2P-9X7",
        "akun @contoh",
        "sari@contoh",
        "3 x 4 = 12, 100% benar",
    ],
)
def test_prices_dates_and_short_numbers_stay(text):
    assert mask(text) == (text, ())


def test_kinds_are_told_apart():
    _, identifiers = mask("sari@contoh.example 081234500017")
    assert identifiers == (
        Identifier("email", "***@contoh.example"),
        Identifier("other", "*********017"),
    )


@settings(derandomize=True, database=None, deadline=None, max_examples=600)
@given(
    text=st.one_of(
        st.text(),
        st.text(alphabet="0123456789-+. @a\n\u0660\u0661\u09e7\uff13"),
        st.text(alphabet=st.characters(categories=("Nd",)), min_size=8),
    )
)
def test_no_ten_digits_are_left_in_a_row(text):
    masked, identifiers = mask(text)
    assert TEN_DIGITS.search(masked) is None
    assert bool(identifiers) == (masked != text)


@pytest.mark.parametrize(
    "text",
    ["a" * 50_000, "1-" * 25_000, "a." * 25_000, "a@" * 25_000, "a" * 99 + "@" + "a" * 50_000],
)
def test_long_word_costs_no_more_than_its_length(text):
    began = time.process_time()
    mask(text)
    assert time.process_time() - began < 1


def test_name_longer_than_any_mailbox_is_masked_as_far_as_a_mailbox_goes():
    masked, _ = mask("a" * 70 + "@contoh.example")
    assert masked == "aaaaaa***@contoh.example"
