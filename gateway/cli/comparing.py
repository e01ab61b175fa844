"""`lapor compare`: tries the rule for near copies on pairs of texts, without store or queue."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any, BinaryIO

import click

from normalizer.fingerprint import Words, fingerprint, judge


@click.command()
@click.argument("pairs", type=click.File("rb"), default="-")
def compare(pairs: BinaryIO) -> None:
    """Say of pairs from JSON lines (a file, or what is piped in) whether they are one complaint.

    A line is {"id", "a", "b"}; a and b are {"channel", "title", "body", "location", "sender"}.
    Equal senders are one proven reporter, null is an unproven one. The answer is {"id",
    "verdict", "score", "reasons"}; verdict is repeat, supported, suggested or new. What cannot
    be read is told on stderr, as a JSON line; then it fails, when all others are done.
    """
    failed = 0
    for count, line in enumerate(pairs, 1):
        if not line.strip():
            continue
        try:
            answer = answer_to(line)
        except ValueError as exc:
            failed += 1
            click.echo(json.dumps({"line": count, "error": str(exc)}), err=True)
        else:
            click.echo(json.dumps(answer))
    if failed:
        sys.exit(1)


def answer_to(line: bytes) -> dict[str, Any]:
    """Judge one pair; ValueError says what is wrong with the line."""
    pair = json.loads(line)
    if not isinstance(pair, dict) or "id" not in pair:
        raise ValueError('a line is an object with "id", "a" and "b"')
    (one, reporter), (other, its_reporter) = (_side(pair, name) for name in ("a", "b"))
    is_same = reporter is not None and reporter == its_reporter
    judgement = judge(fingerprint(one), fingerprint(other), same_reporter=is_same)
    return {
        "id": pair["id"],
        "verdict": judgement.verdict,
        "score": judgement.score,
        "reasons": list(judgement.reasons),
    }


def _side(pair: Mapping[str, Any], name: str) -> tuple[Words, str | None]:
    side = pair.get(name)
    if not isinstance(side, dict):
        raise ValueError(f'"{name}" is not an object')  # noqa: TRY004 - the line is wrong, not we
    texts = {key: side.get(key) or "" for key in ("title", "body", "location", "channel")}
    for key, text in texts.items():
        if not isinstance(text, str):
            raise ValueError(f'"{name}.{key}" is no text')  # noqa: TRY004 - the same
    sender = side.get("sender")
    if sender is not None and not isinstance(sender, str):
        raise ValueError(f'"{name}.sender" is neither text nor null')
    if texts["channel"] == "tweet":
        texts["channel"] = "twitter"
    return Words(**texts, partial=bool(side.get("partial"))), sender or None
