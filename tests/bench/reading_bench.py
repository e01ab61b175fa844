"""What reading a report costs, as a multiple of loading the same report from JSON.

The reports are those of the labelled sets, cut to a length; ten thousand characters are made of
many.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable

from quality.scoring import sets
from report import Table
from support import a_message

from channels.submission import Submission
from config import vocabularies
from normalizer.normalize import normalize
from normalizer.vocabulary import Vocabularies

MOST = 12.0  # times a load, at the length of a median report
MEDIAN_LENGTH = 500
LENGTHS = (160, MEDIAN_LENGTH, 1_300, 10_000)
TOGETHER = 10
TEXTS = 20  # of each length, as different authors write


def reading(rounds: int, tick: Callable[[], None]) -> Table:
    """Measure both in turns; medians of CPU time."""
    table = Table("reading", "Reading one report", ["characters", "load µs", "read µs", "ratio"])
    for length in LENGTHS:
        texts = _texts(length)
        loads, reads = _measured(texts, rounds, tick)
        mean = statistics.mean(map(len, texts))
        table.add(mean, loads * 1e6, reads * 1e6, reads / loads)
        if length == MEDIAN_LENGTH:
            table.mark("times a load at 500 characters", reads / loads, MOST, most=True)
    return table


def _measured(texts: list[str], rounds: int, tick: Callable[[], None]) -> tuple[float, float]:
    lists, schema = Vocabularies.read(vocabularies.load("")), Submission()
    bodies, messages = [_spelled(text) for text in texts], [a_message(text) for text in texts]

    def load() -> None:
        for body in bodies:
            schema.load(json.loads(body))

    def read() -> None:
        for message in messages:
            normalize(message, number="", reporter_ref=None, vocabularies=lists)

    read()  # loads what is loaded once
    times: dict[Callable[[], None], list[float]] = {load: [], read: []}
    for _ in range(rounds):
        for work, of in times.items():
            of.append(_cpu(work) / len(texts))
            tick()
    return statistics.median(times[load]), statistics.median(times[read])


def _cpu(work: Callable[[], None]) -> float:
    began = time.process_time()
    for _ in range(TOGETHER):
        work()
    return (time.process_time() - began) / TOGETHER


def _texts(length: int) -> list[str]:
    said = [row["text"] for rows in sets().values() for row in rows]
    if length > max(map(len, said)):
        whole = " ".join(said)
        return [whole[start : start + length] for start in range(0, len(whole) - length, length)][
            :5
        ]
    return [text[:length] for text in said if len(text) >= length][:TEXTS]


def _spelled(text: str) -> str:
    return json.dumps(
        {
            "title": "Lampu jalan mati",
            "body": text,
            "incident_date": "2026-11-03",
            "incident_location": "Kelurahan Dago, Kota Bandung",
            "classification": "complaint",
            "agency": "Dinas Umpama",
            "category": "Penerangan Jalan",
            "anonymous": False,
            "confidential": True,
            "reporter": {"name": "Sari Contoh", "phone": "081234500017"},
        }
    )
