"""Where it happened: the gazetteer, and the areas that texts support."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normalizer.gazetteer import LEVELS, gazetteer, known_region, zone_of
from normalizer.places import incident_location


@pytest.mark.parametrize(
    ("level", "count"), list(zip(LEVELS, (38, 514, 7285, 83762), strict=True)), ids=LEVELS
)
def test_all_areas_are_there_each_within_another(level, count):
    codes = gazetteer().codes_of_level(level)
    assert len(codes) == count
    assert all(gazetteer().knows(code.rpartition(".")[0]) for code in codes if "." in code)


@pytest.mark.parametrize(
    ("code", "zone"),
    [
        ("31", "Asia/Jakarta"),
        ("51.71", "Asia/Makassar"),
        ("73.71.11", "Asia/Makassar"),
        ("81.71", "Asia/Jayapura"),
        ("94.04", "Asia/Jayapura"),
    ],
)
def test_a_place_has_a_time_zone(code, zone):
    assert zone_of(code) == zone


def test_a_region_of_a_nik_is_that_of_a_district():
    assert known_region("337405")
    assert not known_region("999999")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("lampu mati di kel. Kedaton bandar lampung", "18.71.01.1003"),
        ("Jalan rusak di Kec. Genuk Kota Semarang", "33.74.05"),
        ("pungli di kantor kecamatan Jagakarsa", "31.74.09"),
        ("sampah di Kab. Bandung tidak diangkut", "32.04"),
        ("sampah di Kota Bandung tidak diangkut", "32.73"),
        ("banjir di jaksel", "31.74"),
        ("jalan berlubang jl Surabaya no 17 kota Pekanbaru", "14.71"),
        ("desa Batu Putih? bukan, desa Oebobo TTS, tambang pasir", "53.02.14.2004"),
    ],
)
def test_the_deepest_area_that_the_text_supports_is_found(text, code):
    found = incident_location(text)
    assert found.code == code
    assert found.origin == "extracted"
    assert 0 < found.confidence < 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "lampu mati di sukamaju",
        "Jl. Bandung berlubang",
        "mohon maju terus pantang mundur, sejahtera dan makmur",
        "pasar baru tutup, tolong",
    ],
)
def test_what_may_be_anywhere_is_nowhere(text):
    assert incident_location(text).code is None


def test_a_typed_place_stays_as_it_was_typed():
    found = incident_location("lampu padam", typed="dpn balai desa, Kec. Sewon Bantul")
    assert (found.text, found.origin) == ("dpn balai desa, Kec. Sewon Bantul", "reporter")
    assert found.code == "34.02.15"


@settings(deadline=None, max_examples=200, derandomize=True, database=None)
@given(st.text(max_size=300))
def test_no_text_raises(text):
    incident_location(text)
    incident_location("", typed=text)
