"""Complaints that are joined, and taken apart again: what it makes of their records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

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
