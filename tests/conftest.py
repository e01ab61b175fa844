"""What all tests share. A missing component skips here and fails in CI."""

from __future__ import annotations

import pytest


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="run fault tests at full length")
    parser.addoption("--table", metavar="FILE", help="write the table of fault tests as markdown")
    parser.addoption("--jasmin", action="store_true", help="install a real Jasmin and test with it")


def pytest_collection_modifyitems(config, items):
    """Leave out what only a long run has time for."""
    if config.getoption("--long"):
        return
    left_out = [item for item in items if item.get_closest_marker("long")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def long_run(request) -> bool:
    """Whether fault tests run at full length."""
    return bool(request.config.getoption("--long"))
