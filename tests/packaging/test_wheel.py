"""What is installed is tested from the wheel that is built, not from the tree."""

from __future__ import annotations

import configparser
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePosixPath

import pytest
from support import ROOT, free_port

from gateway.health import OUR_PACKAGES, foreign_packages

PATIENCE = 600.0  # seconds: packages may have to come from far away
# What builds us needs this setuptools; where it is installed nothing is downloaded to build.
LEAST_SETUPTOOLS = 77
NOT_SOURCE = shutil.ignore_patterns(
    ".venv", ".git", ".*_cache", "__pycache__", "var", "build", "dist", "*.egg-info"
)


@dataclass
class Installation:
    """A virtual environment that holds our wheel and what it needs, and an empty folder."""

    python: Path
    folder: Path
    environment: Mapping[str, str]

    def lapor(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the installed command in the empty folder."""
        return self._run([str(self.python.with_name("lapor")), *arguments])

    def ask(self, code: str) -> str:
        """Run a line of Python there and give what it prints."""
        done = self._run([str(self.python), "-c", code])
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    """Copy the tree: building leaves files behind."""
    copy = tmp_path_factory.mktemp("source") / "lapor-gateway"
    shutil.copytree(ROOT, copy, ignore=NOT_SOURCE)
    return copy


@pytest.fixture(scope="module")
def wheel(source) -> Path:
    """Build the wheel."""
    isolation = ["--no-isolation"] if can_build_here() else []
    run_with_index([sys.executable, "-m", "build", "--wheel", *isolation, str(source)])
    (built,) = (source / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installation(wheel, tmp_path_factory) -> Installation:
    """Install the wheel where nothing else is."""
    folder = tmp_path_factory.mktemp("installation")
    empty = folder / "empty"
    empty.mkdir()
    # Without a pip of its own it is there at once; ours installs into it.
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    python = folder / "venv" / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python)]
    constraints = str(ROOT / "constraints.txt")
    # Compiling everything takes longer than compiling what is used.
    run_with_index([*pip, "install", "-q", "--no-compile", "-c", constraints, str(wheel)])
    not_ours = ("LAPOR_", "PYTHON", "PIP_", "VIRTUAL_ENV")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(not_ours)}
    own = {
        "LAPOR_VAR_DIR": str(folder / "var"),
        "PORT": str(free_port()),
        "WEB_CONCURRENCY": "1",
        "COLUMNS": "200",
    }
    return Installation(python, empty, kept | own)


# --- the wheel ---------------------------------------------------------------------------


def test_the_wheel_holds_our_four_packages_whole_and_nothing_else(source, wheel):
    in_tree = {
        str(path.relative_to(source))
        for package in OUR_PACKAGES
        for path in (source / package).rglob("*")
        if path.is_file()
    }

    names = contents(wheel)
    own = {name for name in names if not name.split("/")[0].endswith(".dist-info")}
    assert own == in_tree
    assert {name.split("/")[0] for name in own} == set(OUR_PACKAGES)


@pytest.mark.parametrize(
    "pattern",
    [
        "config/default.toml",
        "config/production.example.toml",
        "config/gunicorn.conf.py",
        "channels/app/templates/docs.html",
        "gateway/migrations/env.py",
        "gateway/migrations/script.py.mako",
        "gateway/migrations/versions/0001_*.py",
        "*.dist-info/licenses/LICENSE",
    ],
)
def test_the_wheel_brings_what_is_not_imported(wheel, pattern):
    assert any(PurePosixPath(name).match(pattern) for name in contents(wheel))


def test_the_wheel_brings_no_tests_examples_or_documents(wheel):
    beside = {"tests", "examples", "docs", "var"}

    assert [name for name in contents(wheel) if beside & set(PurePosixPath(name).parts)] == []


def test_the_wheel_tells_a_reader_what_it_is(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("/METADATA")]
        metadata, _, description = archive.read(name).decode().partition("\n\n")

    assert re.search(r"^License(-Expression)?: Apache-2\.0$", metadata, re.MULTILINE)
    assert "\nDescription-Content-Type: text/markdown\n" in metadata
    assert description.strip(), "README.md is missing or empty"


def test_the_package_list_is_the_tree():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")

    in_tree = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for package in OUR_PACKAGES
        for path in (ROOT / package).rglob("__init__.py")
    }
    assert set(setup["options"]["packages"].split()) == in_tree


# --- the installation --------------------------------------------------------------------


def test_the_command_says_its_version(installation):
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")

    assert setup["metadata"]["version"] in installation.lapor("--version").stdout


def test_a_fresh_installation_migrates_and_its_doctor_finds_nothing_wrong(installation):
    migrated = installation.lapor("migrate")
    examined = installation.lapor("doctor")

    assert migrated.returncode == 0, migrated.stderr
    assert examined.returncode == 0, examined.stdout + examined.stderr
    assert "BAD" not in examined.stdout


def test_a_fresh_installation_shows_its_demo(installation):
    shown = installation.lapor("demo")

    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert "a private one" in shown.stdout


def test_nothing_is_written_where_a_command_was_run(installation):
    installation.lapor("doctor")

    assert list(installation.folder.iterdir()) == []


def test_everything_it_needs_is_pinned(installation):
    installed = json.loads(
        installation.ask(
            "import json; from importlib.metadata import distributions as d; "
            "print(json.dumps([[i.name, i.version] for i in d()]))"
        )
    )

    pinned = dict(
        line.split("==") for line in (ROOT / "constraints.txt").read_text().split() if "==" in line
    )
    exact = {canonical(name): number for name, number in pinned.items()}
    loose = {
        f"{name}=={number}"
        for name, number in installed
        if name != "lapor-gateway" and exact.get(canonical(name)) != number
    }
    assert loose == set()


# --- the four names ----------------------------------------------------------------------


def test_the_four_names_are_ours_alone_here_and_where_the_wheel_is_installed(installation):
    asked = "from gateway.health import foreign_packages; print(foreign_packages())"

    assert foreign_packages() == []
    assert installation.ask(asked).strip() == "[]"


@pytest.mark.parametrize("kept_in", ["top_level.txt", "RECORD"])
def test_a_foreign_package_of_the_same_name_is_found_and_named(installation, tmp_path, kept_in):
    foreign = tmp_path / "elsewhere" / "confectionery-1.0.dist-info"
    foreign.mkdir(parents=True)
    (foreign / "METADATA").write_text("Metadata-Version: 2.1\nName: confectionery\nVersion: 1.0\n")
    written = {"top_level.txt": "config\n", "RECORD": "config/__init__.py,,\n"}
    (foreign / kept_in).write_text(written[kept_in])
    installation.lapor("migrate")

    beside = dict(installation.environment, PYTHONPATH=str(foreign.parent))
    examined = Installation(installation.python, installation.folder, beside).lapor("doctor")

    assert examined.returncode == 1
    assert "config also belongs to confectionery" in examined.stdout


# --- shared ------------------------------------------------------------------------------


def can_build_here() -> bool:
    """Tell whether what builds us is installed."""
    try:
        return int(version("setuptools").partition(".")[0]) >= LEAST_SETUPTOOLS
    except PackageNotFoundError:
        return False


def run_with_index(command: list[str]) -> None:
    """Run what may need the package index; skip without it, or fail where CI promises it."""
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    if done.returncode == 0:
        return
    if "Retrying (Retry(" in done.stdout and os.environ.get("CI") != "true":
        pytest.skip("the package index cannot be reached, so no wheel was built and installed")
    pytest.fail(done.stdout[-4000:])


def contents(wheel: Path) -> list[str]:
    """List the files of a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return [name for name in archive.namelist() if not name.endswith("/")]


def canonical(name: str) -> str:
    """Spell a distribution's name the one way that compares (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
