"""`lapor compare`: pairs in, verdicts out, no store and no queue."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from gateway.cli import main

BODY = "Lampu jalan di Jl. Merpati RT 03 Kelurahan Ragunan mati sejak 3 November."


def side(body=BODY, *, sender="a", channel="web"):
    return {"channel": channel, "title": "", "body": body, "location": "", "sender": sender}


def compared(*lines):
    result = CliRunner().invoke(main, ["compare"], input="\n".join(lines))
    return result, [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.parametrize(
    ("one", "other", "verdict"),
    [
        (side(), side(channel="tweet"), "repeat"),
        (side(), side(sender="b"), "supported"),
        (side(sender=None), side(sender=None), "supported"),
        (side(), side(BODY.replace("RT 03", "RT 04")), "new"),
    ],
)
def test_a_pair_gets_a_verdict_a_score_and_reasons(one, other, verdict):
    result, (answer,) = compared(json.dumps({"id": "p1", "a": one, "b": other}))
    assert result.exit_code == 0
    assert answer.keys() == {"id", "verdict", "score", "reasons"}
    assert (answer["id"], answer["verdict"]) == ("p1", verdict)
    assert answer["reasons"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "Expecting"),
        ("[]", "a line is an object"),
        ('{"id": 1, "a": {}}', '"b" is not an object'),
        ('{"id": 1, "a": {"body": 3}, "b": {}}', '"a.body" is no text'),
        ('{"id": 1, "a": {}, "b": {"sender": 3}}', '"b.sender" is neither text nor null'),
    ],
)
def test_what_cannot_be_read_is_told_and_the_others_are_judged(line, told):
    result, answers = compared(line, json.dumps({"id": 2, "a": side(), "b": side()}))
    assert result.exit_code == 1
    assert [answer["id"] for answer in answers] == [2]
    (error,) = [json.loads(line) for line in result.stderr.splitlines()]
    assert error["line"] == 1
    assert told in error["error"]


def test_a_side_may_leave_out_what_it_does_not_have():
    _, (answer,) = compared('{"id": 3, "a": {"body": "air mati"}, "b": {"body": null}}')
    assert answer["verdict"] == "new"
