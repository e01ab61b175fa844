"""Tidying, and a line to call a complaint by."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normalizer.text import tidy
from normalizer.titles import LONGEST_TITLE, headline

stable = settings(derandomize=True, database=None, deadline=None, max_examples=300)
POLITE = st.sampled_from(
    ["Assalamualaikum", "wr", "wb.", "Yth.", "Pak", "ibu,", "selamat pagi", "lapor!", "min", "\n"]
)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Jalan berlubang di depan pasar", "Jalan berlubang di depan pasar"),
        ("jalan berlubang. Sudah lama.", "Jalan berlubang"),
        ("Jalan berlubang!\nTolong diperbaiki", "Jalan berlubang!"),
        ("Assalamualaikum wr wb. Lampu jalan mati.", "Lampu jalan mati"),
        ("Assalamu'alaikum Wr. Wb.\nLampu jalan mati di Kembang", "Lampu jalan mati di Kembang"),
        ("ASSALAMUALAIKUM WARAHMATULLAHI WABARAKATUH, air PDAM keruh", "Air PDAM keruh"),
        ("Asalamualaikum, air PDAM keruh", "Air PDAM keruh"),
        ("Selamat pagi pak, sampah menumpuk di TPS Melati", "Sampah menumpuk di TPS Melati"),
        ("selamat siang bapak ibu sampah menumpuk", "Sampah menumpuk"),
        ("Pagi min, sampah menumpuk", "Pagi min, sampah menumpuk"),
        ("Pagi, min, sampah menumpuk", "Sampah menumpuk"),
        ("Yth. Bapak Bupati", "Yth. Bapak Bupati"),
        ("Yth. Bapak Bupati\nPungutan di SDN 9 Sukamaju", "Pungutan di SDN 9 Sukamaju"),
        ("Kepada Yth Bapak Camat, pungutan di sekolah", "Camat, pungutan di sekolah"),
        ("LAPOR got mampet di RT 03", "Got mampet di RT 03"),
        ("LAPOR! Got mampet di RT 03", "Got mampet di RT 03"),
        ("lapor: got mampet di RT 03", "Got mampet di RT 03"),
        ("Halo admin, mohon maaf, KTP saya belum jadi", "KTP saya belum jadi"),
        ("Permisi pak. KTP saya belum jadi", "KTP saya belum jadi"),
        ("Terima kasih sebelumnya. Pohon tumbang", "Pohon tumbang"),
        # What looks like a greeting belongs to the sentence.
        ("Ibu saya ditolak di loket puskesmas", "Ibu saya ditolak di loket puskesmas"),
        ("Ibu-ibu posyandu dipungut biaya", "Ibu-ibu posyandu dipungut biaya"),
        ("Pak lurah meminta uang lelah", "Pak lurah meminta uang lelah"),
        ("Malam tadi listrik padam", "Malam tadi listrik padam"),
        ("Assalamualaikum. Bapak saya antre dari subuh", "Bapak saya antre dari subuh"),
        ("Laporan saya belum dijawab", "Laporan saya belum dijawab"),
        ("Haidar menutup jalan", "Haidar menutup jalan"),
        # Nothing but a greeting, and nothing at all.
        ("Selamat pagi", "Selamat pagi"),
        ("pak", "Pak"),
        ("tolong", "Tolong"),
        ("...", ""),
        ("", ""),
        ("\n \n", ""),
    ],
)
def test_headline_is_the_first_sentence_that_says_something(text, title):
    assert headline(text) == title


def test_long_sentence_is_cut_at_a_word():
    text = "saluran air di belakang pasar mampet " * 5
    title = headline(text)
    assert title.endswith("\u2026")
    assert title.startswith("Saluran air")
    assert len(title) <= LONGEST_TITLE
    assert text.lower().startswith(title[:-1].lower() + " ")


def test_sentence_of_just_the_longest_title_is_whole():
    assert headline(("a " * 50).strip() + "b") == "A " + "a " * 48 + "ab"
    assert len(headline("a " * 49 + "bc")) == LONGEST_TITLE


def test_word_longer_than_a_title_is_cut_within():
    assert headline("a" * 500) == "A" + "a" * (LONGEST_TITLE - 2) + "\u2026"


@pytest.mark.parametrize(
    ("text", "tidied"),
    [
        ("  a   b\t c \n", "a b c"),
        ("a\n\n\n\nb", "a\n\nb"),
        ("a\n \t \nb", "a\n\nb"),
        ("a\nb", "a\nb"),
        ("a\u00a0b\u3000c", "a b c"),
        ("jal\u200ban\ufeff \u202erusak\u2069", "jalan rusak"),
        ("cafe\u0301", "caf\u00e9"),
        ("\U0001f6a7 jalan", "\U0001f6a7 jalan"),
    ],
)
def test_tidy_folds_blanks_and_drops_what_cannot_be_seen(text, tidied):
    assert tidy(text) == tidied


@stable
@given(text=st.one_of(st.text(), st.lists(st.one_of(POLITE, st.text(max_size=9))).map(" ".join)))
def test_any_text_has_a_headline_of_one_short_line(text):
    title = headline(tidy(text))
    assert len(title) <= LONGEST_TITLE
    assert "\n" not in title


@stable
@given(text=st.text())
def test_tidy_text_stays_as_it_is(text):
    assert tidy(tidy(text)) == tidy(text)


@pytest.mark.parametrize(
    "text",
    [
        *("a" * 50_000, "1-" * 25_000, "\n " * 25_000 + "a", "." * 50_000 + "a b"),
        *("wr " * 17_000, "pak" + "." * 50_000 + "a", "assalam" * 7_000),
        *("mohon" + " " * 50_000, "hal" + "o" * 50_000),
    ],
    ids=lambda text: repr(text[:9]),
)
def test_long_monotonous_text_costs_no_more_than_its_length(text):
    began = time.process_time()
    headline(tidy(text))
    assert time.process_time() - began < 1
