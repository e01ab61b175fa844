"""Group commit: everybody gets their own outcome, whoever leads, fails or gives up."""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from channels.base import Overloaded
from gateway.commit import GroupCommit


def submit_all(committer, units, threads=16):
    def submit(unit):
        try:
            return committer.submit(unit)
        except Exception as exc:  # noqa: BLE001 - the outcome under test
            return exc

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(submit, units))


def test_everybody_gets_the_outcome_of_their_own_unit():
    groups = []

    def commit(units):
        groups.append(len(units))
        time.sleep(0.001)
        return [f"done {unit}" for unit in units]

    committer = GroupCommit(commit, most_together=5)
    assert submit_all(committer, range(500)) == [f"done {n}" for n in range(500)]
    assert sum(groups) == 500
    assert max(groups) <= 5
    assert len(groups) < 500  # some did wait together


def test_one_commit_runs_at_a_time():
    inside, most = 0, 0

    def commit(units):
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        time.sleep(0.0005)
        inside -= 1
        return list(units)

    submit_all(GroupCommit(commit), range(1, 301))
    assert most == 1


def test_an_error_is_its_own_units_and_a_failing_commit_is_everybodys_in_the_group():
    def commit(units):
        if "break" in units:
            raise RuntimeError
        return [ValueError(unit) if unit == "bad" else unit for unit in units]

    committer = GroupCommit(commit, most_together=1)
    outcomes = submit_all(committer, ["a", "bad", "b", "break", "c"], threads=1)
    assert outcomes[0] == "a"
    assert isinstance(outcomes[1], ValueError)
    assert outcomes[2] == "b"
    assert isinstance(outcomes[3], RuntimeError)
    assert outcomes[4] == "c"


class Interrupted(BaseException):
    """What a worker's abort raises in the middle of anything."""


def test_a_leader_that_is_interrupted_leaves_nobody_waiting():
    first = threading.Event()

    def commit(units):
        if not first.is_set():
            first.set()
            time.sleep(0.05)
            raise Interrupted
        return list(units)

    committer = GroupCommit(commit)
    results = []

    def submit(unit):
        try:
            results.append(committer.submit(unit))
        except Interrupted:
            results.append("interrupted")
        except Overloaded:
            results.append("overloaded")

    threads = [threading.Thread(target=submit, args=(n,)) for n in range(1, 9)]
    threads[0].start()
    assert first.wait(5)
    for thread in threads[1:]:
        thread.start()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()
    assert results.count("interrupted") == 1
    assert sorted(r for r in results if isinstance(r, int)) == list(range(2, 9))
    assert committer.submit(99) == 99


@pytest.mark.parametrize("seed", range(3))
def test_with_impatient_callers_a_refused_unit_is_never_committed(seed):
    rng = random.Random(seed)  # noqa: S311
    committed = []

    def commit(units):
        time.sleep(rng.uniform(0, 0.01))
        committed.extend(units)
        return list(units)

    committer = GroupCommit(commit, most_together=3, most_waiting=10, patience=0.01)
    outcomes = submit_all(committer, range(1, 401), threads=24)
    taken = {outcome for outcome in outcomes if isinstance(outcome, int)}
    refused = {n for n, outcome in enumerate(outcomes, 1) if isinstance(outcome, Overloaded)}
    assert taken == set(committed)
    assert len(committed) == len(taken)
    assert taken.isdisjoint(refused)
    assert taken | refused == set(range(1, 401))
    assert refused, "nobody was impatient: the test did not try anything"
