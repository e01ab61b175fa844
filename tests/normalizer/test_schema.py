"""The published shape of a record, and the promise that it only grows."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from normalizer.schema import SCHEMA_NAME, json_schema
from tests.normalizer.compatibility import incompatibilities
from tests.normalizer.write_schema import PUBLISHED, written

RELEASED = Path(__file__).parent / "released" / f"{SCHEMA_NAME}.json"


def test_published_schema_is_the_one_in_use():
    assert PUBLISHED.read_text("utf-8") == written(), (
        "docs/schema is behind; run: .venv/bin/python tests/normalizer/write_schema.py"
    )


def test_schema_is_a_schema():
    Draft202012Validator.check_schema(json_schema())


def test_schema_refers_to_nothing_outside_itself():
    text = json.dumps(json_schema())
    assert "#/components" not in text
    references = {part.split('"')[0] for part in text.split('"$ref": "')[1:]}
    assert references == {f"#/$defs/{name}" for name in json_schema()["$defs"]}


def test_schema_is_open_so_that_fields_can_be_added():
    assert '"additionalProperties": false' not in json.dumps(json_schema())


def test_readers_of_the_released_schema_can_read_current_records():
    released = json.loads(RELEASED.read_text("utf-8"))
    assert incompatibilities(released, json_schema()) == []


# --- the comparison itself, on invented schemas ------------------------------------------

SCHEMA = {
    "$id": "urn:example",
    "type": "object",
    "properties": {
        "name": {"type": "string", "description": "a name"},
        "size": {"type": ["number", "null"]},
        "count": {"type": "integer"},
        "kind": {"type": "string", "enum": ["a", "b"]},
        "at": {"type": "string", "format": "date-time"},
        "note": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "part": {"$ref": "#/$defs/Part"},
        "parts": {"type": "array", "items": {"$ref": "#/$defs/Part"}},
        "free": {},
    },
    "required": ["at", "count", "free", "kind", "name", "part", "parts", "size", "tags"],
    "$defs": {
        "Part": {
            "type": "object",
            "properties": {"id": {"type": "string"}},
            "required": ["id"],
        }
    },
}


def changed(path: str, value: object) -> dict[str, object]:
    """Copy SCHEMA with something else at `a/b/c`; None takes it away."""
    schema = copy.deepcopy(SCHEMA)
    *above, last = path.split("/")
    node = schema
    for step in above:
        node = node[step]
    if value is None:
        del node[last]
    else:
        node[last] = value
    return schema


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$id", "urn:other"),
        ("properties/name/description", "another description"),
        ("properties/name/maxLength", 5),
        ("properties/new", {"type": "string"}),
        (
            "properties/part",
            {"type": "object", "properties": {"id": {"type": "string"}}} | {"required": ["id"]},
        ),
        ("$defs/Part/properties/new", {"type": "string"}),
        ("properties/size/type", "number"),
        ("properties/size/type", ["integer", "null"]),
        ("properties/kind/enum", ["a"]),
        ("properties/note/enum", ["x", "y"]),
        ("properties/free", {"type": "string"}),
        ("additionalProperties", False),
        ("required", [*SCHEMA["required"], "note"]),
    ],
)
def test_change_that_readers_do_not_notice_is_compatible(path, value):
    assert incompatibilities(SCHEMA, changed(path, value)) == []


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("properties/name", None, "name: is gone"),
        ("properties/note", None, "note: is gone"),
        ("$defs/Part/properties/id", None, "part.id: is gone"),
        ("properties/name/type", "integer", "name: may now be integer"),
        ("properties/name/type", ["string", "null"], "name: may now be null"),
        ("properties/name/type", None, "name: may now be array, boolean, integer"),
        ("properties/count/type", "number", "count: may now be number"),
        ("properties/part", {"type": "string"}, "part: may now be string"),
        ("properties/tags/items", {"type": "integer"}, "tags[]: may now be integer"),
        ("properties/tags/items", None, "tags[]: may now be array"),
        ("$defs/Part/properties/id/type", ["string", "null"], "parts[].id: may now be null"),
        ("properties/kind/enum", ["a", "b", "c"], "kind: may now be 'c'"),
        ("properties/kind/enum", None, "kind: may now be any value"),
        ("properties/at/format", "date", "at: format was 'date-time', is 'date'"),
        ("properties/at/format", None, "at: format was 'date-time', is None"),
        ("required", [], "name: is required no longer"),
        ("$defs/Part/required", [], "parts[].id: is required no longer"),
    ],
)
def test_change_that_surprises_readers_is_named(path, value, said):
    assert said in "\n".join(incompatibilities(SCHEMA, changed(path, value)))


def test_closed_schema_admits_no_new_property():
    closed = SCHEMA | {"additionalProperties": False}
    assert incompatibilities(closed, closed) == []
    assert incompatibilities(closed, changed("properties/new", {})) == [
        "new: is new, and the released schema is closed"
    ]


def test_what_other_properties_may_be_is_compared_too():
    released = SCHEMA | {"additionalProperties": {"type": "string"}}
    assert incompatibilities(released, changed("properties/new", {"type": "string"})) == []
    assert incompatibilities(released, changed("properties/new", {"type": "integer"})) == [
        "new: may now be integer"
    ]
