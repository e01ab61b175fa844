"""When it happened, as citizens write it."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normalizer.dates import incident_date, spoken_zone

WIB = timezone(timedelta(hours=7))
AT = datetime(2026, 8, 19, 10, 0, tzinfo=WIB)  # a Wednesday

ROWS = [
    # written as a calendar does
    ("kejadian 17 Agst di pasar", "2026-08-17", "day"),
    ("tgl 5 Agt air mati", "2026-08-05", "day"),
    ("tgl 5 Nop", "2025-11-05", "day"),
    ("tgl 5 Des 2025", "2025-12-05", "day"),
    ("pada 3/8/26", "2026-08-03", "day"),
    ("3-8-2026 lampu padam", "2026-08-03", "day"),
    ("2026-08-03 lampu padam", "2026-08-03", "day"),
    ("10.08.2026", "2026-08-10", "day"),
    ("10Agustus2026", "2026-08-10", "day"),
    ("10 Agustus '26", "2026-08-10", "day"),
    ("Senin (10/8/2026)", "2026-08-10", "day"),
    ("selasa 11/8 dipungli", "2026-08-11", "day"),
    ("hari Jumat tanggal 7 Agustus 2026", "2026-08-07", "day"),
    ("tgl 3 bln 8", "2026-08-03", "day"),
    ("tgl 3 bulan lalu", "2026-07-03", "day"),
    ("tgl 25 kemarin", "2026-07-25", "day"),
    ("tanggal dua puluh juli kemarin", "2026-07-20", "day"),
    ("12 s/d 15 Agustus 2026", "2026-08-12", "day"),
    ("12-15 Agustus 2026", "2026-08-12", "day"),
    ("dari bulan Juli", "2026-07-01", "month"),
    ("semenjak bulan Maret lalu", "2026-03-01", "month"),
    ("bulan 7 kemarin", "2026-07-01", "month"),
    ("pertengahan bulan Juli", "2026-07-01", "month"),
    ("sejak tahun 2025", "2025-01-01", "year"),
    # as people speak
    ("jalan rusak kmrn", "2026-08-18", "day"),
    ("listrik padam smlm", "2026-08-18", "day"),
    ("td mlm banjir", "2026-08-18", "day"),
    ("kemarin lusa", "2026-08-17", "day"),
    ("banjir tadi pagi", "2026-08-19", "day"),
    ("barusan ada tawuran", "2026-08-19", "day"),
    ("hr ini air mati @lapor1708", "2026-08-19", "day"),
    ("2 jam yg lalu", "2026-08-19", "day"),
    ("sampah sdh 3 hr blm diangkut", "2026-08-16", "day"),
    ("tiga hari yang lalu", "2026-08-16", "day"),
    ("3 hari air mati", "2026-08-16", "day"),
    ("minggu lalu", "2026-08-10", "week"),
    ("dua minggu terakhir macet", "2026-08-03", "week"),
    ("sudah seminggu, lapor lurah tidak digubris", "2026-08-10", "week"),
    ("2 bln terakhir", "2026-06-01", "month"),
    ("awal bulan ini", "2026-08-01", "month"),
    ("akhir bulan lalu", "2026-07-01", "month"),
    ("setahun yang lalu", "2025-01-01", "year"),
    ("hari Senin kmrn", "2026-08-17", "day"),
    ("Rabu kemarin", "2026-08-12", "day"),
    ("Rabu ini", "2026-08-19", "day"),
    ("ribut malam Minggu", "2026-08-15", "day"),
    ("hari minggu tgl 2", "2026-08-02", "day"),
    ("Rabu minggu lalu", "2026-08-12", "day"),
    # another date than the incident's, or none
    ("UU 25 tahun 2009", None, None),
    ("Permendagri No. 5 Tahun 2026", None, None),
    ("surat tgl 3 Agustus", None, None),
    ("saya lapor tgl 3 Agustus", None, None),
    ("saya lahir tanggal 12-08-2025", None, None),
    ("anak umur 5 tahun", None, None),
    ("bayi 3 bulan", None, None),
    ("paling lambat tgl 20 Juli", None, None),
    ("ujian tanggal 11 mei nanti", None, None),
    ("dalam 3 hari kerja", None, None),
    ("3 hari lagi", None, None),
    ("Jl. 17 Agustus rusak", None, None),
    ("RT 03/05 gelap", None, None),
    ("1/2 hari, buka 24/7", None, None),
    ("setiap hari Senin macet", None, None),
    ("kelas senin-jumat tutup", None, None),
    ("lebaran kemarin belum dibayar", None, None),
    ("sampai hari ini belum", None, None),
    ("3 Agustus 2020", None, None),
    ("17-08-1945", None, None),
    ("31 Februari 2026", "2026-02-01", "month"),
    ("Rp 1.500.000", None, None),
    ("", None, None),
]


@pytest.mark.parametrize(("text", "value", "precision"), ROWS)
def test_incident_date_is_read(text, value, precision):
    read = incident_date(text, AT)
    assert (read.value, read.precision) == (value, precision)
    assert read.origin == ("extracted" if value else None)


def test_date_beside_its_marker_wins_over_a_more_recent_one():
    read = incident_date("kemarin makin parah, mulainya tgl 3 Agustus", AT)
    assert read.value == "2026-08-03"
    assert [one["value"] for one in read.candidates] == ["2026-08-18", "2026-08-03"]


def test_most_recent_wins_where_none_is_marked():
    assert incident_date("3 Agustus rusak, kemarin roboh", AT).value == "2026-08-18"


def test_day_is_read_in_the_offset_of_the_message():
    evening = datetime(2026, 8, 19, 17, 30, tzinfo=UTC)
    assert incident_date("hari ini", evening.astimezone(WIB)).value == "2026-08-20"


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("kemarin jam 10.30 WIB", "10:30"),
        ("kemarin pukul 7 malam", "19:00"),
        ("kmrn pkl 2 siang", "14:00"),
        ("kemarin jam setengah 8", "07:30"),
        ("kemarin jam 12 malam", "00:00"),
        ("kemarin 19.05 WITA", "19:05"),
        ("kemarin, buka 24 jam", None),
        ("kemarin jam 31", None),
    ],
)
def test_time_of_day_stands_beside_the_date(text, time):
    assert incident_date(text, AT).time == time


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("jam 10 WIB", "Asia/Jakarta"),
        ("10.30 wita", "Asia/Makassar"),
        ("pukul 9 WIT", "Asia/Jayapura"),
        ("wibawa, with, Witama", None),
    ],
)
def test_zone_is_the_one_named(text, zone):
    assert spoken_zone(text) == zone


NAIVE = AT.replace(tzinfo=None)
PIECES = [text for text, _, _ in ROWS] + ["tgl", "bulan", "minggu", "hari", "999", *"39-./ "]
PIECES += ["sampai sekarang", "sejak lebaran", "hari kedua", "H+2 natal", "17-an", "minggu ke-2"]
PIECES += ["sudah lapor", "29 Februari", "1,5", "belum", "kali", "2024"]


@settings(derandomize=True, database=None, deadline=None, max_examples=400)
@given(
    text=st.one_of(
        st.text(),
        st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join),
        st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
    ),
    at=st.datetimes(NAIVE.replace(year=1990), NAIVE.replace(year=2100), timezones=st.just(WIB)),
)
def test_any_text_is_read_and_every_candidate_stands_in_it(text, at):
    read = incident_date(text, at)
    for one in read.candidates:
        assert 0 <= one["start"] < one["end"] <= len(text)
        assert text[one["start"] : one["end"]] == one["text"]
        assert date.fromisoformat(one["value"]) <= at.date()
    assert (read.value is None) == (not read.candidates)


@pytest.mark.parametrize(
    "piece",
    [
        *["1, 2, ", "senin dan ", "tgl 3 ", "dua puluh ", "1-", "yang lalu ", "3 hari ", "a"],
        *["lapor 3 hari ", "2024 sampai ", "h+1 ", "lebaran ke ", "minggu ke-2 ", "tidak "],
    ],
)
def test_four_times_the_text_takes_four_times_the_steps(piece):
    short, long = (_steps((piece * size)[:size]) for size in (2_500, 10_000))
    assert long < 5 * short


def _steps(text: str) -> int:
    count = 0

    def step(*_: object) -> None:
        nonlocal count
        count += 1

    sys.setprofile(step)
    try:
        incident_date(text, AT)
    finally:
        sys.setprofile(None)
    return count
