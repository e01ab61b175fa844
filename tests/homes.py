"""Where each number belongs, by the events alone: the promise "one matter enters once"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

Event = Mapping[str, Any]
PREFIX = "id.lapor.complaint."


def kinds(events: Iterable[Event]) -> Counter[str]:
    """Count events by their kind: received, supported, amended, …"""
    return Counter(of["type"].removeprefix(PREFIX).removesuffix(".v1") for of in events)


def latest(events: Iterable[Event]) -> dict[str, dict[str, Any]]:
    """Give the record of each complaint as a consumer has it who drops lower revisions."""
    found: dict[str, dict[str, Any]] = {}
    for of in events:
        record, before = of["data"], found.get(of["subject"])
        if before is None or record["revision"] > before["revision"]:
            found[of["subject"]] = dict(record)
    return found


def roots(records: Mapping[str, Mapping[str, Any]]) -> dict[str, str | None]:
    """Tell what each complaint supports; None stands for nothing."""
    supports = {
        number: [of["number"] for of in record["related"] if of["relation"] == "supports"]
        for number, record in records.items()
    }
    return {number: of[0] if of else None for number, of in supports.items()}


def homeless(records: Mapping[str, Mapping[str, Any]], told: Collection[str]) -> dict[str, int]:
    """Name the numbers told to citizens that are not subject or alias of exactly one complaint."""
    homes = Counter(name for of in records.values() for name in (of["number"], *of["aliases"]))
    return {number: homes[number] for number in told if homes[number] != 1}
