"""Canonical words: two spellings of one thing are one word."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normalizer.wording import abbreviations, words

stable = settings(derandomize=True, database=None, deadline=None, max_examples=300)
PIECES = """yg rt 03/05 rw 3,5 juta jt 10rb 45-50 ribu jalann anak2 bangeeet Rp 1.500.000,- dua
    puluh
    satu belas SPBU 64.781.02 KIP8827711 no.12A 12-11-2026 07.00 / : - trims k x 2026 é İ"""
WRITTEN = st.lists(st.sampled_from(PIECES.split()), max_size=12).map(" ".join)


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("Jln yg rusak bgt, tlg diperbaiki", "jalan yang rusak sangat mohon memperbaiki"),
        ("RT 03/05", "rt 3 rw 5"),
        ("RT/RW 003/005", "rt 3 rw 5"),
        ("rt03 rw.05", "rt 3 rw 5"),
        ("Rp3.500.000,-", "3500000"),
        ("3,5 jt", "3500000"),
        ("150rb", "150000"),
        ("500rban", "500000"),
        ("2 jutaan", "2000000"),
        ("50an orang", "50 orang"),
        ("teman2nya", "temannya"),
        ("Desa Je'nemadinging", "desa jenemadinging"),
        ("45-50 ribu", "45000 50000"),
        ("tiga puluh ribu", "30000"),
        ("dua puluh satu", "21"),
        ("dua belas", "12"),
        ("seratus dua puluh lima meter", "125 meter"),
        ("dua ratus lima puluh ribu rupiah", "250000 rupiah"),
        ("sejuta dua ratus ribu", "1200000"),
        ("2 juta 400 ribu", "2400000"),
        ("1 juta untuk 500 orang", "1000000 untuk 500 orang"),
        ("dua ribu dua puluh enam", "2026"),
        ("air 80 cm", "air 80 cm"),
        ("di pangkal pinang", "di pangkalpinang"),
        ("jalan di Muba, Lotim", "jalan di musi banyuasin lombok timur"),
        ("jam 07.00", "jam 7"),
        ("10:30", "10.30"),
        ("12-11-2026", "12/11/2026"),
        ("nomor 2411-0551", "nomor 24110551"),
        ("SPBU 64.781.02", "spbu 64.781.02"),
        ("anak-anak anak2", "anak"),
        ("Blok G no 7 g ada air", "blok g nomor 7 tidak ada air"),
        ("AD 8821 KF, B-1887-VTX", "ad8821kf b1887vtx"),
        ("B 150 rb", "b 150000"),
        ("Dusun IV kelas X", "dusun 4 kelas 10"),
        ("rumah sakit, lampu merah, pom bensin", "rs lampumerah spbu"),
        ("banyune ora mili", "air tidak mengalir"),
        ("bangeeet jalann", "sangat jalan"),
        ("Café di Ngawi", "cafe di ngawi"),
        ("@lapor1708 https://t.co/x lampu", "lampu"),
    ],
)
def test_one_thing_is_one_word(written, canonical):
    assert " ".join(words(written)) == canonical


@pytest.mark.parametrize("short", sorted(abbreviations()))
def test_no_long_form_is_an_abbreviation_again(short):
    assert words(" ".join(words(short))) == words(short)


@stable
@given(st.one_of(st.text(max_size=80), WRITTEN))
def test_canonical_words_stay_what_they_are(text):
    once = words(text)
    assert words(" ".join(once)) == once


def test_there_are_some_two_hundred_abbreviations():
    assert len(abbreviations()) > 150
