"""When two complaints are one: symmetric, explained, and never against what surely differs."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normalizer.comparison import compare
from normalizer.fingerprint import (
    MOST_KEYS,
    Fingerprint,
    Words,
    fingerprint,
    judge,
    keys,
    weights,
)

stable = settings(derandomize=True, database=None, deadline=None, max_examples=200)

PLACES = ("Jl. Merpati", "Jl. Kenanga Raya", "Desa Sukamaju", "Pasar Kemiri", "gang Mawar")
TOWNS = ("Depok", "Kab. Bogor", "Kec. Cibungbulang", "Surabaya", "kelurahan Ragunan")
TROUBLES = (
    "lampu jalan mati total",
    "jalan berlubang parah",
    "sampah menumpuk tidak diangkut",
    "air PDAM tidak mengalir",
    "petugas minta uang 50 ribu",
)
TIMES = ("sejak 3 November 2026", "sudah 5 hari", "tgl 12/11/2026", "dari jam 10.30", "kemarin")
ENDS = ("mohon diperbaiki", "tolong ditindak", "warga mengeluh", "berkas KIP8827711")


def said(body, *, title="", location="", channel="web", partial=False):
    return fingerprint(Words(title, body, location, channel, partial))


def judged(one, other, *, same_reporter=True):
    return judge(one, other, same_reporter=same_reporter)


@st.composite
def complaints(draw, *, closed=True):
    """Invented complaints that name a place, its number, a trouble and a time."""
    place, town = draw(st.sampled_from(PLACES)), draw(st.sampled_from(TOWNS))
    number, rt = draw(st.integers(1, 199)), draw(st.integers(1, 19))
    parts = [
        draw(st.sampled_from(TROUBLES)),
        f"di {place} nomor {number} RT {rt} {town}",
        draw(st.sampled_from(TIMES)),
        draw(st.sampled_from(ENDS)),
    ]
    text = " ".join(parts[:1] + draw(st.permutations(parts[1:])))
    return text + ("." if closed else "")


# --- properties ------------------------------------------------------------------------------


@stable
@given(
    st.one_of(complaints(), st.text(max_size=120)), st.one_of(complaints(), st.text(max_size=60))
)
def test_which_is_first_does_not_matter(one, other):
    a, b = said(one), said(other)
    assert judged(a, b) == judged(b, a)


@stable
@given(complaints())
def test_a_complaint_is_a_repeat_of_itself(text):
    a = said(text)
    assert (judged(a, a).verdict, judged(a, a, same_reporter=False).verdict) == (
        "repeat",
        "supported",
    )


@stable
@given(complaints(closed=False), complaints(), st.integers(60, 200))
def test_what_is_cut_off_is_never_another_complaint(text, more, length):
    whole = f"{text}, {more}"
    cut = said(whole[:length], channel="sms", partial=True)
    assert judged(said(whole), cut).vetoes == ()


@stable
@given(complaints(), st.data())
def test_one_changed_digit_of_a_house_a_rt_or_a_card_is_another_complaint(text, data):
    cue, number = data.draw(
        st.sampled_from(
            [
                (cue, word)
                for cue, word in zip(text.split(), text.split()[1:], strict=False)
                if cue in {"nomor", "RT"}
            ]
        )
    )
    index = data.draw(st.integers(0, len(number) - 1))
    digit = data.draw(st.sampled_from([d for d in "123456789" if d != number[index]]))
    changed = text.replace(
        f"{cue} {number}", f"{cue} {number[:index]}{digit}{number[index + 1 :]}", 1
    )
    verdict = judged(said(text), said(changed))
    assert (verdict.verdict, bool(verdict.vetoes)) == ("new", True)


@stable
@given(st.integers(10_000, 999_999_999), st.integers(0, 8), st.integers(1, 9))
def test_one_changed_digit_of_a_card_is_another_complaint(card, at, digit):
    here, number = f"{card}7", list(f"{card}7")
    at %= len(number)
    number[at] = str((int(number[at]) + digit) % 10 or 5)
    there = "".join(number)
    text = "Bantuan PKH tidak cair untuk kartu {} di Desa Sukamaju."
    if here != there and here.lstrip("0") != there.lstrip("0"):
        assert judged(said(text.format(here)), said(text.format(there))).vetoes


@stable
@given(st.one_of(complaints(), st.text(max_size=2000)))
def test_keys_are_few_and_stay_the_same(text):
    found = keys(said(text))
    assert len(found) <= MOST_KEYS
    assert len(set(found)) == len(found)
    assert all(-(2**63) <= key < 2**63 for key in found)
    assert keys(said(text)) == found


@stable
@given(st.one_of(complaints(), st.text(max_size=200)), st.text(max_size=20))
def test_a_fingerprint_comes_back_from_json(text, place):
    found = said(text, title="Judul", location=place)
    back = Fingerprint.load(json.loads(json.dumps(found.dump())))
    assert back == found
    assert keys(back) == keys(found)


# --- what makes two complaints one -----------------------------------------------------------

LAMP = "Lampu jalan di Jl. Merpati RT 03 Kelurahan Ragunan mati sejak 3 November, gelap sekali."


@pytest.mark.parametrize(
    "other",
    [
        "lampu jln di jl merpati rt 3 kel ragunan mati sejak 3 nov gelap skali",
        "LAPOR Lampu jalan di Jl. Merpati RT 03 Kelurahan Ragunan mati sejak 3 Nov",
        "Gelap sekali, lampu jalan mati sejak tgl 3. Jl Merpati RT 03, Ragunan",
        "sudah saya laporkan lampu jl merpati rt 03 ragunan masih mati, gelap",
    ],
)
def test_the_same_in_other_words_is_the_same(other):
    assert judged(said(LAMP), said(other, channel="sms")).verdict == "repeat"


@pytest.mark.parametrize(
    ("other", "veto"),
    [
        (LAMP.replace("Merpati", "Cendrawasih"), "another street"),
        (LAMP.replace("RT 03", "RT 08"), "another rt"),
        (LAMP.replace("3 November", "19 November"), "another date"),
        (LAMP.replace("Ragunan", "Pejaten"), "another village"),
    ],
)
def test_another_place_number_or_date_on_both_sides_is_another_complaint(other, veto):
    verdict = judged(said(LAMP), said(other))
    assert verdict.verdict == "new"
    assert veto in verdict.vetoes
    assert verdict.reasons[0] in verdict.vetoes


QUEUE = "Antrean di Puskesmas Pondok Melati lama, {} menunggu {} dan dokter belum datang"


@pytest.mark.parametrize(
    ("one", "other", "veto"),
    [
        (
            QUEUE.format("anak saya Alesha", "di kursi"),
            QUEUE.format("suami saya Hendri", "sambil berdiri"),
            "another person",
        ),
        (
            QUEUE.format("nenek, namanya bu Suwarti,", "di kursi"),
            QUEUE.format("kakek, namanya pak Hendri,", "sambil berdiri"),
            "another person",
        ),
        (
            "lab komputer perpustakaan daerah Padang tutup sejak lama, pengunjung kecewa",
            "lab komputer perpustakaan daerah Payakumbuh tutup sejak lama, pengunjung kesal",
            "another town",
        ),
        (
            "kapal trawl masuk perairan Lampulo lagi, jaring nelayan putus rabu malam",
            "kapal trawl masuk perairan Lampulo lagi, bubu nelayan hilang jumat malam",
            "another day",
        ),
        (
            "bus Trans Padang koridor 2 sopirnya ugal-ugalan, nomor bodi TP 204 tolong tindak",
            "bus Trans Padang koridor 2 sopirnya ugal-ugalan, nomor bodi TP 219 tolong tindak",
            "another in the same place: 204 / 219",
        ),
        (
            "BLT di Desa Karangsari Tengah belum dibagi sejak awal tahun",
            "warga Desa Karangsari Timur menanyakan BLT yang belum dibagi",
            "another village",
        ),
        (
            "Penambangan pasir di Sungai Jeneberang, Kelurahan Bontoramba, Gowa, siang malam",
            "Penambangan pasir di Sungai Jeneberang, Desa Je'nemadinging, Gowa, siang malam",
            "another village",
        ),
        (
            "solar nelayan di SPBN Lampulo kosong dua minggu, di pengecer ada tapi mahal",
            "solar nelayan di SPBN Rigaih kosong dua minggu, di pengecer ada tapi mahal",
            "another in the same place: lampulo / rigaih",
        ),
        (
            "pajak motor di samsat Purworejo, STNK AA 4418 KL, ditambahi 100rb tanpa kuitansi",
            "pajak motor di samsat Purworejo, STNK AA 6735 VL, ditambahi 100rb tanpa kuitansi",
            "another code",
        ),
    ],
)
def test_a_person_a_town_a_day_or_a_number_in_much_the_same_words_is_another(one, other, veto):
    for channel in ("sms", "app"):
        assert veto in judged(said(one, channel=channel), said(other, channel=channel)).vetoes


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "buaya menerkam warga di parit 7 Kotabaru Reteh",
            "buaya nerkam warga di parit 7 kotabaru rteh",
        ),
        (
            "pupuk di kios Tani Makmur 180 ribu, jatahnya 112",
            "pupuk di kios Tani Makmur 180 ribu, aturannya 112 ribu",
        ),
        (
            "anjing gigit murid SD 05 Tarok Dipo, dirawat di RS Achmad Mochtar",
            "murid SD 05 Tarok Dipo digigit anjing, dibawa ke RS. Gerombolannya masih di situ",
        ),
        (
            "tunjangan guru Seget belum cair, 50an orang, naik perahu 400 ribu",
            "tunjangan guru Seget belum cair, 50 orang, teman2nya naik perahu 400rban",
        ),
    ],
)
def test_another_spelling_or_missing_thousands_are_no_difference(one, other):
    assert judged(said(one), said(other)).vetoes == ()


@pytest.mark.parametrize(
    ("other", "differs"),
    [("jam 18.15", 0), ("jam 6", 0), ("jam 18.15-22.00", 0), ("jam 20.00", 1)],
)
def test_who_tells_an_hour_without_minutes_may_mean_any(other, differs):
    a, b = (said(f"listrik di Desa Tanjung Labu mati mulai {of}") for of in ("jam 6 sore", other))
    assert compare(a, b).features["another hour"] == differs


def test_titles_with_nothing_in_common_speak_against():
    texts = [
        said(f"{what} di PT Sinar Busana Abadi Klari.", title=title)
        for what, title in (("Upah", "THR belum turun"), ("Upah", "Mesin bising"))
    ]
    assert compare(*texts).features["another title"] == 1
    assert compare(texts[0], texts[0]).features["another title"] == 0
    assert compare(texts[0], said("Upah di Klari.")).features["another title"] == 0


@pytest.mark.parametrize("title", ["Kapan diperbaiki?", "Lampu gelap", "Jalan mati gelap"])
def test_a_title_that_reminds_or_is_told_in_the_other_text_speaks_less_against(title):
    one = said("Lampu di Jl. Cempaka Cilincing padam, gelap sekali.", title="PJU padam total")
    other = said("Masih gelap di Jl. Cempaka Cilincing, warga takut.", title=title)
    assert compare(one, other).features["another title"] < 1


def test_two_people_who_name_two_villages_of_one_regency_tell_of_two_matters():
    text = (
        "Petani susah, urea subsidi di {} dijual mahal tanpa nota. Mohon dinas Sumba Timur periksa."
    )
    one = said("Harga urea subsidi di kios desa Kadumbul Sumba Timur mahal dan harus beli NPK.")
    here, there = (said(text.format(village)) for village in ("Kadumbul", "Palakahembi"))
    assert judged(one, here, same_reporter=False).verdict == "supported"
    told = judged(one, there, same_reporter=False)
    assert (told.verdict, told.vetoes) == ("suggested", ())
    assert told.score > weights()["threshold supported"]
    assert told.reasons[0] == "another village or district of one regency"


def test_a_report_with_two_other_matters_filled_in_is_no_repeat():
    letter = (
        "{} di Kajang Bulukumba hilang total dari tgl 8 Februari. Ujian anak gagal, {} tidak"
        " jalan. Katanya kena petir. Kapan diperbaiki?"
    )
    one = said(letter.format("sinyal telkomsel", "transfer rekening"))
    other = said(letter.format("air PDAM", "genset puskesmas"))
    told = judged(one, other)
    assert told.verdict != "repeat"
    assert told.reasons[len(told.vetoes)] == "other matters in the same letter"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Padi di Sausu rusak dimakan tikus dan petak sawah hancur, apakah ada asuransi?", ()),
        (
            "Laporan saya soal jalan rusak di Patuk sampai mana? Apakah saya harus kirim foto?",
            ("asks",),
        ),
        ("Pak mau nanya, kalau surat hilang ke kantor mana ya?", ("asks",)),
        ("Dana sudah dikirim 10 Februari tetapi KUD mengaku belum terima", ()),
        ("Jalan di Patuk sudah ditambal, sekarang berlubang lagi", ("again", "later")),
        ("Suami saya tidak bisa dihubungi lagi, sekarang paspornya ditahan", ()),
        ("Jalan bolong parah. Nunggu berapa korban lagi sih baru ditambal?", ()),
        ("Papan proyek dipasang lalu dicabut kembali, uangnya tidak jelas", ()),
        ("Sawah mestinya sudah aman kalau talud diteruskan, tapi berhenti separo", ()),
        ("Kini pungutan diminta tunai, bukan lagi lewat rekening", ()),
        ("Gambut terbakar lagi bulan ni, kali ni dekat bandara", ("again", "later")),
        (
            "Pertanyaan juknis BOS: berapa persen yang boleh bagi guru yang belum terdaftar",
            ("asks",),
        ),
        ("Gimana kabar laporan kami soal jalan rusak, masih rusak", ()),
    ],
)
def test_what_a_text_wants_is_read_from_all_of_it(text, expected):
    assert said(text).moods == expected


def test_a_rare_name_alone_is_a_key():
    one = said("Pipa air induk di Kadumbul Pandawai Sumba Timur bocor, kami beli air tangki.")
    other = said("mama pikul air jauh di kadumbul, keran sudah kering", channel="sms")
    assert not set(keys(one)).isdisjoint(keys(other))


def test_another_trouble_at_the_same_place_joins_nothing():
    other = "Sampah menumpuk di Jl. Merpati RT 03 Kelurahan Ragunan, tidak pernah diangkut."
    assert judged(said(LAMP), said(other)).verdict in {"new", "suggested"}


def test_thanks_under_the_title_of_the_complaint_are_thanks():
    title = "Dokter poli penyakit dalam terlambat"
    told = said("Terima kasih, dokter poli RSUD Karsa Husada tepat waktu.", title=title)
    assert told.moods == ("thanks",)


def test_thanks_and_questions_join_nothing():
    thanks = "Terima kasih, lampu jalan di Jl. Merpati RT 03 Kelurahan Ragunan sudah menyala."
    assert judged(said(LAMP), said(thanks)).verdict in {"new", "suggested"}


def test_two_strangers_without_two_things_in_common_are_at_most_similar():
    a, b = said("air mati sudah 2 hari"), said("air mati terus pdam gimana ini")
    assert judged(a, b, same_reporter=False).verdict in {"new", "suggested"}


def test_a_near_copy_is_found_under_a_shared_key():
    retold = "jl merpati ragunan gelap gulita, lampu penerangan padam"
    assert not set(keys(said(LAMP))).isdisjoint(keys(said(retold)))


def test_time_to_judge_does_not_explode_with_length():
    long = " ".join(LAMP.split() * 200)
    found = said(long)
    assert len(found.said) <= 160
    assert judged(found, found).verdict == "repeat"
