"""Secrets: made once, kept to ourselves, shown to nobody."""

from __future__ import annotations

import json
import multiprocessing
import tomllib

import pytest

from config.secrets import MASK, Secrets, SettingsError, shown
from config.settings import load


def defaults(var) -> object:
    settings = load({"LAPOR_VAR_DIR": str(var)})
    return settings.identity_key, [dict(one.settings) for one in settings.sources.values()]


def test_secret_is_made_once_and_read_ever_after(tmp_path):
    assert defaults(tmp_path) == defaults(tmp_path)
    kept = tomllib.loads((tmp_path / "secrets.toml").read_text("utf-8"))
    assert set(kept) == {
        *("identity_key", "kannel_token", "twilio_auth_token", "consumer_key"),
        "twitter_consumer_secret",
    }
    assert all(len(secret) >= 32 for secret in kept.values())
    assert len(set(kept.values())) == len(kept)


def test_every_installation_has_secrets_of_its_own(tmp_path):
    assert defaults(tmp_path / "a") != defaults(tmp_path / "b")


def test_secrets_are_readable_by_their_owner_alone(tmp_path):
    defaults(tmp_path / "var")
    assert (tmp_path / "var" / "secrets.toml").stat().st_mode & 0o777 == 0o600


def test_new_secret_leaves_the_others_as_they_were(tmp_path):
    path = tmp_path / "secrets.toml"
    first = Secrets({}, path).resolve("secret:satu", "a")
    second = Secrets({}, path).resolve("secret:dua-2", "b")
    assert tomllib.loads(path.read_text("utf-8")) == {"satu": first, "dua-2": second}
    assert path.stat().st_mode & 0o777 == 0o600


def test_reference_is_resolved_wherever_it_stands(tmp_path):
    secrets = Secrets({"A": "satu", "B": "dua"}, tmp_path / "secrets.toml")
    given = {"x": "env:A", "y": ["env:B", "literal"], "z": {"deep": ["env:A"]}, "n": 5}
    assert secrets.resolve(given, "here") == {
        "x": "satu",
        "y": ["dua", "literal"],
        "z": {"deep": ["satu"]},
        "n": 5,
    }
    assert not (tmp_path / "secrets.toml").exists()


def test_missing_variable_is_named_with_its_place(tmp_path):
    secrets = Secrets({"B": ""}, tmp_path / "secrets.toml")
    for name in ("A", "B"):
        with pytest.raises(SettingsError, match=f"^here.deep: .* {name} is not set"):
            secrets.resolve({"deep": [f"env:{name}"]}, "here")


@pytest.mark.parametrize("name", ["", "a b", "a.b", "a=b", 'a"', "a\nb", "é", "../a"])
def test_name_that_would_spoil_the_file_is_refused_before_it_is_written(tmp_path, name):
    path = tmp_path / "secrets.toml"
    with pytest.raises(SettingsError, match=r"^here: "):
        Secrets({}, path).resolve(f"secret:{name}", "here")
    assert not path.exists()


@pytest.mark.parametrize("content", ["identity_key = ", "\xff"])
def test_spoiled_file_is_named_and_not_written_over(tmp_path, content):
    path = tmp_path / "secrets.toml"
    path.write_text(content, "utf-8")
    with pytest.raises(SettingsError, match=r"secrets\.toml: "):
        Secrets({}, path).resolve("secret:identity_key", "identity_key")
    assert path.read_text("utf-8") == content


def _resolve_together(path, barrier, found) -> None:
    secrets = Secrets({}, path)
    barrier.wait(timeout=30)
    found.put([secrets.resolve(f"secret:nama_{index}", "here") for index in range(20)])


def test_processes_that_start_together_agree_on_every_secret(tmp_path):
    together = multiprocessing.get_context("fork")
    barrier, found = together.Barrier(8), together.Queue()
    processes = [
        together.Process(
            target=_resolve_together, args=(tmp_path / "var" / "secrets.toml", barrier, found)
        )
        for _ in range(8)
    ]
    for process in processes:
        process.start()
    answers = [found.get(timeout=60) for _ in processes]
    for process in processes:
        process.join(timeout=30)
        assert process.exitcode == 0
    kept = tomllib.loads((tmp_path / "var" / "secrets.toml").read_text("utf-8"))
    assert answers == [[kept[f"nama_{index}"] for index in range(20)]] * 8


