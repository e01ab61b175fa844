"""The worked examples of docs/normalizer.md are what comes out."""

from __future__ import annotations

import json
import re
from functools import reduce

import pytest
from support import ROOT

from config.settings import load
from gateway import reading_lines
from gateway.reading import Reader

PAGE = (ROOT / "docs" / "normalizer.md").read_text("utf-8")
EXAMPLES = re.findall(
    r"^### (\d+\. .+?)\n\n```json\n(.+?)\n```\n\n```json\n(.+?)\n```",
    PAGE,
    re.DOTALL | re.MULTILINE,
)


def test_there_are_ten():
    assert len(EXAMPLES) == 10
    assert len(re.findall(r"^### ", PAGE, re.MULTILINE)) == 10


@pytest.mark.parametrize(
    ("line", "fields"), [of[1:] for of in EXAMPLES], ids=[of[0] for of in EXAMPLES]
)
def test_example_gives_the_fields_it_shows(line, fields, tmp_path):
    settings = load({"LAPOR_VAR_DIR": str(tmp_path)})
    record = reading_lines.read(line.encode(), Reader.of(settings), settings.time_zone)
    expected = json.loads(fields)
    got = {path: reduce(lambda at, key: at[key], path.split("."), record) for path in expected}
    assert got == expected
