"""What is shipped for production names commands, settings and files that are there."""

from __future__ import annotations

import configparser
import re
import shlex
import subprocess
import tomllib
from string import Template
from typing import Any

import click
import pytest
import yaml
from support import ROOT, need

from config.settings import load
from gateway import metrics, schema
from gateway.assembly import assemble, utc_now
from gateway.cli import main
from gateway.work import account

DEPLOY = ROOT / "deploy"
COMPOSE = (ROOT / "docker-compose.yml").read_text("utf-8")
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE)["services"]
DOCKERFILE = (DEPLOY / "Dockerfile").read_text("utf-8")
SETUP = configparser.ConfigParser()
SETUP.read(ROOT / "setup.cfg", "utf-8")
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
EXAMPLE = ROOT / "config" / "production.example.toml"
_VARIABLE = re.compile(r"\$\{(\w+)([^}]*)\}")


def is_a_command(words: list[str]) -> bool:
    """Tell whether `lapor <words>` is one of ours, and whole."""
    found: click.Command | None = main
    for word in words:
        found = found.commands.get(word) if isinstance(found, click.Group) else None
    return found is not None and not isinstance(found, click.Group)


# --- docker-compose.yml and the image ----------------------------------------------------


def test_every_process_of_the_gateway_is_started():
    assert {"migrate", "web", "worker", "relay", "feedback"} <= set(OURS)


@pytest.mark.parametrize("name", OURS)
def test_what_a_container_runs_is_a_command_of_ours(name):
    assert is_a_command(OURS[name]["command"])


def test_the_image_runs_a_command_of_ours_and_not_as_root():
    assert 'ENTRYPOINT ["lapor"]' in DOCKERFILE
    (command,) = re.findall(r"^CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)
    assert is_a_command(yaml.safe_load(command))
    assert re.findall(r"^USER (.+)$", DOCKERFILE, re.MULTILINE) == ["lapor"]


def test_the_image_holds_all_that_is_installed():
    copied = [
        word
        for line in re.findall(r"^COPY (.+) \S+$", DOCKERFILE, re.MULTILINE)
        for word in line.split()
    ]
    packages = SETUP["options"]["packages"].split()

    assert [path for path in copied if not (ROOT / path).exists()] == []
    assert {f"{package.split('.')[0]}/" for package in packages} <= set(copied)
    assert {"setup.cfg", "pyproject.toml", "constraints.txt"} <= set(copied)
    sent = re.findall(r"^!(.+)$", (DEPLOY / "Dockerfile.dockerignore").read_text(), re.MULTILINE)
    assert {path.rstrip("/") for path in copied} == set(sent)


def test_the_image_installs_extras_that_exist():
    (extras,) = re.findall(r"'\.\[([\w,]+)\]'", DOCKERFILE)

    assert set(extras.split(",")) <= set(SETUP["options.extras_require"])


def test_every_image_says_which_version_it_is():
    images = [service["image"] for service in SERVICES.values()]
    images += re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)

    assert [image for image in images if not re.search(r":v?\d", image)] == []
    version = SETUP["metadata"]["version"]
    assert {service["image"] for service in OURS.values()} == {f"lapor-gateway:{version}"}


def variables() -> dict[str, str]:
    """Give every variable of the compose file, with what stands behind its name."""
    lines = "\n".join(line for line in COMPOSE.splitlines() if not line.strip().startswith("#"))
    return dict(_VARIABLE.findall(lines))


def test_every_variable_is_explained_and_every_secret_has_to_be_set():
    explained = set(re.findall(r"^#   ([A-Z_]+) {2,}\S", COMPOSE, re.MULTILINE))

    assert set(variables()) == explained
    for name, default in variables().items():
        assert default.startswith((":?set ", ":-")), name
        assert default.startswith(":?set ") or not re.search("PASSWORD|KEY|TOKEN|URL", name)


def test_nothing_in_the_file_is_a_secret():
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search("PASS|KEY|TOKEN|SECRET", name):
                assert _VARIABLE.fullmatch(value), name


@pytest.mark.parametrize("name", OURS)
def test_the_gateway_takes_the_settings_a_container_gets(name, tmp_path):
    given = dict.fromkeys(variables(), "x" * 40) | {
        "LAPOR_PUBLIC_URL": "https://lapor-gateway.example.go.id",
        "WEB_CONCURRENCY": "3",
    }
    plain = {
        key: Template(_VARIABLE.sub(r"${\1}", value)).substitute(given)
        for key, value in OURS[name]["environment"].items()
    }
    tokens = re.findall(r"env:(\w+)", EXAMPLE.read_text("utf-8"))
    of_machine = {"LAPOR_CONFIG": str(EXAMPLE), "LAPOR_VAR_DIR": str(tmp_path)}
    settings = load(dict.fromkeys(tokens, "y" * 40) | plain | of_machine)

    assert settings.store_url.startswith("postgresql://lapor:xxxx")
    assert settings.queue_url.startswith("amqp://lapor:xxxx")
    assert settings.public_url == given["LAPOR_PUBLIC_URL"]
    assert settings.identity_key == given["LAPOR_IDENTITY_KEY"]
    assert (settings.web.port, settings.web.workers, settings.web.proxy_hops) == (8000, 3, 1)


def test_what_a_container_waits_for_is_there_and_can_be_waited_for():
    for name, service in SERVICES.items():
        for before, how in service.get("depends_on", {}).items():
            assert before in SERVICES, name
            if how["condition"] == "service_healthy":
                assert "healthcheck" in SERVICES[before], before
            if how["condition"] == "service_completed_successfully":
                assert SERVICES[before]["restart"] == "no", before


