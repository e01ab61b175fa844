"""Can whoever was built on a released record schema read every record of the current one?

Consumers read; we write. So every record that is valid now must be valid under the released
schema, where unknown properties are ignored:

    may change                                  may not change
    a new property                              a property goes, or is required no longer
    optional becomes required                   another type, null included
    null is promised away                       a new value in an enum, or no enum any more
    a value leaves an enum                      a restriction loosened or exchanged
    a new restriction, a new description

A released schema that is closed (`additionalProperties: false`) admits no new property either;
that is why ours is open. Restrictions other than these (`format`, `pattern`, `anyOf`, ...) are not
understood here: one that was released must stay as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

ANNOTATIONS = {
    *("$schema", "$id", "$defs", "$comment", "title", "description", "examples", "default"),
    *("readOnly", "writeOnly", "deprecated"),
}
COMPARED = {"$ref", "type", "enum", "properties", "required", "items", "additionalProperties"}


def incompatibilities(released: Schema, current: Schema) -> list[str]:
    """Name every way in which a current record could surprise a reader of the released schema."""
    return list(_compare(released, current, (released, current), ""))


def _compare(
    released: Schema, current: Schema, roots: tuple[Schema, Schema], at: str
) -> Iterator[str]:
    was, now = _resolved(released, roots[0]), _resolved(current, roots[1])
    where = at or "the record"
    if surprises := sorted(_types(now) - _types(was)):
        yield f"{where}: may now be {', '.join(surprises)}"
    if "enum" in was and (surprises := _new_values(was["enum"], now)):
        yield f"{where}: may now be {surprises}"
    for keyword in sorted(set(was) - ANNOTATIONS - COMPARED):
        if now.get(keyword) != was[keyword]:
            yield f"{where}: {keyword} was {was[keyword]!r}, is {now.get(keyword)!r}"
    yield from _properties(was, now, roots, at)
    if "items" in was:
        yield from _compare(was["items"], now.get("items", {}), roots, f"{at}[]")


def _properties(was: Schema, now: Schema, roots: tuple[Schema, Schema], at: str) -> Iterator[str]:
    before, after = was.get("properties", {}), now.get("properties", {})
    others = was.get("additionalProperties", True)
    for name, below in before.items():
        path = f"{at}.{name}".lstrip(".")
        if name not in after:
            yield f"{path}: is gone"
            continue
        if name in was.get("required", []) and name not in now.get("required", []):
            yield f"{path}: is required no longer"
        yield from _compare(below, after[name], roots, path)
    for name in after.keys() - before.keys():
        path = f"{at}.{name}".lstrip(".")
        if others is False:
            yield f"{path}: is new, and the released schema is closed"
        elif isinstance(others, Mapping):
            yield from _compare(others, after[name], roots, path)


def _resolved(schema: Schema, root: Schema) -> Schema:
    while "$ref" in schema:
        schema = root["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    return schema


def _types(schema: Schema) -> set[str]:
    """List the types a value may have; an integer is a number too."""
    told = schema.get("type", ["array", "boolean", "null", "number", "object", "string"])
    types = {told} if isinstance(told, str) else set(told)
    return types | {"integer"} if "number" in types else types


def _new_values(released: list[Any], now: Schema) -> str:
    if "enum" not in now:
        return "any value"
    return ", ".join(repr(value) for value in now["enum"] if value not in released)
