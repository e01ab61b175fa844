"""Explaining a record: every field that was read, where it is from and what else it could be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from gateway import changes
from gateway.reading import Reader
from gateway.store import Store, UnknownNumber
from gateway.tables import judgement
from normalizer.vocabulary import Suggestion


@dataclass(frozen=True, slots=True)
class Explained:
    """A field: its value and origin, what speaks for it, and the candidates."""

    field: str
    value: str
    origin: str
    evidence: str
    candidates: tuple[str, ...] = ()


def explain(store: Store, reader: Reader, of: str) -> tuple[dict[str, Any], list[Explained]]:
    """Give the record behind a number, and its fields explained; masked like the record.

    Raises UnknownNumber, also while the message waits to be processed.
    """
    stands = store.standing(of)
    if stands is None:
        raise UnknownNumber(of)
    with store.read() as connection:
        record = changes.current(connection, [stands.number]).get(stands.number)
        judged = _judgements(connection, [of, *((record or {}).get("aliases") or [])])
    if record is None:
        raise UnknownNumber(of)
    fields = [*_read(record, reader), *_found(record), *_others(record)]
    return record, [*fields, *judged]


def _read(record: Mapping[str, Any], reader: Reader) -> Iterator[Explained]:
    suggested = reader.suggestions(record["body"])
    origin = record.get("classification_origin", "")
    yield Explained(
        "classification",
        record["classification"],
        origin,
        _words(suggested["classification"], record["classification"]),
        _named(suggested["classification"]),
    )
    title = record["title"]
    yield Explained("title", title["text"], title["origin"], "")
    yield _date(record["incident_date"])
    yield _place(record["incident_location"])
    for name in ("agency", "category"):
        value, offered = record[name], suggested[name]
        text = value.get("text") or value.get("label")
        shown = " ".join(filter(None, (value["code"], text)))
        words = _words(offered, text) if value["origin"] == "derived" else ""
        yield Explained(name, shown, value["origin"] or "", words, _named(offered))


def _date(date: Mapping[str, Any]) -> Explained:
    value = " ".join(filter(None, (date["value"], date.get("time"), _bracketed(date["precision"]))))
    candidates = tuple(
        f"{of['value']} ({of['precision']}) from {of['text']!r}" for of in date["candidates"]
    )
    chosen = next((of["text"] for of in date["candidates"] if of["value"] == date["value"]), "")
    return Explained("incident_date", value, date["origin"] or "", chosen, candidates)


def _place(place: Mapping[str, Any]) -> Explained:
    value = " ".join(filter(None, (place["code"], place["text"], _bracketed(place["level"]))))
    sure = place["confidence"]
    at = (place["latitude"], place["longitude"])
    evidence = [f"confidence {sure:.2f}"] if sure is not None else []
    evidence += [f"at {at[0]}, {at[1]}"] if None not in at else []
    candidates = tuple(
        f"{of['code']} {of['name']} ({of['level']}, {of['confidence']:.2f})"
        for of in place["candidates"]
    )
    return Explained(
        "incident_location", value, place["origin"] or "", ", ".join(evidence), candidates
    )


def _found(record: Mapping[str, Any]) -> Iterator[Explained]:
    masked = tuple(f"{of['kind']} {of['masked']}" for of in record["identifiers"])
    yield Explained("identifiers", str(len(masked)), "extracted", "", masked)
    yield Explained("flags", ", ".join(record["flags"]), "derived", "")
    yield Explained("missing", ", ".join(record["missing"]), "derived", "")


def _others(record: Mapping[str, Any]) -> Iterator[Explained]:
    """Tell what other complaints have to do with it: near copies, and why."""
    for of in record["related"]:
        score = f"score {of['score']:.2f}"
        yield Explained(
            "related", f"{of['relation']} {of['number']}", "derived", score, tuple(of["reasons"])
        )


def _judgements(connection: Connection, numbers: Sequence[str]) -> list[Explained]:
    """Tell why a number, or an alias of it, was or was not joined with what was in process."""
    rows = connection.execute(
        select(judgement).where(judgement.c.number.in_(numbers)).order_by(judgement.c.at)
    )
    return [line for row in rows for line in _judgement(row)]


def _judgement(row: Any) -> Iterator[Explained]:
    verdict = " ".join(filter(None, (row.number, row.verdict, row.root)))
    yield Explained("verdict", verdict, "derived", f"rule {row.version}")
    for of in row.judged:
        shared = ", ".join(of["anchors"])
        yield Explained(
            "compared",
            f"{of['number']} {of['verdict']}",
            "derived",
            f"score {of['score']:.2f}" + (f", both name {shared}" if shared else ""),
            tuple(of["reasons"]),
        )


def _words(offered: Sequence[Suggestion], chosen: str | None) -> str:
    for of in offered:
        if chosen in {of.term.code, of.term.label}:
            return ", ".join(of.words)
    return ""


def _named(offered: Sequence[Suggestion]) -> tuple[str, ...]:
    return tuple(f"{of.term.label} ({of.score:.2f}: {', '.join(of.words)})" for of in offered)


def _bracketed(what: str | None) -> str:
    return f"({what})" if what else ""
