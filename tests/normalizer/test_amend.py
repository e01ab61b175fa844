"""Corrections: other words in the place of the old, and nothing else lost."""

from __future__ import annotations

from support import a_message

from normalizer.amend import amended, corrected
from normalizer.normalize import normalize
from normalizer.schema import dump

NUMBER = "7K3M-Q2P-9X7"


def record(text="Lampu padam di Jalan Mawar", **changed):
    return dump(normalize(a_message(text, **changed), number=NUMBER, reporter_ref=None))


def correct(before, old, new):
    return corrected(before, new, old, record(new))


def test_the_first_words_change_and_what_was_added_stays():
    before = amended(record(), "Sejak Senin")
    after = correct(before, "Lampu padam di Jalan Mawar", "Lampu padam di Jalan Melati")
    assert after["body"] == "Lampu padam di Jalan Melati\n\nSejak Senin"
    assert after["title"]["text"] == "Lampu padam di Jalan Melati"
    assert after["revision"] == before["revision"] + 1


def test_added_words_change_and_the_title_stays():
    before = amended(record(), "Sejak Senin")
    after = correct(before, "Sejak Senin", "Sejak Selasa")
    assert after["body"] == "Lampu padam di Jalan Mawar\n\nSejak Selasa"
    assert after["title"] == before["title"]


def test_words_that_are_taken_away_leave_no_gap():
    before = amended(amended(record(), "Satu"), "Dua")
    assert correct(before, "Satu", "")["body"] == "Lampu padam di Jalan Mawar\n\nDua"


def test_words_that_are_not_found_are_not_guessed():
    assert correct(record(), "Kata lain", "Ralat")["body"].endswith("Mawar\n\nRalat")


def test_what_was_typed_into_a_field_stays():
    before = record(fields={"title": "Lampu", "incident_location": "Jalan Mawar"})
    after = correct(before, "Lampu padam di Jalan Mawar", "Lampu padam semua")
    assert after["title"] == before["title"]
    assert after["incident_location"] == before["incident_location"]
    assert after["missing"] == before["missing"]


def test_new_words_are_masked_and_identifiers_listed_once():
    before = record("HP saya 081234500017")
    after = correct(before, "HP saya 081234500017", "Nomor HP saya 081234500017")
    assert after["body"] == "Nomor HP saya *********017"
    assert after["identifiers"] == before["identifiers"]
