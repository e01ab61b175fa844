"""Near copies are told apart as well as promised, set by set; and a lower score is noticed."""

from __future__ import annotations

import pytest
from quality.pairs import (
    KEYS_REACHED,
    LEAST_KEYS,
    Tally,
    count,
    fallen,
    key_recall,
    missed,
    read_once,
    sets,
)

from normalizer.fingerprint import Fingerprint, judge

SETS = sets()


@pytest.mark.parametrize("name", SETS)
def test_pairs_are_judged_as_well_as_they_were(name):
    assert fallen(name, SETS[name]) == []


@pytest.mark.parametrize("name", SETS)
def test_every_set_is_judged_as_well_as_is_promised_for_authors_never_seen(name):
    assert list(missed(SETS[name])) == []


@pytest.mark.parametrize("name", SETS)
def test_true_pairs_are_found_by_their_keys(name):
    shared, true, most = key_recall(SETS[name])
    assert shared >= KEYS_REACHED.get(name, LEAST_KEYS) * true
    assert most <= 26


@pytest.mark.parametrize("name", SETS)
def test_what_is_kept_is_judged_like_what_was_read(name):
    for pair in SETS[name][:40]:
        one, other = read_once(pair.one), read_once(pair.other)
        kept = Fingerprint.load(one.dump())
        assert judge(kept, other, same_reporter=True) == judge(one, other, same_reporter=True)


def test_mistakes_and_omissions_lower_the_score():
    tally = Tally(said=4, right=3, due=6)
    assert (tally.precision, tally.recall) == (0.75, 0.5)
    assert tally.f1 == pytest.approx(0.6)


def test_a_set_that_is_all_wrong_is_below_the_marks():
    wrong = [pair for pair in SETS["first"] if not pair.is_true]
    told = [pair.with_label("dup") for pair in wrong]
    assert list(missed(told))
    assert count(told)["repeat"].recall < 0.1