def test_intake_does_not_wait_for_the_broker():
    for name in ("web", "worker"):
        assert set(SERVICES[name]["depends_on"]) == {"postgres", "migrate"}


def test_everything_else_comes_back_by_itself():
    once = {"migrate", "doctor"}

    assert {
        name for name, service in SERVICES.items() if service["restart"] != "unless-stopped"
    } == once


def test_what_keeps_something_keeps_it_in_a_volume_of_its_own():
    named = yaml.safe_load(COMPOSE)["volumes"]
    mounted = {
        mount.partition(":")[0]
        for service in SERVICES.values()
        for mount in service.get("volumes", [])
        if isinstance(mount, str) and not mount.startswith(".")
    }

    assert mounted == set(named)


def test_every_file_that_is_mounted_is_there():
    mounted = [
        mount.partition(":")[0]
        for service in SERVICES.values()
        for mount in service.get("volumes", [])
        if isinstance(mount, str) and mount.startswith(".")
    ]

    assert mounted
    assert [path for path in mounted if not (ROOT / path).is_file()] == []


def test_only_nginx_and_prometheus_can_be_reached_and_only_from_this_machine():
    open_to = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}

    assert set(open_to) == {"nginx", "prometheus"}
    assert all(port.startswith("127.0.0.1:") for ports in open_to.values() for port in ports)


def test_nginx_is_given_the_address_of_the_web_side():
    said = SERVICES["nginx"]["command"][-1]
    (theirs, ours) = re.search(r"s/([^/]+)/([^/]+)/", said).groups()
    address = SERVICES["web"]["networks"]["inside"]["ipv4_address"]

    assert ours == f"{address}:{SERVICES['web']['environment']['PORT']}"
    shipped = (DEPLOY / "nginx.conf").read_text("utf-8")
    assert len(re.findall(rf"^ +server {theirs};$", shipped, re.MULTILINE)) == 1


def test_prometheus_asks_the_web_side_itself():
    config = yaml.safe_load((DEPLOY / "prometheus.yml").read_text("utf-8"))
    (job,) = config["scrape_configs"]
    (asked,) = job["static_configs"]

    assert job["job_name"] == "lapor"  # the alerts name it
    assert asked["targets"] == [f"web:{SERVICES['web']['environment']['PORT']}"]


# --- Procfiles ---------------------------------------------------------------------------


def lines_of_procfiles() -> list[Any]:
    return [
        pytest.param(line, id=f"{path.name} {line.partition(':')[0]}")
        for path in sorted(ROOT.glob("Procfile*"))
        for line in path.read_text("utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    ]


@pytest.mark.parametrize("line", lines_of_procfiles())
def test_what_a_procfile_starts_is_a_command_of_ours(line):
    program, *words = shlex.split(line.partition(":")[2])

    assert program == "lapor"
    assert is_a_command(words)


# --- Prometheus --------------------------------------------------------------------------


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((DEPLOY / "alerts.yml").read_text("utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def by_name(rule: dict[str, Any]) -> str:
    return str(rule["alert"])


@pytest.mark.parametrize("rule", rules(), ids=by_name)
def test_every_alert_says_how_bad_it_is_what_it_means_and_what_to_do(rule):
    assert rule["labels"]["severity"] in {"page", "warning"}
    assert set(rule["annotations"]) == {"summary", "do"}
    commands = re.findall(r"`lapor ([^`]+)`", rule["annotations"]["do"])
    assert commands
    assert [words for words in commands if not is_a_command(words.split())] == []


@pytest.mark.parametrize("rule", rules(), ids=by_name)
def test_every_alert_is_seen_to_be_raised(rule):
    tests = yaml.safe_load((DEPLOY / "alerts_test.yml").read_text("utf-8"))["tests"]
    raised = [
        sample["labels"]
        for test in tests
        for expected in test["promql_expr_test"]
        for sample in expected["exp_samples"]
    ]
    in_words = [
        expected["alertname"]
        for test in tests
        for expected in test.get("alert_rule_test", [])
        if expected["exp_alerts"]
    ]

    assert rule["alert"] in in_words or any(f'"{rule["alert"]}"' in labels for labels in raised)


def test_every_metric_an_alert_asks_for_is_one_of_ours(tmp_path):
    gateway = assemble(load({"LAPOR_VAR_DIR": str(tmp_path)}))
    schema.migrate(gateway.store, gateway.identity)
    account(gateway)
    text = metrics.exposition(gateway.store, utc_now).decode()
    gateway.store.close_engine()
    ours = set(re.findall(r"^# TYPE (\w+) ", text, re.MULTILINE))
    asked = {name for rule in rules() for name in re.findall(r"\blapor_\w+", rule["expr"])}

    assert asked
    assert {name.removesuffix("_bucket") for name in asked} <= ours


def test_the_quarantines_alert_comes_before_it_is_full():
    (rule,) = [rule for rule in rules() if rule["alert"] == "LaporQuarantineFills"]
    defaults = tomllib.loads((ROOT / "config" / "default.toml").read_text("utf-8"))
    (bound,) = re.findall(r"max\(lapor_quarantined\) > (\d+)", rule["expr"])

    assert int(bound) < defaults["quarantine"]["most_per_source"]
    assert str(defaults["quarantine"]["most_per_source"]) in rule["annotations"]["summary"]


@pytest.mark.parametrize(
    "command",
    ["check config prometheus.yml", "check rules alerts.yml", "test rules alerts_test.yml"],
)
def test_promtool_finds_nothing_wrong(command):
    done = subprocess.run(
        [need("promtool"), *command.split()],
        cwd=DEPLOY,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
