"""What a consumer says is read, or refused in words that name the fields and quote nothing."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels import number
from channels.base import Malformed
from gateway.status_event import STATUS_TYPE, StatusEvent, read_event

NUMBER = number.draw(lambda count: b"\1" * count)
EVENT = {
    "specversion": "1.0",
    "type": STATUS_TYPE,
    "source": "https://lapor.kementerian.example/status",
    "id": "2026/17",
    "subject": NUMBER,
    "sequence": "0000000017",
    "time": "2026-11-21T10:04:05+07:00",
    "data": {"status": "in_progress", "note": "Diperiksa\ntim lapangan", "reference": "K-17"},
}


def spelled(**changed):
    return json.dumps({key: of for key, of in (EVENT | changed).items() if of is not None})


def test_an_event_is_read_whole():
    assert read_event(spelled()) == StatusEvent(
        consumer="https://lapor.kementerian.example/status",
        event_id="2026/17",
        number=NUMBER,
        status="in_progress",
        sequence=17,
        happened_at=datetime(2026, 11, 21, 3, 4, 5, tzinfo=UTC),
        note="Diperiksa\ntim lapangan",
        reference="K-17",
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"sequence": 17},
        {"subject": NUMBER.lower().replace("-", " ").replace("1", "l")},
        {"time": "2026-11-21T03:04:05Z"},
        {"datacontenttype": "application/json", "traceparent": "00-1-2-01"},
    ],
)
def test_what_else_is_right_means_the_same(changed):
    assert read_event(spelled(**changed).encode()) == read_event(spelled())


def test_what_is_optional_may_be_left_out():
    read = read_event(spelled(data={"status": "resolved"}))
    assert (read.note, read.reference) == (None, None)


SAID = "Kepala dusun meminta uang"


@pytest.mark.parametrize(
    ("body", "names"),
    [
        (b"\xff\xfe", "not JSON in UTF-8"),
        (spelled(id="x").encode("utf-16"), "not JSON in UTF-8"),
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[" * 20_000, "not JSON"),
        ('{"id": ' + "9" * 10_000 + "}", "not JSON"),
        (spelled(padding="x" * 70_000), "larger than"),
        ("null", "the whole"),
        ("[]", "the whole"),
        ('"text"', "the whole"),
        ("{}", "subject: "),
        (spelled(specversion="0.3"), "specversion: "),
        (spelled(type="id.lapor.complaint.received.v1"), "type: "),
        (spelled(source="gateway"), "source: "),
        (spelled(source=""), "source: "),
        (spelled(source="Dinas PU"), "source: "),
        (spelled(source=["x"]), "source: "),
        (spelled(id=17), "id: "),
        (spelled(id="x" * 201), "id: "),
        (spelled(id="é"), "id: "),
        (spelled(id="a\n"), "id: "),
        (spelled(subject=None), "subject: "),
        (spelled(subject="0000-000-001"), "subject: "),
        (spelled(subject=SAID), "subject: "),
        (spelled(subject="\ud800"), "subject: "),
        (spelled(sequence="abc"), "sequence: "),
        (spelled(sequence=-1), "sequence: "),
        (spelled(sequence=True), "sequence: "),
        (spelled(sequence=1.5), "sequence: "),
        (spelled(sequence=2**63), "sequence: "),
        (spelled(sequence="9" * 5000), "sequence: "),
        (spelled(sequence="\u0661"), "sequence: "),
        (spelled(sequence=None), "sequence: "),
        (spelled().replace('"0000000017"', "NaN"), "sequence: "),
        (spelled(time=None), "time: "),
        (spelled(time="kemarin"), "time: "),
        (spelled(time="2026-11-21"), "time: "),
        (spelled(time="2026-11-21T10:04:05"), "time: "),
        (spelled(time="2026-13-21T10:04:05Z"), "time: "),
        (spelled(time="9999-12-31T23:59:59-10:00"), "time: "),
        (spelled(time="0001-01-01T00:00:00+10:00"), "time: "),
        (spelled(time="2026-11-21T10:04:05+99:99"), "time: "),
        (spelled(time=1795304263), "time: "),
        (spelled(data=None), "data: "),
        (spelled(data=SAID), "data: "),
        (spelled(data={}), "data.status: "),
        (spelled(data={"status": "selesai"}), "data.status: "),
        (spelled(data={"status": None}), "data.status: "),
        (spelled(data={"status": ["resolved"]}), "data.status: "),
        (spelled(data={"status": "resolved", "note": "a\0b"}), "data.note: "),
        (spelled(data={"status": "resolved", "note": "\udc80"}), "data.note: "),
        (spelled(data={"status": "resolved", "note": SAID * 50}), "data.note: "),
        (spelled(data={"status": "resolved", "note": ""}), "data.note: "),
        (spelled(data={"status": "resolved", "reference": 17}), "data.reference: "),
        (spelled(data={"status": "resolved", "reference": "x" * 201}), "data.reference: "),
        (spelled(data={"status": "resolved", SAID: 1}), "data: Unknown field"),
    ],
)
def test_what_is_wrong_is_named_and_not_quoted(body, names):
    with pytest.raises(Malformed) as refused:
        read_event(body)
    assert names in str(refused.value)
    assert SAID not in str(refused.value)
    assert str(refused.value).isascii()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(), below, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from([*EVENT, "status", "note", "reference"]), json_values)
def test_no_value_anywhere_ends_in_another_error(field, value):
    inside = field not in EVENT
    changed = EVENT | ({"data": EVENT["data"] | {field: value}} if inside else {field: value})
    with suppress(Malformed):
        read_event(json.dumps(changed))


@given(st.binary() | st.text())
def test_no_junk_ends_in_another_error(body):
    with pytest.raises(Malformed):
        read_event(body)
