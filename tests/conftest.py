"""What all tests share. A missing component skips here and fails in CI."""

from __future__ import annotations

import pytest


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="run fault tests at full length")
    parser.addoption("--jasmin", action="store_true", help="install a real Jasmin and test with it")


@pytest.fixture(scope="session")
def long_run(request) -> bool:
    """Whether fault tests run at full length."""
    return bool(request.config.getoption("--long"))
