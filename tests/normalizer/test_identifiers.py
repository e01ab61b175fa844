"""Masking of what identifies a person."""

from __future__ import annotations

import random
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normalizer.complaint import Identifier
from normalizer.identifiers import find, mask
from normalizer.regions import known_region

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
        Identifier("phone", "*********017"),
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


def test_name_longer_than_any_mailbox_is_masked_whole():
    masked, _ = mask("a" * 70 + "@contoh.example")
    assert masked == "***@contoh.example"


@pytest.mark.parametrize(
    ("text", "written", "kind"),
    [
        ("NIK: 3374.0502.0590.0001", "3374.0502.0590.0001", "nik"),
        ("ini 3374054205900001 ya", "3374054205900001", "nik"),  # a woman: day + 40
        ("nik 9974054205900001", "9974054205900001", "id16"),  # no such district
        ("nik 3374053202900001", "3374053202900001", "id16"),  # no such day
        ("KK no 3374-0502-0590-0001", "3374-0502-0590-0001", "kk"),
        ("kode 9999 9999 9999 9999", "9999 9999 9999 9999", "id16"),
        ("BPJS saya kok nonaktif no 0001234567891", "0001234567891", "bpjs"),
        ("KIS-nya mati 0001 2345 67891", "0001 2345 67891", "bpjs"),
        ("KIP anak saya A1B2C3", "A1B2C3", "kip"),
        ("kip abc123", "abc123", "kip"),
        ("KPS ibu nomornya 33A07K55120000", "33A07K55120000", "kps"),
        ("KKS 6032 9800 1234 5678", "6032 9800 1234 5678", "kks"),
        ("PKH 190101-55-0000", "190101-55-0000", "pkh"),
        ("NPWP 09.000.000.3-407.000", "09.000.000.3-407.000", "npwp"),
        ("NIP. 19870512 201001 1 003", "19870512 201001 1 003", "nip"),
        ("rek BRI 1234-01-012345-50-1", "1234-01-012345-50-1", "account"),
        ("norek 123456789 bca", "123456789", "account"),
        ("WA 0812 345 678 90", "0812 345 678 90", "phone"),
        ("tahun 2026 0812 3450 0017 ya", "0812 3450 0017", "phone"),
        ("Telp. (024) 7654321", "(024) 7654321", "phone"),
        ("telp 7654321", "7654321", "phone"),
        ("surel a.b@c.co.id", "a.b@c.co.id", "email"),
        ("truk B 1234 XYZ lewat", "B 1234 XYZ", "plate"),
        ("nopol b1234xyz", "b1234xyz", "plate"),
        ("sopir angkot ugal2an, no D 1934 TX tgl 26 juni", "D 1934 TX", "plate"),
        ("plat no D 1934 TX", "D 1934 TX", "plate"),
        ("nama saya Sari Contoh, alamat", "Sari Contoh", "name"),
    ],
)
def test_identifier_is_told_by_label_and_shape(text, written, kind):
    (found,) = find(text)
    assert (text[found.start : found.end], found.kind) == (written, kind)
    assert 0 < found.confidence <= 1


@pytest.mark.parametrize(
    "text",
    [
        "atas nama warga",
        "nama jalan itu",
        "BLOK B 12 NO",
        "RT 05 RW 03",
        "mobil l 300 yg mogok",
        "lat -6.2087634 long 106.845599",
        "SK 188.45/123/2026",
        "hp saya 0857 00",
        "tgl 08-12-2026 10.30",
    ],
)
def test_what_only_looks_like_an_identifier_stays(text):
    assert find(text) == ()


def test_sixteen_digits_are_hardly_ever_called_a_nik_by_chance():
    chance = random.Random(5)  # noqa: S311 - no secret
    runs = ("".join(chance.choices("0123456789", k=16)) for _ in range(20_000))
    assert sum(find(run)[0].kind == "nik" for run in runs) <= 20


def test_region_is_a_district_of_the_table():
    assert known_region("337405")
    assert not known_region("990000")


GROUPS = st.lists(st.text("0123456789", min_size=3, max_size=4), min_size=2, max_size=2)


@settings(derandomize=True, database=None, deadline=None, max_examples=400)
@given(
    start=st.sampled_from(["081", "0812", "62812", "+62 812", "62-813", "0 815"]),
    groups=GROUPS,
    mark=st.sampled_from(["-", ".", " ", ""]),
    before=st.sampled_from(["", "hub ", "WA:", "tahun 2026 ", "Rp 5.000 ", "pada 12-08-2026 "]),
    after=st.sampled_from(["", ".", " ya", ", terima kasih"]),
)
def test_phone_in_groups_is_masked_whatever_stands_around_it(start, groups, mark, before, after):
    number = mark.join([start, *groups])
    masked, _ = mask(before + number + after)
    assert groups[0] + mark + groups[1] not in masked.removeprefix(before)


@settings(derandomize=True, database=None, deadline=None, max_examples=400)
@given(
    text=st.one_of(
        st.text(),
        st.text(alphabet="0123456789-+. @aBnNIK():/\n"),
        st.text(alphabet="naman. AbiB12@."),
    )
)
def test_finds_stand_in_the_text_one_after_another(text):
    end = 0
    for found in find(text):
        assert end <= found.start < found.end <= len(text)
        end = found.end
