"""Titles, word lists and screening: suggestions and flags, never refusals."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import a_message

from channels.base import Attachment
from config import vocabularies
from normalizer.normalize import normalize
from normalizer.titles import LONGEST_TITLE, headline
from normalizer.vocabulary import Vocabularies, words_of

LISTS = Vocabularies.read(vocabularies.load(""))


def read(text: str, **more):
    given = {
        "vocabularies": more.pop("vocabularies", LISTS),
        "time_zone": more.pop("zone", "Asia/Jakarta"),
    }
    return normalize(a_message(text, **more), number="7K3M-Q2P-9X7", reporter_ref=None, **given)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Mohon maaf mengganggu waktunya. Pos ronda roboh.", "Pos ronda roboh"),
        ("Saya Budi, warga RT 3. Got di Jl. Mawar No. 5 mampet.", "Got di Jl. Mawar No. 5 mampet"),
        ("Kami warga desa Umpama. Mohon bantuan. Jembatan putus", "Jembatan putus"),
        ("Halo kak! Cek DM ya. Listrik padam tiap malam", "Listrik padam tiap malam"),
        ("@lapor1708 #lapor sampah menumpuk https://contoh.example/1", "Sampah menumpuk"),
    ],
)
def test_title_is_the_sentence_that_says_what_is_wrong(text, title):
    assert headline(text) == title


def test_title_of_one_endless_sentence_comes_to_the_point():
    text = (
        "saya sudah lama tinggal di sini dan " * 4
        + "karena itu saya lapor bahwa lampu jalan mati total"
    )
    assert "lampu jalan mati" in headline(text)
    assert len(headline(text)) <= LONGEST_TITLE


@pytest.mark.parametrize(
    ("text", "is_abusive"),
    [
        ("Dasar petugas goblok semua", True),
        ("G0BL0K banget pelayanannya", True),
        ("toloooool", True),
        ("Babi kalian semua, kerja tidak becus", True),
        ("GUOBLOK tenan, lampu mati dibiarkan", True),
        ("Juancok PLN iki, listrik mati maneh", True),
        ("Jancok, banjir maneh", False),
        ("asu tenan kowe, wis tak bayar malah ilang", True),
        ("kampret lah macet semua jalan ke pasar", False),
        ("Bego dan truk proyek lewat terus sampai malam", False),
        ("satpol pp dasar kebo, tidur saja", True),
        ("kau tu monyet, kerja cuma tidur", True),
        ("muka babi kalian makan uang rakyat", True),
        ("kades maling berdasi, dana desa habis", True),
        ("Kapan diaspal? kerja dong kampret", True),
        ("Lurah dungu itu minta uang lagi", True),
        ("Petugas loket di terminal itu babi semua", True),
        ("Otak udang yang urus air di sini", True),
        ("Bego semua petugas di loket", True),
        ("Sungai meluap lagi, pejabatnya bego", True),
        ("Petani menuai padi kalian", False),
        ("Peternakan di ujung desa isinya babi semua", False),
        ("Petugas maling helm di parkiran", False),
        ("Asu tenan, wingi aku dikira maling", False),
        ("Tanggul bocor. Bego yang dijanjikan belum datang", False),
        ("Petugas bilang saya goblok", False),
        ("Dia teriak 'dasar anjing' ke warga", False),
        ("Anjing liar dan babi hutan masuk kampung", False),
        ("Sampah menumpuk, bau bangkai", False),
        ("Jembatan di Anjir Pasar miring", False),
        ("Alat berat bego ditinggal di jalan", False),
        ("Warga membuat sumur pantek", False),
    ],
)
def test_only_the_reporters_own_insults_are_abusive(text, is_abusive):
    assert ("abusive" in read(text).flags) is is_abusive


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("Rusak", "too_short"),
        ("https://contoh.example/a @lapor1708 #lapor", "only_links"),
        ("Ada kebakaran di pasar, cepat", "urgent"),
        ("Hubungi 081234500017 untuk lampu mati", "personal_data"),
        (" ", "empty_text"),
    ],
)
def test_flag_tells_what_a_reader_should_know(text, flag):
    assert flag in read(text).flags
    assert flag not in read("Lampu jalan mati di depan pasar sejak kemarin").flags


@pytest.mark.parametrize("hidden", ["anonymous", "confidential"])
def test_personal_data_of_a_hidden_report_are_no_warning(hidden):
    text = "Hubungi 081234500017 untuk lampu mati"
    assert read(text, fields={hidden: True}).flags == ()


def test_few_words_with_a_photo_are_not_too_short():
    assert "too_short" not in read("Rusak", attachments=(Attachment("image/jpeg"),)).flags


def test_suggestions_tell_their_score_and_give_way_to_what_was_chosen():
    text = "TANGKAB lampu jalan mati"
    suggested, chosen = (
        read(text),
        read(text, fields={"category": "1397", "agency": "Dinas Umpama"}),
    )
    assert (suggested.category.code, suggested.category.origin) == ("1398", "derived")
    assert 0 < suggested.category.score < 1
    assert (suggested.agency.code, suggested.agency.origin) == ("tangkab", "reporter")
    assert (chosen.category.code, chosen.category.text) == ("1397", "Jalan Berlubang")
    assert (chosen.agency.text, chosen.agency.origin) == ("Dinas Umpama", "reporter")


def test_code_that_no_list_knows_is_kept():
    category = read("Lampu mati", fields={"category": "99123"}).category
    assert (category.code, category.text, category.origin) == ("99123", "99123", "reporter")


def test_without_word_lists_nothing_is_suggested():
    complaint = read("Goblok, ada kebakaran, mau tanya", vocabularies=Vocabularies())
    assert (complaint.classification, complaint.classification_origin) == ("complaint", "assumed")
    assert (complaint.category.code, complaint.flags) == (None, ())


def test_date_is_read_in_the_zone_of_the_words_then_the_place_then_the_source():
    late = {"received_at": datetime(2026, 11, 20, 15, 30, tzinfo=UTC)}  # 22.30 WIB, 00.30 WIT

    def day(text: str, zone: str = "Asia/Jakarta") -> str | None:
        return read(text, zone=zone, **late).incident_date.value

    assert day("Hari ini lampu mati") == "2026-11-20"
    assert day("Hari ini lampu mati", "Asia/Jayapura") == "2026-11-21"
    assert day("Hari ini lampu mati di Kota Ambon") == "2026-11-21"
    assert day("Hari ini jam 22.00 WIB lampu mati di Kota Ambon") == "2026-11-20"


def test_clock_of_a_provider_that_is_ahead_is_not_believed():
    ahead = datetime(2027, 3, 1, tzinfo=UTC)
    assert read("Hari ini lampu mati", sent_at=ahead).incident_date.value == "2026-11-21"
    late = datetime(2026, 11, 18, 3, tzinfo=UTC)
    assert read("Hari ini lampu mati", sent_at=late).incident_date.value == "2026-11-18"


# --- any text, and long ones -------------------------------------------------------------

PIECES = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            *("kec Coblong", "kab. Bandung", "desa Sukamaju", "Jl. ", "TANGKAB", "\n", "'", '"'),
            *("tgl 3", "kemarin", "3 hari lalu", "jam 10.30 WIB", "goblok", "a.n. Sari Contoh"),
            *("NIK 3273021204900001", "081234500017", "s@contoh.example"),
        ]
    ),
)


@settings(derandomize=True, database=None, deadline=None, max_examples=300)
@given(pieces=st.lists(PIECES, max_size=12))
def test_any_text_is_read_and_every_span_is_in_the_body(pieces):
    complaint = read(" ".join(pieces))
    assert len(complaint.title.text) <= LONGEST_TITLE
    for of in complaint.incident_date.candidates:
        assert complaint.body[of["start"] : of["end"]] == of["text"]
    assert "3273021204900001" not in f"{complaint.title.text}{complaint.body}"


def steps(text: str) -> int:
    """Count the calls that reading takes: the same on every machine."""
    count = 0

    def on_event(*_: object) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(on_event)
    try:
        read(text)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize(
    "unit",
    [
        "Jalan rusak di kec Coblong Kota Bandung sejak tgl 3 November 2026, hp 081234500017. ",
        "sidomulyo sidorejo sukamaju mekarjaya ",
        "kemarin 3 hari lalu tgl 4 senin minggu lalu ",
        "0812 3450 0017 1234-5678-9012-3456 ",
        "goblok 'dia bilang anjing' ",
    ],
    ids=lambda unit: unit[:12],
)
def test_reading_costs_no_more_than_in_proportion_to_length(unit):
    short, long = (unit * (size // len(unit)) for size in (2_500, 10_000))
    steps(short)  # loads what is loaded once
    assert steps(long) < 6 * steps(short)


def test_words_are_cut_once_without_their_endings():
    assert words_of("Lampunya, Jalan-jalan BANYAK hanya") == (
        "lampu",
        "jalan-jalan",
        "banyak",
        "hanya",
    )
