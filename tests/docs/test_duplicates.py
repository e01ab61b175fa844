"""The examples that explain near copies to an official are judged as they say."""

from __future__ import annotations

import re

import pytest
from support import ROOT

from normalizer.fingerprint import Words, fingerprint, judge, weights

PAGE = (ROOT / "docs" / "duplicates.md").read_text("utf-8")
EXAMPLES = re.findall(
    r"### (\d+\. .+)\n\n\* A \((\w+)\): (.+)\n\* B \((\w+)\): (.+)\n\n"
    r"By (the same reporter|two reporters): `(\w+)`",
    PAGE,
)


def test_there_are_ten_examples():
    assert len(EXAMPLES) == len(re.findall(r"^### ", PAGE, re.MULTILINE)) == 10


@pytest.mark.parametrize(
    ("first", "second", "reporters", "verdict"),
    [
        pytest.param(Words("", a, "", here), Words("", b, "", there), who, verdict, id=title)
        for title, here, a, there, b, who, verdict in EXAMPLES
    ],
)
def test_an_example_is_judged_as_it_says(first, second, reporters, verdict):
    is_same = reporters == "the same reporter"
    found = judge(fingerprint(first), fingerprint(second), same_reporter=is_same)
    assert found.verdict == verdict, found


@pytest.mark.parametrize("verdict", ["repeat", "supported", "suggested"])
def test_thresholds_are_written_as_they_are(verdict):
    (written,) = re.findall(rf"rom (0\.\d+) on it is (?:a )?\s*`{verdict}`", PAGE)
    assert float(written) == weights()[f"threshold {verdict}"]
