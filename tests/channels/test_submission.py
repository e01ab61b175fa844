"""What a person types into named fields."""

from __future__ import annotations

import json
import uuid
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from channels.submission import (
    LONGEST_BODY,
    LONGEST_LINE,
    LONGEST_TITLE,
    Submission,
    clean,
    typed_fields,
    uploads,
)

SCHEMA = Submission()
TYPED = {
    "title": "Lampu jalan mati",
    "body": "Lampu jalan di depan balai desa mati sejak Senin.",
    "incident_date": "2026-11-16",
    "incident_location": "Balai Desa Sukamaju",
}


def problems(**changed: object) -> dict[str, object]:
    with pytest.raises(ValidationError) as refused:
        SCHEMA.load(TYPED | changed)
    return refused.value.normalized_messages()


def test_four_fields_are_enough():
    assert SCHEMA.load(TYPED) == TYPED | {
        "incident_date": date(2026, 11, 16),
        "classification": "complaint",
        "anonymous": False,
        "confidential": False,
    }


@pytest.mark.parametrize("name", TYPED)
def test_each_of_the_four_is_missed_by_name(name):
    with pytest.raises(ValidationError) as refused:
        SCHEMA.load({key: value for key, value in TYPED.items() if key != name})
    assert list(refused.value.normalized_messages()) == [name]


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("title", "  Lampu  mati\t", "Lampu  mati"),
        ("title", "x" * LONGEST_TITLE, "x" * LONGEST_TITLE),
        ("title", " " * 500 + "Lampu", "Lampu"),
        ("body", "baris 1\r\nbaris 2\rbaris 3", "baris 1\nbaris 2\nbaris 3"),
        ("body", "x" * LONGEST_BODY, "x" * LONGEST_BODY),
        ("body", "a\x00b\x07c\ud800d\x85e", "abcde"),
        ("body", "\U0001f622 gelap", "\U0001f622 gelap"),
        ("incident_date", "2024-02-29", date(2024, 2, 29)),
        ("incident_location", "x" * LONGEST_LINE, "x" * LONGEST_LINE),
        ("classification", "aspiration", "aspiration"),
        ("classification", "information_request", "information_request"),
        ("agency", " Dinas PU ", "Dinas PU"),
        ("category", "Jalan", "Jalan"),
        ("anonymous", True, True),
        ("confidential", True, True),
        ("latitude", -90, -90.0),
        ("latitude", 90.0, 90.0),
        ("longitude", -180, -180.0),
        ("attachments", [], []),
        ("reporter", {}, {}),
        ("reporter", {"name": "Sari Contoh"}, {"name": "Sari Contoh"}),
        ("reporter", {"email": "sari@contoh.example"}, {"email": "sari@contoh.example"}),
        ("reporter", {"phone": "0812-3450-0017"}, {"phone": "0812-3450-0017"}),
    ],
)
def test_good_value_is_read(name, value, read):
    assert SCHEMA.load(TYPED | {name: value})[name] == read


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title", ""),
        ("title", "   "),
        ("title", "\x00\ud800\x07 \n"),
        ("title", "x" * (LONGEST_TITLE + 1)),
        ("title", None),
        ("title", 5),
        ("title", ["Lampu"]),
        ("body", "\r\n\t"),
        ("body", "x" * (LONGEST_BODY + 1)),
        ("incident_date", ""),
        ("incident_date", "20260102"),
        ("incident_date", "2026-W01-1"),
        ("incident_date", "2026-1-2"),
        ("incident_date", "2026-02-30"),
        ("incident_date", "02-01-2026"),
        ("incident_date", "2026-01-02T00:00:00"),
        ("incident_date", "2026-01-02\n"),
        ("incident_date", "\u0662\u0660\u0662\u0666-01-02"),
        ("incident_date", "kemarin"),
        ("incident_date", 20260102),
        ("incident_date", None),
        ("incident_location", " "),
        ("incident_location", "x" * (LONGEST_LINE + 1)),
        ("classification", "pengaduan"),
        ("classification", ""),
        ("classification", None),
        ("agency", ""),
        ("category", 7),
        ("anonymous", "yes"),
        ("anonymous", "true"),
        ("anonymous", 1.5),
        ("anonymous", None),
        ("confidential", "on"),
        ("confidential", []),
        ("latitude", 90.1),
        ("latitude", "di sini"),
        ("latitude", float("nan")),
        ("latitude", float("inf")),
        ("latitude", True),
        ("longitude", -180.5),
        ("longitude", 10**400),
        ("attachments", ["foto"]),
        ("attachments", "foto"),
        ("reporter", "Sari"),
        ("reporter", {"name": " "}),
        ("reporter", {"email": "sari"}),
        ("reporter", {"phone": "0" * 31}),
        ("reporter", {"nik": "3"}),
        ("prioritas", "tinggi"),
    ],
)
def test_bad_value_is_refused_by_name_and_nothing_else_is(name, value):
    assert list(problems(**{name: value})) == [name]


def test_uploads_are_named_by_their_ids_each_once():
    one, other = (str(uuid.UUID(int=of)) for of in (1, 2))
    named = uploads(SCHEMA.load(TYPED | {"attachments": [one, other, one]}))
    assert [file.id for file in named] == [one, other]


def test_unknown_field_of_the_reporter_is_named_too():
    assert problems(reporter={"nik": "3"}) == {"reporter": {"nik": ["Unknown field."]}}


def test_all_that_is_wrong_is_told_at_once():
    assert set(problems(title="", incident_date="kemarin", prioritas=1)) == {
        "title",
        "incident_date",
        "prioritas",
    }


def test_fields_of_a_message_are_json_values_without_the_body():
    loaded = SCHEMA.load(TYPED | {"attachments": [], "latitude": -7.5})
    given = typed_fields(loaded)
    assert json.loads(json.dumps(given)) == given
    assert given["incident_date"] == "2026-11-16"
    assert "agency" not in given
    assert not {"body", "attachments"} & set(given)


@settings(derandomize=True, database=None, deadline=None)
@given(text=st.text(alphabet=st.characters(exclude_categories=())))
def test_cleaned_text_can_be_stored_anywhere(text):
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert not set(cleaned) & {"\0", "\r"}
    assert clean(cleaned) == cleaned
