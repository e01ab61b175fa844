"""Scores what is read from labelled reports, field by field.

A set is a file of JSON lines, `{id, channel, text, received_at, expect, tags}`. Dates are read in
the offset of `received_at`. A place is judged by its code: an ancestor of the right one is safe but
shallow, and counts as found only down to its own level.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from channels.base import InboundMessage
from config import vocabularies
from normalizer.complaint import Complaint
from normalizer.identifiers import find
from normalizer.normalize import normalize
from normalizer.text import tidy
from normalizer.vocabulary import Vocabularies

DATA = Path(__file__).parent / "data"
LISTS = Vocabularies.read(vocabularies.load(""))
_ZONES = {7: "Asia/Jakarta", 8: "Asia/Makassar", 9: "Asia/Jayapura"}
_REGENCY, _DISTRICT = 5, 8  # characters of a code down to that level


@dataclass
class Count:
    """How often something was said, said rightly, and to be said."""

    said: int = 0
    right: int = 0
    wanted: int = 0
    found: int = 0
    mistakes: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.right / self.said if self.said else 1.0

    @property
    def recall(self) -> float:
        return self.found / self.wanted if self.wanted else 1.0

    def add(self, *, said: bool, right: bool, wanted: bool, what: str) -> None:
        """Count one report."""
        self.said += said
        self.right += said and right
        self.wanted += wanted
        self.found += wanted and right
        if (said or wanted) and not right:
            self.mistakes.append(what)


Judge = Callable[[Mapping[str, Any], Complaint, Count], None]


def sets() -> dict[str, list[dict[str, Any]]]:
    """Read every labelled set there is, by name."""
    return {
        path.stem.removeprefix("reports-"): [
            json.loads(line) for line in path.read_text("utf-8").splitlines()
        ]
        for path in sorted(DATA.glob("reports-*.jsonl"))
    }


def message_of(row: Mapping[str, Any]) -> InboundMessage:
    """Give a row as a channel would hand it over."""
    return InboundMessage(
        source=row["channel"],
        channel=row["channel"],
        provider="quality",
        provider_id=row["id"],
        sender=None,
        text=row["text"],
        received_at=datetime.fromisoformat(row["received_at"]),
    )


def read(row: Mapping[str, Any]) -> Complaint:
    """Read a row as the worker would, in the zone of the offset it came with."""
    message = message_of(row)
    offset = message.received_at.utcoffset()
    zone = _ZONES[int(offset.total_seconds() // 3600)] if offset else "Etc/UTC"
    return normalize(
        message, number=row["id"], reporter_ref=None, vocabularies=LISTS, time_zone=zone
    )


def score(rows: list[dict[str, Any]]) -> dict[str, Count]:
    """Score a set, field by field."""
    counts = {name: Count() for name in JUDGES}
    for row in rows:
        complaint = read(row)
        for name, judge in JUDGES.items():
            judge(row, complaint, counts[name])
    return counts


# --- the fields --------------------------------------------------------------------------


def _date(row: Mapping[str, Any], complaint: Complaint, count: Count) -> None:
    expected = row["expect"]["date"]
    date = complaint.incident_date
    got = (date.value, date.precision)
    allowed = [(of["value"], of["precision"]) for of in (expected, *expected.get("acceptable", ()))]
    what = f"{row['id']} said {got[0]} {got[1]}, is {allowed[0][0]} {allowed[0][1]}"
    wanted = all(value is not None for value, _ in allowed)
    count.add(said=got[0] is not None, right=got in allowed, wanted=wanted, what=what)


def _place_codes(row: Mapping[str, Any]) -> list[str | None]:
    expected = row["expect"]["place"]
    accepted = [of["code"] if isinstance(of, dict) else of for of in expected["acceptable"]]
    return [expected["code"], *accepted]


def _regency(row: Mapping[str, Any], complaint: Complaint, count: Count) -> None:
    codes, got = _place_codes(row), complaint.incident_location.code or ""
    expected = {code[:_REGENCY] for code in codes if code and len(code) >= _REGENCY}
    is_said = len(got) >= _REGENCY
    count.add(
        said=is_said,
        right=is_said and got[:_REGENCY] in expected,
        wanted=all(code is not None and len(code) >= _REGENCY for code in codes),
        what=f"{row['id']} said {got or None}, is {codes[0]}",
    )


def _district(row: Mapping[str, Any], complaint: Complaint, count: Count) -> None:
    codes, got = _place_codes(row), complaint.incident_location.code or ""
    is_said = len(got) >= _DISTRICT
    right = is_said and any(code and (code == got or code.startswith(f"{got}.")) for code in codes)
    count.add(
        said=is_said,
        right=right,
        wanted=all(code is not None and len(code) >= _DISTRICT for code in codes),
        what=f"{row['id']} said {got or None}, is {codes[0]}",
    )


def _masked(row: Mapping[str, Any], complaint: Complaint, count: Count) -> None:
    shown = f"{complaint.title.text}\n{complaint.body}"
    labelled = [of["text"] for of in row["expect"]["identifiers"]]
    for text in [*labelled, *re.findall(r"(?<!\d)\d{16}(?!\d)", row["text"])]:
        is_hidden = tidy(text) not in shown
        count.add(said=True, right=is_hidden, wanted=True, what=f"{row['id']} shows a number")


def _kind(row: Mapping[str, Any], _: Complaint, count: Count) -> None:
    """Judge what an identifier was called, and what was called one."""
    text = row["text"]
    labelled = list(_spans(text, row["expect"]["identifiers"]))
    optional = list(_spans(text, row["expect"].get("identifiers_optional", ())))
    found = [of for of in find(text) if of.kind != "name"]
    for kind, start, end in labelled:
        over = [of for of in found if of.start < end and start < of.end]
        kinds = {of.kind for of in over}
        fits = kind in kinds or (kind in {"nik", "kk"} and "id16" in kinds)
        count.wanted += 1
        count.found += fits
        if not fits:
            count.mistakes.append(f"{row['id']} called {kind} {sorted(kinds) or 'nothing'}")
    for of in found:
        fits = any(of.start < end and start < of.end for _, start, end in (*labelled, *optional))
        count.said += 1
        count.right += fits
        if not fits:
            count.mistakes.append(f"{row['id']} called {of.kind} what is none")


def _spans(text: str, labels: Any) -> Iterator[tuple[str, int, int]]:
    for label in labels:
        spelled = label["text"] if isinstance(label, dict) else label
        start = text.find(spelled)
        if start >= 0:
            kind = label.get("kind", "other") if isinstance(label, dict) else "other"
            yield kind, start, start + len(spelled)


def _not_nik(row: Mapping[str, Any], _: Complaint, count: Count) -> None:
    for start, end in ((s, e) for _, s, e in _spans(row["text"], row["expect"].get("not_nik", ()))):
        called = [of.kind for of in find(row["text"]) if of.start < end and start < of.end]
        is_right = "nik" not in called
        count.add(said=True, right=is_right, wanted=True, what=f"{row['id']} called a NIK")


def _classification(row: Mapping[str, Any], complaint: Complaint, count: Count) -> None:
    expect = row["expect"]
    allowed = [expect["classification"], *(expect.get("classification_acceptable") or ())]
    got = complaint.classification
    what = f"{row['id']} said {got}, is {allowed[0]}"
    count.add(said=True, right=got in allowed, wanted=True, what=what)


def _abusive(row: Mapping[str, Any], complaint: Complaint, count: Count) -> None:
    is_said, is_true = "abusive" in complaint.flags, row["expect"]["abusive"]
    what = f"{row['id']} said {is_said}, is {is_true}"
    count.add(said=is_said, right=is_said and is_true, wanted=is_true, what=what)


def _title(row: Mapping[str, Any], complaint: Complaint, count: Count) -> None:
    expect, title = row["expect"], complaint.title.text.casefold()
    is_told = all(word.casefold() in title for word in expect["title_contains"])
    some = expect.get("title_contains_any")
    is_told = is_told and (not some or any(word.casefold() in title for word in some))
    is_clean = not any(
        re.search(rf"\b{re.escape(word.casefold())}\b", title) for word in expect["title_excludes"]
    )
    what = f"{row['id']} said {complaint.title.text!r}"
    count.add(said=True, right=is_told and is_clean, wanted=True, what=what)


JUDGES: Mapping[str, Judge] = {
    "date": _date,
    "kabupaten/kota": _regency,
    "kecamatan/desa": _district,
    "identifiers masked": _masked,
    "identifiers by kind": _kind,
    "never called NIK": _not_nik,
    "classification": _classification,
    "abusive": _abusive,
    "title": _title,
}
