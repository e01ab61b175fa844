"""Complaints that are joined, and taken apart again: what it makes of their records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

# What a person types, each with what is empty where nobody told it.
_TOLD = {
    "incident_date": "value",
    "incident_location": "text",
    "agency": "text",
    "category": "text",
}
_FILES_WAIT = ("media_pending",)
MOST_FILES = 30  # of a record, which every event carries whole
STILL = "still"  # a flag: said again long after, so nothing has changed


def repeated(
    record: Mapping[str, Any], again: Mapping[str, Any], *, is_still: bool
) -> dict[str, Any]:
    """Add what the same reporter said again in other words; the next revision.

    A shorter copy of what is there adds nothing. `is_still`: it came long after, so the matter is
    still there.
    """
    said = _words_of(again)
    is_new = " ".join(said.split()) not in " ".join(record["body"].split())
    flags = [*record["flags"], *([STILL] if is_still and STILL not in record["flags"] else [])]
    return {
        **record,
        "revision": record["revision"] + 1,
        "body": f"{record['body']}\n\n{said}".strip() if is_new else record["body"],
        "identifiers": [*record["identifiers"], *again["identifiers"]],
        "attachments": [*record["attachments"], *again["attachments"]],
        "flags": flags,
    }


def supplemented(record: Mapping[str, Any], again: Mapping[str, Any]) -> dict[str, Any]:
    """Add the files and typed fields that the same words brought; the next revision.

    What the reporter typed first stays, and a file that is there is not there twice. Where nothing
    is new, the very same record is given; so it is where the repeat is confidential and the record
    is not: what was sent in confidence goes into no open record.
    """
    if again["confidential"] and not record["confidential"]:
        return record  # type: ignore[return-value]
    known = {_content(file) for file in record["attachments"]} - {None}
    files = [
        {**file, "name": None if record["anonymous"] else file["name"]}
        for file in again["attachments"]
        if file["verdict"] != "missing" and _content(file) not in known
    ][: max(0, MOST_FILES - len(record["attachments"]))]
    fields = _typed_since(record, again)
    if not (files or fields):
        return record  # type: ignore[return-value]
    flags = [*record["flags"], *(flag for flag in _FILES_WAIT if flag in again["flags"] and files)]
    return {
        **record,
        **fields,
        "revision": record["revision"] + 1,
        "attachments": [*record["attachments"], *files],
        "identifiers": [
            *record["identifiers"],
            *(of for of in again["identifiers"] if of not in record["identifiers"]),
        ],
        "flags": list(dict.fromkeys(flags)),
        "missing": [name for name in record["missing"] if name not in fields],
    }


def _content(file: Mapping[str, Any]) -> str | None:
    """Tell files apart; of those at a provider nothing is known that could, until they came."""
    known: str | None = file["sha256"] or file["id"]
    return known


def _typed_since(record: Mapping[str, Any], again: Mapping[str, Any]) -> dict[str, Any]:
    """Give the fields that were typed now and were not before; a point on the map is one, too."""
    found = {
        name: again[name]
        for name, told in _TOLD.items()
        if again[name]["origin"] == "reporter"
        and again[name][told]
        and record[name]["origin"] != "reporter"
    }
    if "reporter" == again["classification_origin"] != record["classification_origin"]:
        found |= {name: again[name] for name in ("classification", "classification_origin")}
    place, at = found.get("incident_location", record["incident_location"]), "latitude"
    points = [of["incident_location"] for of in (record, again)]
    point = next((of for of in points if of[at] is not None), None)
    if point and (place[at] is None or place[at] != point[at]):
        found["incident_location"] = {**place, at: point[at], "longitude": point["longitude"]}
    return found


def parted(record: Mapping[str, Any], again: Mapping[str, Any]) -> dict[str, Any]:
    """Take back what `repeated` added; the next revision."""
    return {
        **record,
        "revision": record["revision"] + 1,
        "body": record["body"].replace(f"\n\n{_words_of(again)}", "", 1),
        "identifiers": _without(record["identifiers"], again["identifiers"]),
        "attachments": _without(record["attachments"], again["attachments"]),
    }


def related(
    record: Mapping[str, Any], number: str, relation: str, score: float, reasons: Sequence[str]
) -> dict[str, Any]:
    """Say what another complaint has to do with this one."""
    said = {"number": number, "relation": relation, "score": score, "reasons": list(reasons)}
    others = [of for of in record["related"] if of["number"] != number]
    return {**record, "related": [*others, said]}


def unrelated(record: Mapping[str, Any], number: str) -> dict[str, Any]:
    """Say that another complaint has nothing to do with this one."""
    return {**record, "related": [of for of in record["related"] if of["number"] != number]}


def _words_of(record: Mapping[str, Any]) -> str:
    title = record["title"]
    typed = f"{title['text']}\n" if title["origin"] == "reporter" else ""
    return f"{typed}{record['body']}".strip()


def _without(these: Sequence[Any], those: Sequence[Any]) -> list[Any]:
    left = list(these)
    for of in those:
        if of in left:
            left.reverse()
            left.remove(of)  # the last one: it was added at the end
            left.reverse()
    return left
