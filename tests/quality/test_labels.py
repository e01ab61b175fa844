"""The labelled texts keep the shape their readme describes."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from datetime import date, datetime

import pytest
from support import ROOT

DATA = ROOT / "tests/quality/data"
AREAS = ROOT / "normalizer/data/areas.tsv.gz"
LEVELS = {2: "province", 5: "regency", 8: "district", 13: "village"}
KINDS = {
    "nik",
    "kk",
    "bpjs",
    "kip",
    "kks",
    "pkh",
    "kps",
    "npwp",
    "nip",
    "account",
    "phone",
    "email",
    "plate",
}
SAME_SENDER = {"thanks", "question"}


def rows(name):
    return [json.loads(line) for line in (DATA / name).read_text("utf-8").splitlines()]


REPORT_SETS = [rows("reports-second.jsonl"), rows("reports-third.jsonl")]
PAIR_SETS = [rows("pairs-third.jsonl"), rows("pairs-fourth.jsonl")]
REPORTS = [report for found in REPORT_SETS for report in found]
PAIRS = [pair for found in PAIR_SETS for pair in found]
PAIRS_PER_BASE = [{4}, {2, 3, 4, 5}]  # of each set


def places(expect):
    """Give every area code a report names, the accepted ones included."""
    place = expect["place"]
    return [code for code in (place["code"], *place["acceptable"]) if code is not None]


@pytest.mark.parametrize("found", [REPORTS, PAIRS], ids=["reports", "pairs"])
def test_no_id_is_given_twice(found):
    assert max(Counter(row["id"] for row in found).values()) == 1


def test_no_text_is_given_twice():
    assert len({report["text"] for report in REPORTS}) == len(REPORTS)


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report["id"])
def test_what_a_report_expects_is_in_its_text(report):
    text, expect = report["text"], report["expect"]
    spans = [
        found["text"] for found in expect["identifiers"] + expect.get("identifiers_optional", [])
    ]
    assert all(span in text for span in spans + expect.get("not_nik", []))
    assert {found["kind"] for found in expect["identifiers"]} <= KINDS
    words = expect["title_contains"] + expect.get("title_contains_any", [])
    assert all(word.lower() in text.lower() for word in words)


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report["id"])
def test_a_date_is_the_first_day_of_its_precision_and_never_in_the_future(report):
    received = datetime.fromisoformat(report["received_at"]).date()
    expected = report["expect"]["date"]
    for reading in (expected, *expected.get("acceptable", [])):
        if reading["value"] is None:
            assert reading["precision"] is None
            continue
        day = date.fromisoformat(reading["value"])
        first = {
            "day": day,
            "week": date.fromisocalendar(*day.isocalendar()[:2], 1),
            "month": day.replace(day=1),
            "year": day.replace(month=1, day=1),
        }
        assert day == first[reading["precision"]]
        assert day <= received


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report["id"])
def test_the_level_of_a_place_is_that_of_its_code(report):
    place = report["expect"]["place"]
    assert place["level"] == (None if place["code"] is None else LEVELS[len(place["code"])])
    assert len(set(places(report["expect"]))) == len(places(report["expect"]))


@pytest.mark.skipif(not AREAS.exists(), reason="the gazetteer is not here")
def test_every_place_is_in_the_gazetteer():
    with gzip.open(AREAS, "rt", encoding="utf-8") as lines:
        known = {line.split("\t", 1)[0] for line in lines}
    assert {code for report in REPORTS for code in places(report["expect"])} <= known


@pytest.mark.parametrize(
    ("found", "sizes"), list(zip(PAIR_SETS, PAIRS_PER_BASE, strict=True)), ids=["third", "fourth"]
)
def test_the_pairs_of_a_base_share_their_first_report(found, sizes):
    first = {pair["base"]: pair["a"] for pair in found}
    assert all(pair["a"] == first[pair["base"]] for pair in found)
    assert set(Counter(pair["base"] for pair in found).values()) == sizes


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair["id"])
def test_the_senders_of_a_pair_agree_with_its_label(pair):
    same = pair["a"]["sender"] == pair["b"]["sender"]
    assert pair["a"]["body"]
    assert pair["b"]["body"]
    assert pair["b"]["minutes"] > pair["a"]["minutes"]
    if pair["label"] == "new":
        assert same or pair["kind"] not in SAME_SENDER
    else:
        assert same == (pair["label"] == "dup")
