"""Reading again: what a better normaliser says, without undoing what happened since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from normalizer import screening
from normalizer.identifiers import mask
from normalizer.normalize import missing

# What comes from reading. Everything else in a record is what came in, was counted or was decided.
READ = (
    "classification",
    "classification_origin",
    "title",
    "incident_date",
    "incident_location",
    "agency",
    "category",
)


def reread(
    record: Mapping[str, Any], fresh: Mapping[str, Any], *, is_joined: bool = False
) -> dict[str, Any]:
    """Give a record as `fresh`, the same messages read again, would have it; same revision.

    What the reporter has told since stays. `is_joined`: other reports were joined to it, whose
    words are in its body but not in the fresh one; then the body stays, masked once more.
    """
    after = {**record, **{name: fresh[name] for name in READ if not _told(record, fresh, name)}}
    if is_joined:
        body, more = mask(record["body"])
        identifiers = [*record["identifiers"], *map(asdict, more)]
    else:
        body, identifiers = fresh["body"], fresh["identifiers"]
    kept = [flag for flag in record["flags"] if flag not in screening.READ]
    read = [flag for flag in fresh["flags"] if flag in screening.READ]
    after |= {"body": body, "identifiers": identifiers, "flags": _sorted(record, [*kept, *read])}
    date, place = after["incident_date"]["value"], after["incident_location"]["text"]
    return {**after, "missing": list(missing(date, place))}


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Name the fields that differ."""
    return [name for name in after if name != "revision" and before.get(name) != after[name]]


def _told(record: Mapping[str, Any], fresh: Mapping[str, Any], name: str) -> bool:
    """Tell whether the reporter has filled in a field since."""

    def origin(of: Mapping[str, Any]) -> object:
        if name == "classification":
            return of.get("classification_origin")
        value = of.get(name)
        return value.get("origin") if isinstance(value, Mapping) else value

    return origin(record) == "reporter" and origin(fresh) != "reporter"


def _sorted(record: Mapping[str, Any], flags: list[str]) -> list[str]:
    """Keep the order that flags had, so that order alone is no difference."""
    before = {flag: place for place, flag in enumerate(record["flags"])}
    return sorted(flags, key=lambda flag: before.get(flag, len(before)))
