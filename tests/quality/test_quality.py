"""The marks hold on every labelled set, and a lower score would be noticed."""

from __future__ import annotations

import pytest
from quality import marks
from quality.scoring import Count, score, sets

SETS = sets()


@pytest.mark.parametrize("name", SETS)
def test_reports_are_read_no_worse_than_they_were(name):
    assert marks.fallen(name, score(SETS[name])) == []


def test_the_set_that_the_rules_were_made_with_is_read_as_well_as_promised():
    assert list(marks.missed(SETS["first"], score(SETS["first"]))) == []


def test_hardly_any_random_run_of_digits_is_called_a_nik():
    assert marks.false_nik() <= marks.MOST_FALSE_NIK


def test_mistakes_and_omissions_lower_the_score():
    count = Count()
    count.add(said=True, right=True, wanted=True, what="")
    count.add(said=True, right=False, wanted=False, what="said what is not there")
    count.add(said=False, right=False, wanted=True, what="left out")
    assert (count.precision, count.recall) == (0.5, 0.5)
    assert count.mistakes == ["said what is not there", "left out"]
    assert not marks.MARKS["date"].is_met(count)


def test_wrong_expectations_are_below_the_marks():
    rows = [
        row | {"expect": row["expect"] | {"date": {"value": "1999-01-01", "precision": "day"}}}
        for row in SETS["first"]
    ]
    assert [what.split(":")[0] for what in marks.missed(rows, score(rows))] == ["date"]
