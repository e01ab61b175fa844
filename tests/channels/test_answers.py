"""An answer is told from a new complaint, and neither is ever taken for the other."""

from __future__ import annotations

import pytest

from channels.answers import looks_like_answer, says_when_alone

ANSWERS = [
    "Bantul",
    "di Bantul",
    "Sleman, Yogyakarta",
    "Di Jl. Melati no 5, Bantul",
    "jln melati rt 03 rw 02 kel sukamaju",
    "Jalan Melati nomor 5 Bantul",
    "Jalan Raya Bogor km 24",
    "Jalan Kenanga 12, Ciputat",
    "depan pasar beringharjo",
    "dekat SDN 1 Sukamaju pak",
    "dpn masjid al ikhlas ds karanganyar",
    "Desa Sukamaju Kec. Cibadak Kab. Sukabumi",
    "kec. cibadak",
    "RT 03 RW 02",
    "Kampung Baru Pekanbaru",
    "Maaf pak, di perempatan Ring Road Utara, terima kasih",
    "lokasinya di gang mawar",
    "Alamatnya Perum Griya Asri blok C2 no 7",
    "SDN 2 Sukamaju kec Cibadak",
    "pasar minggu kel ragunan",
    "kemarin",
    "Kemarin pagi jam 7",
    "tadi malam",
    "tgl 17 agustus",
    "17-8-2026",
    "3 hari yang lalu",
    "Senin kemarin sekitar jam 9 pagi",
    "sejak minggu lalu",
    "hari ini",
    "Di Kab. Sleman, tanggal 3 Maret",
    "dua minggu lalu",
    "di sini pak, Jl Mawar",
    "Jalan Adisucipto, Kubu Raya",
    "Kadumbul, Sumba Timur",
    "Pelabuhan Torobulu, Konawe Selatan",
]
COMPLAINTS = [
    "Lampu jalan mati",
    "Jalan berlubang di depan pasar",
    "jalan rusak",
    "di jalan melati banyak lubang",
    "Di desa kami air tidak mengalir sudah seminggu",
    "di depan rumah saya ada tumpukan sampah",
    "Kemarin ada pungli di samsat",
    "tadi malam listrik padam di Bantul",
    "jl melati rusak parah",
    "Jalan licin depan pasar desa",
    "Sampah menumpuk",
    "Banjir",
    "banjir di RT 03",
    "kebanjiran",
    "Harga beras naik",
    "Pupuk langka",
    "PLN padam",
    "KTP saya belum jadi",
    "bansos tidak tepat sasaran",
    "Guru sering bolos di SDN 1",
    "Jembatan putus",
    "Kades korupsi dana desa",
    "Parkir liar di pasar kota",
    "Selokan mampet dekat SD",
    "macet",
    "tolong diperbaiki",
    "mohon segera ditindak",
    "LAPOR di Jl Melati",
    "Lapor pak, Jl Melati no 5",
    "laporan di jl melati no 5",
    "Di mana kantornya?",
    "kapan?",
    "di jalan melati anjing liar berkeliaran",
    "Pohon tumbang Jl Kenanga 12",
    "Depan SDN 1 tiang listrik miring",
    "Desa Sukamaju kekeringan",
    "Gang mawar gelap",
    "Gang Mawar becek kalau hujan",
    "Pelayanan puskesmas lambat",
    "BPJS ditolak RSUD",
    "tiga hari air PDAM mati",
    "3 hari listrik padam",
    "jam 7 tadi angkot ugal-ugalan di simpang lima",
    "Permohonan fogging",
    "Perlindungan pelapor",
    "Beras naik, Bantul",
    "Jembatan putus, Desa Sukamaju",
    "Sungai meluap, tolong",
    "Pasar becek, bau, kumuh",
    "terima kasih",
    "Terima kasih pak",
    "ok",
    "",
    "...",
    "di " + "panjang sekali " * 10,
    "di a b c d e f g h i j k l m n",
]


@pytest.mark.parametrize("text", ANSWERS)
def test_a_place_or_a_time_is_an_answer(text):
    assert looks_like_answer(text)
    assert looks_like_answer(text.upper())
    assert looks_like_answer(text.lower())


@pytest.mark.parametrize("text", COMPLAINTS)
def test_whatever_names_a_matter_is_no_answer(text):
    assert not looks_like_answer(text)
    assert not looks_like_answer(text.upper())
    assert not looks_like_answer(text.lower())


@pytest.mark.parametrize("text", ANSWERS)
def test_the_word_lapor_makes_a_report_of_anything(text):
    assert not looks_like_answer(f"LAPOR {text}")


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("kemarin", True),
        ("Kemarin pagi jam 7", True),
        ("3 hari yang lalu pak", True),
        ("tgl 17 agustus", True),
        ("kemarin di Bantul", False),
        ("di Bantul", False),
        ("RT 03 RW 02", False),
    ],
)
def test_a_time_alone_is_told_from_a_place(text, alone):
    assert says_when_alone(text) is alone
