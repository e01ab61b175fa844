"""What a newcomer does first, with the real `make` and the real commands."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
import tomllib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from support import ROOT, RealGateway, free_port, wait_until

PATIENCE = 60.0  # seconds
NUMBER = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{3}){2}\b")
# The tests run in what `make setup` made: it is not made anew here, whatever is newer.
MAKE = ["make", "--no-print-directory", "-o", ".venv/.ready"]
COMPLAINT = {
    "title": "Gerbang sekolah rusak",
    "body": "Gerbang lepas dari engselnya dan bisa menimpa anak.",
    "incident_date": "2026-11-20",
    "incident_location": "SDN 1 Contoh",
}


@pytest.fixture
def newcomer(tmp_path) -> RealGateway:
    """A machine on which nothing has been migrated or started."""
    return a_fresh_machine(tmp_path)


@dataclass
class Shown:
    """What `make demo` showed, and where it ran."""

    said: str
    exit_code: int
    folder: Path
    machine: RealGateway


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Shown:
    """`make demo` without any gateway on PORT."""
    folder = tmp_path_factory.mktemp("demo")
    temporary = folder / "tmp"
    temporary.mkdir()
    machine = a_fresh_machine(folder)
    done = make("demo", machine.environment | {"TMPDIR": str(temporary)})
    return Shown(done.stdout, done.returncode, temporary, machine)


def test_make_demo_shows_a_number_for_every_door(demo):
    assert demo.exit_code == 0, demo.said
    assert "Traceback" not in demo.said
    sent, _, published = demo.said.partition("What consumers of the queue received")
    doors = [*demo.machine.settings.sources, "web"]
    for door in doors:
        (line,) = [line for line in published.splitlines() if f" {door} " in line]
        assert set(NUMBER.findall(line)) <= set(NUMBER.findall(sent))
    assert len(set(NUMBER.findall(sent))) == len(doors)


def test_make_demo_leaves_nothing_behind(demo):
    assert list(demo.folder.iterdir()) == []
    assert not demo.machine.store_path.exists()
    assert processes_of(demo.folder) == []


def test_make_run_shows_what_comes_in_and_stops_at_ctrl_c(newcomer, tmp_path):
    said = tmp_path / "run.log"
    filed = []

    def tail_shows_one() -> bool:
        # What came before the tail was up is not shown: one after the other, until one is.
        filed.append(number_of_a_new_complaint(newcomer))
        time.sleep(0.5)
        return any(is_in_tail(said, number) for number in filed)

    with said.open("wb") as out:
        run = subprocess.Popen(
            [*MAKE, "run"],
            cwd=ROOT,
            env=newcomer.environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_until(newcomer.is_alive, within=PATIENCE)
        assert newcomer.get("/readyz").status == 200
        assert f"http://127.0.0.1:{newcomer.port}/ " in said.read_text()
        assert newcomer.get("/docs").status == 200

        wait_until(tail_shows_one, within=PATIENCE)
        consumed = newcomer.run("consume", "--json", "--limit", "1").splitlines()
        assert [json.loads(line)["subject"] for line in consumed] == filed[:1]
        shown = make("demo", newcomer.environment)
        assert shown.returncode == 0, shown.stdout
        assert f"Gateway on port {newcomer.port} (the one on PORT)" in shown.stdout

        os.killpg(run.pid, signal.SIGINT)
        wait_until(lambda: not processes_of(tmp_path), within=15)
    finally:
        for process in processes_of(tmp_path):
            process.kill()
        run.wait()

    assert "Traceback" not in said.read_text()


def test_doctor_says_ok_and_shows_no_secret(newcomer):
    newcomer.run("migrate")

    said = newcomer.run("doctor")

    findings = said.split("\n\n")[1].splitlines()
    assert findings
    assert [line for line in findings if not line.startswith("ok ")] == []
    assert "\nidentity_key = " in f"\n{said}"
    made = tomllib.loads((newcomer.var / "secrets.toml").read_text())
    assert made
    assert [name for name, secret in made.items() if secret in said] == []


def test_doctor_masks_a_secret_that_somebody_wrote_into_a_file(newcomer, tmp_path):
    configured(newcomer, tmp_path, '[sources.kannel]\ntokens = ["ditulis-di-berkas"]\n')
    newcomer.run("migrate")

    assert "ditulis-di-berkas" not in newcomer.run("doctor")


def test_doctor_says_bad_on_a_store_that_was_not_migrated(newcomer):
    said = newcomer.run("doctor", expect=1)

    assert "BAD" in said
    assert "lapor migrate" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("command", ["serve", "work", "consume", "tail", "reconcile"])
def test_a_command_refuses_a_store_that_was_not_migrated(newcomer, command):
    said = newcomer.run(command, expect=1)

    assert "lapor migrate" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("command", ["serve", "work", "consume", "migrate", "doctor", "demo"])
def test_a_command_refuses_a_key_it_does_not_know_and_names_it(newcomer, tmp_path, command):
    configured(newcomer, tmp_path, "[web]\nthraeds = 4\n")

    said = newcomer.run(command, expect=1)

    assert "web.thraeds" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ('[sources.kannel]\ncarier = "Telkomsel"\n', "carier"),
        ('[sources.kannel]\nadapter = "sms.pigeon"\n', "sms.pigeon"),
        ('[sources.kannel]\ntokens = ["env:NOT_SET_ANYWHERE"]\n', "NOT_SET_ANYWHERE"),
        ('time_zone = "Asia/Sukamaju"\n', "time_zone"),
        ("[web\n", "lapor.toml"),
    ],
    ids=["key of a source", "adapter", "secret", "time zone", "no TOML"],
)
def test_a_wrong_setting_is_refused_and_named(newcomer, tmp_path, written, named):
    configured(newcomer, tmp_path, written)

    said = newcomer.run("doctor", expect=1)

    assert named in said
    assert "Traceback" not in said


def test_a_settings_file_that_is_not_there_is_refused_and_named(newcomer, tmp_path):
    newcomer.environment["LAPOR_CONFIG"] = str(tmp_path / "gone.toml")

    said = newcomer.run("doctor", expect=1)

    assert "gone.toml" in said
    assert "Traceback" not in said


def a_fresh_machine(folder: Path) -> RealGateway:
    """Prepare an environment; nothing is made and nothing started."""
    port = free_port()
    kept = {key: value for key, value in os.environ.items() if not key.startswith("LAPOR_")}
    own = {
        "LAPOR_VAR_DIR": str(folder / "var"),
        "PORT": str(port),
        "WEB_CONCURRENCY": "1",
        "COLUMNS": "200",
    }
    return RealGateway(folder / "var", port, kept | own)


def make(target: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run `make` to its end."""
    return subprocess.run(
        [*MAKE, target],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=2 * PATIENCE,
        check=False,
    )


def configured(gateway: RealGateway, folder: Path, toml: str) -> None:
    """Give a gateway a settings file of its own."""
    path = folder / "lapor.toml"
    path.write_text(toml)
    gateway.environment["LAPOR_CONFIG"] = str(path)


def number_of_a_new_complaint(gateway: RealGateway) -> str:
    """File a complaint as the app does."""
    answer = gateway.file(COMPLAINT, key=str(uuid.uuid4()))
    assert answer.status == 201, answer.body
    return str(answer.json()["number"])


def is_in_tail(said: Path, number: str) -> bool:
    """Tell whether the tail has shown a complaint."""
    lines = re.sub(r"\x1b\[[0-9;]*m", "", said.read_text()).splitlines()
    return any(
        line.partition("|")[0].split()[1:2] == ["tail.1"] for line in lines if number in line
    )


def processes_of(folder: Path) -> list[psutil.Process]:
    """Find what runs with something in a folder in its environment."""
    found = []
    for process in psutil.process_iter():
        try:
            if any(str(folder) in value for value in process.environ().values()):
                found.append(process)
        except psutil.Error:
            continue  # it has just ended, or is not ours to look at
    return found
