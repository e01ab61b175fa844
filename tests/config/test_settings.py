"""Settings: where they come from, and how a wrong one is told."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from channels import registry
from config.secrets import SettingsError
from config.settings import Settings, load

PRODUCTION = Path("config/production.example.toml").absolute()


@pytest.fixture
def given(tmp_path):
    """Load settings with a file of this text and these variables, in a `var` of their own."""

    def _load(text: str = "", **environment: str) -> Settings:
        env = {"LAPOR_VAR_DIR": str(tmp_path / "var"), **environment}
        if text:
            (tmp_path / "lapor.toml").write_text(text, "utf-8")
            env["LAPOR_CONFIG"] = str(tmp_path / "lapor.toml")
        return load(env)

    return _load


# --- where from --------------------------------------------------------------------------


def test_defaults_alone_are_enough(given, tmp_path):
    settings = given()
    assert settings.store_url == f"sqlite:///{tmp_path}/var/lapor.db"
    assert settings.queue_url == f"lapor+{settings.store_url}"
    assert settings.public_url == "http://127.0.0.1:8000"
    assert (settings.web.port, settings.web.workers, settings.web.threads) == (8000, 2, 8)
    assert set(settings.sources) == {"kannel", "twilio", "app", "twitter"}
    assert settings.var_dir == tmp_path / "var"


def test_file_goes_over_the_default_and_the_environment_over_both(given):
    text = 'public_url = "https://file.example"\n[web]\nthreads = 3\n'
    assert given().public_url == "http://127.0.0.1:8000"
    assert given(text).public_url == "https://file.example"
    over = given(text, LAPOR_PUBLIC_URL="https://environment.example/")
    assert over.public_url == "https://environment.example"
    assert over.web.threads == 3
    assert over.web.max_body == 1_048_576  # the rest of the table stays


@pytest.mark.parametrize(
    ("variable", "value", "name"),
    [
        ("LAPOR_STORE_URL", "sqlite:////srv/elsewhere.db", "store_url"),
        ("LAPOR_QUEUE_URL", "amqp://localhost//", "queue_url"),
        ("LAPOR_PUBLIC_URL", "https://lapor.example", "public_url"),
    ],
)
def test_urls_come_from_the_environment(given, variable, value, name):
    assert getattr(given(**{variable: value}), name) == value
    assert getattr(given(f'{name} = "{value}"', **{variable: ""}), name) == value


def test_public_url_follows_the_port_unless_it_is_told(given):
    assert given(PORT="5000").public_url == "http://127.0.0.1:5000"
    assert given(PORT="5000").sources["twilio"].settings["public_url"] == "http://127.0.0.1:5000"
    told = given(PORT="5000", LAPOR_PUBLIC_URL="https://lapor.example")
    assert told.public_url == "https://lapor.example"


def test_embedded_queue_is_in_the_stores_file(given):
    settings = given(LAPOR_STORE_URL="sqlite:////srv/elsewhere.db")
    assert settings.queue_url == "lapor+sqlite:////srv/elsewhere.db"


def test_postgresql_store_needs_a_broker(given):
    url = "postgresql+psycopg://db.example/lapor"
    with pytest.raises(SettingsError, match=r"^queue_url: .*broker"):
        given(LAPOR_STORE_URL=url)
    assert given(LAPOR_STORE_URL=url, LAPOR_QUEUE_URL="amqp://mq.example//").store_url == url


def test_environment_of_the_process_is_used_when_none_is_given(monkeypatch, tmp_path):
    monkeypatch.setenv("LAPOR_VAR_DIR", str(tmp_path))
    monkeypatch.setenv("LAPOR_PUBLIC_URL", "https://process.example")
    monkeypatch.delenv("LAPOR_CONFIG", raising=False)
    assert load().public_url == "https://process.example"


@pytest.mark.parametrize(
    ("environment", "port", "workers"),
    [
        ({}, 8000, 2),
        ({"PORT": "", "WEB_CONCURRENCY": ""}, 8000, 2),
        ({"PORT": "5000", "WEB_CONCURRENCY": "7"}, 5000, 7),
        ({"WEB_CONCURRENCY": "0"}, 8000, 1),
    ],
)
def test_port_and_workers_are_as_a_procfile_user_expects(given, environment, port, workers):
    web = given(**environment).web
    assert (web.port, web.workers) == (port, workers)


# --- what is wrong -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("unknown = 1", "unknown: "),
        ("[web]\nthread = 8", "web.thread: "),
        ("[nowhere]\nx = 1", "nowhere: "),
        ('[web]\nthreads = "8"', "web.threads: "),
        ("[web]\nthreads = 0", "web.threads: "),
        ("[web]\nthreads = true", "web.threads: "),
        ("[web]\nproxy_hops = -1", "web.proxy_hops: "),
        ("[web]\nmax_body = 1023", "web.max_body: "),
        ('[web]\nworker_class = "sync"', "web.worker_class: "),
        ("[intake]\npatience = 0.0", "intake.patience: "),
        ("[intake]\npatience = nan", "intake.patience: "),
        ("[quarantine]\ndays = 1.5", "quarantine.days: "),
        ('[processing]\nlease_seconds = "lama"', "processing.lease_seconds: "),
        ("web = 5", "web"),
        ("sources = []", "sources: "),
        ("public_url = 5", "public_url: "),
        ('public_url = "lapor.example"', "public_url: "),
        ('public_url = "ftp://lapor.example"', "public_url: "),
        ('time_zone = "Asia/Wates"', "time_zone: 'Asia/Wates'"),
        ('time_zone = "Asia"', "time_zone: 'Asia'"),
        ('time_zone = "../zona"', "time_zone: "),
        ('time_zone = ""', "time_zone: "),
        ('identity_key = "pendek"', "identity_key: shorter"),
        ('identity_key = "env:NONE"', "identity_key: the environment variable NONE is not set"),
        ("[sources.baru]\ncarrier = 'x'", "sources.baru.adapter: "),
        ("[sources.baru]\nadapter = 5", "sources.baru.adapter: "),
        ("[sources.Baru]\nadapter = 'app'", "sources.Baru"),
        ("[sources.'a/b']\nadapter = 'app'", "sources.a/b"),
        ("[sources.kannel]\ndisabled = 'mungkin'", "sources.kannel.disabled: "),
        ("[sources.kannel]\ntokens = ['env:TOK']", "sources.kannel.tokens: the environment var"),
        ("[sources.app.tokens]\nios = 'env:IOS'", "sources.app.tokens.ios: the environment var"),
        ("[sources.kannel]\ntokens = ['secret:a b']", "sources.kannel.tokens: 'a b'"),
        ("[sources.kannel]\ntokens = ['secret:']", "sources.kannel.tokens: ''"),
        ("[sources.kannel]\ntokens = ['secret:a.b']", "sources.kannel.tokens: 'a.b'"),
    ],
)
def test_unknown_or_malformed_key_is_named(given, text, said):
    with pytest.raises(SettingsError) as refused:
        given(text)
    assert said in str(refused.value)


def test_all_wrong_keys_are_named_at_once(given):
    with pytest.raises(SettingsError) as refused:
        given("unknown = 1\n[web]\nthreads = 0\n[intake]\nx = 1")
    assert all(key in str(refused.value) for key in ("unknown: ", "web.threads: ", "intake.x: "))


@pytest.mark.parametrize(
    "text",
    [
        "[attachments]\nunclaimed_hours = 23.5",
        "[form]\ndraft_hours = 25",
        "[form]\ndraft_hours = 2\n[attachments]\nunclaimed_hours = 1",
    ],
)
def test_files_wait_at_least_as_long_as_the_draft_they_are_in(given, text):
    both = r"^attachments\.unclaimed_hours: .* less than form\.draft_hours \("
    with pytest.raises(SettingsError, match=both):
        given(text)


def test_files_may_wait_just_as_long_as_their_draft_or_longer(given):
    assert given("[attachments]\nunclaimed_hours = 24").form.draft_hours == 24
    assert given("[form]\ndraft_hours = 1").attachments.unclaimed_hours == 24


@pytest.mark.parametrize("variable", ["PORT", "WEB_CONCURRENCY"])
def test_number_that_is_none_is_named_by_its_variable(given, variable):
    with pytest.raises(SettingsError, match=f"^{variable}: 'banyak'"):
        given(**{variable: "banyak"})


def test_empty_variable_is_not_set(given):
    with pytest.raises(SettingsError, match="KUNCI is not set"):
        given('identity_key = "env:KUNCI"', KUNCI="")


@pytest.mark.parametrize("text", ["a = ", "[web\n", 'a = "\x07"'])
def test_file_that_is_no_toml_is_named(given, text):
    with pytest.raises(SettingsError, match=r"lapor\.toml: "):
        given(text)


def test_file_that_is_not_utf8_is_named(tmp_path):
    (tmp_path / "latin.toml").write_bytes(b'a = "\xe9"')
    with pytest.raises(SettingsError, match=r"latin\.toml"):
        load({"LAPOR_CONFIG": str(tmp_path / "latin.toml"), "LAPOR_VAR_DIR": str(tmp_path)})


@pytest.mark.parametrize("path", ["nowhere.toml", "."])
def test_file_that_cannot_be_read_is_named_with_its_variable(tmp_path, path):
    with pytest.raises(SettingsError, match=r"^LAPOR_CONFIG: "):
        load({"LAPOR_CONFIG": str(tmp_path / path), "LAPOR_VAR_DIR": str(tmp_path)})


# --- sources -----------------------------------------------------------------------------


def built(settings: Settings) -> dict[str, str]:
    """Build every source, and name what it became."""
    return {
        name: type(registry.build(source.adapter, source.settings)).__name__
        for name, source in settings.sources.items()
    }


def test_every_default_source_can_be_built(given):
    adapters = {"kannel": "Kannel", "twilio": "Twilio", "app": "App", "twitter": "Twitter"}
    assert built(given()) == adapters


def test_every_source_of_the_production_example_can_be_built(tmp_path):
    names = set(re.findall(r'"env:([A-Z0-9_]+)"', PRODUCTION.read_text("utf-8")))
    assert len(names) >= 6
    secrets = {name: f"rahasia-{index}-" + name[::-1] for index, name in enumerate(sorted(names))}
    settings = load({"LAPOR_CONFIG": str(PRODUCTION), "LAPOR_VAR_DIR": str(tmp_path), **secrets})
    assert built(settings) == {
        "telkomsel": "Kannel",
        "indosat": "Kannel",
        "telkomsel-push": "Http",
        "indosat-push": "Http",
        "tri-push": "Http",
        "aggregator": "Http",
        "twilio": "Twilio",
        "app": "App",
        "twitter": "Twitter",
    }
    assert settings.identity_key == secrets["LAPOR_IDENTITY_KEY"]
    assert settings.web.proxy_hops == 1
    assert settings.sources["telkomsel"].settings["tokens"] == [
        secrets["KANNEL_TELKOMSEL_TOKEN"],
        secrets["KANNEL_TELKOMSEL_TOKEN_OLD"],
    ]
    shown = f"{json.dumps(dict(settings.shown))}{settings!r}"
    assert [name for name, value in secrets.items() if value in shown] == []


@pytest.mark.parametrize("missing", ["LAPOR_IDENTITY_KEY", "KANNEL_INDOSAT_TOKEN", "LAPOR_APP_IOS"])
def test_production_example_names_the_variable_that_is_not_set(tmp_path, missing):
    names = re.findall(r'"env:([A-Z0-9_]+)"', PRODUCTION.read_text("utf-8"))
    env = {name: "rahasia-" + name for name in names if name != missing}
    with pytest.raises(SettingsError, match=f"{missing} is not set"):
        load({"LAPOR_CONFIG": str(PRODUCTION), "LAPOR_VAR_DIR": str(tmp_path), **env})


def test_source_is_told_who_and_where_it_is(given):
    settings = given('public_url = "https://lapor.example/"\ntime_zone = "Asia/Makassar"')
    told: dict[str, Any] = dict(settings.sources["twilio"].settings)
    assert told["source"] == "twilio"
    assert told["public_url"] == "https://lapor.example"
    assert told["time_zone"] == "Asia/Makassar"
    assert not {"adapter", "disabled"} & set(told)


def test_source_of_the_file_is_laid_over_the_same_source_of_the_default(given):
    told = given('[sources.kannel]\ncarrier = "Indosat"').sources["kannel"].settings
    assert told["carrier"] == "Indosat"
    assert told["own_numbers"] == ["1708"]


def test_list_of_the_file_replaces_the_default_list(given):
    told = given('[sources.kannel]\nown_numbers = ["1709"]').sources["kannel"].settings
    assert told["own_numbers"] == ["1709"]


def test_source_whose_adapter_changes_starts_afresh(given):
    text = '[sources.kannel]\nadapter = "sms.twilio"\nauth_tokens = ["token-percobaan"]'
    source = given(text).sources["kannel"]
    assert source.adapter == "sms.twilio"
    assert set(source.settings) == {"auth_tokens", "source", "public_url", "time_zone"}
    assert built(given(text))["kannel"] == "Twilio"


def test_source_that_names_the_same_adapter_does_not(given):
    text = '[sources.kannel]\nadapter = "sms.kannel"\ncarrier = "Indosat"'
    assert given(text).sources["kannel"].settings["own_numbers"] == ["1708"]


def test_disabled_source_is_not_there_and_needs_no_secrets(given):
    text = "[sources.kannel]\ndisabled = true\ntokens = ['env:NOT_SET']"
    assert set(given(text).sources) == {"twilio", "app", "twitter"}
