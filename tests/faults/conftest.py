from __future__ import annotations

from contextlib import ExitStack
from functools import cached_property
from pathlib import Path

import pytest
import setups
from services import PrivatePostgres, PrivateRabbit, open_folder
from support import real_gateway
from table import Line, as_markdown, as_text
from trial import run

LINES = pytest.StashKey[list[Line]]()
# One is up at a time, so tests of one follow each other; tests without any come first.
NAMES = ("", "embedded", "small disk", "scaled", "scaled, by proxy")


def pytest_configure(config):
    config.stash[LINES] = []


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    ours = [item for item in items if Path(__file__).parent in item.path.parents]
    first = items.index(ours[0]) if ours else 0
    ours.sort(key=lambda item: NAMES.index(_installation_of(item)))
    items[first : first + len(ours)] = ours


def pytest_terminal_summary(terminalreporter, config):
    if lines := config.stash[LINES]:
        terminalreporter.write_line("")
        on = terminalreporter._tw
        terminalreporter.write_line(as_text(lines, on.fullwidth, is_colourful=on.hasmarkup))
        if path := config.getoption("--table"):
            Path(path).write_text(as_markdown(lines))


@pytest.fixture
def gateway(tmp_path):
    """A gateway alone, whose leases are short."""
    config = tmp_path / "settings.toml"
    config.write_text(setups.SETTINGS)
    with real_gateway(tmp_path / "var", LAPOR_CONFIG=str(config)) as running:
        yield running


class _Servers(ExitStack):
    """Private servers, each started when it is first asked for."""

    @cached_property
    def postgres(self):
        return self.enter_context(PrivatePostgres(self.enter_context(open_folder())))

    @cached_property
    def rabbit(self):
        return self.enter_context(PrivateRabbit(self.enter_context(open_folder())))


@pytest.fixture(scope="session")
def servers():
    with _Servers() as private:
        yield private


class _Installations:
    """The one installation that is up; another is made when another is asked for, or it broke."""

    def __init__(self, servers, tmp_path_factory, *, is_long):
        self._servers, self._factory, self._is_long = servers, tmp_path_factory, is_long
        self._up = None
        self._stack = ExitStack()

    def get(self, name):
        if self._up is None or self._up.is_broken or self._up.name != name:
            self.close()
            self._up = self._stack.enter_context(self._make(name))
        return self._up

    def close(self):
        up, self._up = self._up, None
        with self._stack:
            if up is not None and not up.is_broken:
                up.gateway.run("reconcile")

    def _make(self, name):
        folder = self._factory.mktemp("installation")
        if name == "embedded":
            return setups.embedded(folder)
        if name == "small disk":
            return setups.on_small_disk(folder)
        servers = self._servers.postgres, self._servers.rabbit
        if name == "scaled":
            return setups.scaled(folder, *servers)
        # Half a minute without a word from a broker is long to wait for in a short run.
        return setups.behind_proxies(folder, *servers, heartbeat=None if self._is_long else 2)


@pytest.fixture(scope="session")
def installations(servers, tmp_path_factory, long_run):
    every = _Installations(servers, tmp_path_factory, is_long=long_run)
    yield every
    every.close()


@pytest.fixture
def installation(request, installations):
    """The installation that a test names as its parameter, up and sound."""
    return installations.get(request.param)


@pytest.fixture
def trial(request, installation, long_run):
    """Open one line of the table: trial(fault, short=…, long=…) times over, under load."""

    def begin(fault, *, short=1, long=20):
        line = Line(fault, installation.name)
        request.config.stash[LINES].append(line)
        return run(installation, line, long if long_run else short, is_long=long_run)

    return begin


def _installation_of(item):
    callspec = getattr(item, "callspec", None)
    return callspec.params.get("installation", "") if callspec else ""