# --- shown to people ---------------------------------------------------------------------

LITERAL = "hunter2-hunter2"


@pytest.mark.parametrize(
    "settings",
    [
        {"identity_key": LITERAL},
        {"sources": {"x": {"tokens": [LITERAL, "env:A"]}}},
        {"sources": {"x": {"auth_tokens": [LITERAL]}}},
        {"sources": {"app": {"tokens": {"android": [LITERAL], "ios": LITERAL}}}},
        {"sources": {"x": {"PASSWORD": LITERAL}}},
        {"sources": {"x": {"Api-Key": LITERAL}}},
        {"sources": {"x": {"client_secret": LITERAL}}},
        {"sources": {"x": {"passphrase": LITERAL}}},
        {"sources": {"x": {"accounts": [{"token": LITERAL}]}}},
        {"store_url": f"postgresql+psycopg://lapor:{LITERAL}@db.example/lapor"},
        {"store_url": f"postgresql+psycopg://lapor:a@{LITERAL}@db.example/lapor"},
        {"store_url": f"postgresql://db.example/lapor?user=lapor&password={LITERAL}"},
        {"store_url": f"postgresql://db.example/lapor?sslPassword={LITERAL}&x=1"},
        {"queue_url": f"amqp://lapor:{LITERAL}@mq1.example//;amqp://lapor:{LITERAL}@mq2.example//"},
        {"sources": {"x": {"mirrors": [f"https://lapor:{LITERAL}@a.example"]}}},
    ],
    ids=lambda settings: json.dumps(settings).replace(LITERAL, "..."),
)
def test_secret_written_into_the_file_is_not_shown(settings):
    assert "hunter2" not in json.dumps(shown(settings))
    assert MASK in json.dumps(shown(settings))


@pytest.mark.parametrize(
    ("settings", "seen"),
    [
        ({"identity_key": "env:KUNCI"}, {"identity_key": f"{MASK} (env:KUNCI)"}),
        ({"tokens": ["secret:satu"]}, {"tokens": [f"{MASK} (secret:satu)"]}),
        ({"web": {"threads": 8}}, {"web": {"threads": 8}}),
        ({"own_numbers": ["1708"]}, {"own_numbers": ["1708"]}),
        (
            {"store_url": "postgresql://lapor:x@db.example/lapor?connect_timeout=5"},
            {"store_url": f"postgresql://{MASK}@db.example/lapor?connect_timeout=5"},
        ),
        (
            {"store_url": "postgresql://db.example/lapor?password=x&connect_timeout=5"},
            {"store_url": f"postgresql://db.example/lapor?password={MASK}&connect_timeout=5"},
        ),
        ({"store_url": "sqlite:////srv/lapor.db"}, {"store_url": "sqlite:////srv/lapor.db"}),
        ({"mail": "sari@contoh.example"}, {"mail": "sari@contoh.example"}),
    ],
)
def test_rest_is_shown_and_references_name_their_place(settings, seen):
    assert shown(settings) == seen


def test_settings_of_a_whole_gateway_show_no_secret(tmp_path):
    (tmp_path / "lapor.toml").write_text(
        f'identity_key = "{LITERAL}-identity"\n[sources.kannel]\ntokens = ["{LITERAL}-kannel"]\n'
        f'[sources.app.tokens]\nandroid = "{LITERAL}-android"\n'
    )
    settings = load(
        {
            "LAPOR_CONFIG": str(tmp_path / "lapor.toml"),
            "LAPOR_VAR_DIR": str(tmp_path),
            "LAPOR_STORE_URL": f"postgresql://lapor:{LITERAL}@db.example/lapor",
            "LAPOR_QUEUE_URL": f"amqp://lapor:{LITERAL}@mq.example//",
        }
    )
    kept = tomllib.loads((tmp_path / "secrets.toml").read_text("utf-8"))
    for text in (json.dumps(dict(settings.shown)), repr(settings)):
        assert LITERAL not in text
        assert not [secret for secret in kept.values() if secret in text]
    assert LITERAL in settings.identity_key
    assert LITERAL in settings.store_url
