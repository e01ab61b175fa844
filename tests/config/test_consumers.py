"""Consumers' keys: resolved, masked, and refused by name when they are weak or not one's own."""

from __future__ import annotations

import json
import tomllib

import pytest

from config.secrets import SettingsError
from config.settings import load

KEY, OLD_KEY = "kunci-kementerian-baru", "kunci-kementerian-lama"


@pytest.fixture
def given(tmp_path):
    def _load(text="", **environment):
        path = tmp_path / "lapor.toml"
        path.write_text(text, "utf-8")
        at = {"LAPOR_VAR_DIR": str(tmp_path / "var"), "LAPOR_CONFIG": str(path)}
        return load(at | environment)

    return _load


def test_a_fresh_installation_has_one_consumer_with_a_key_of_its_own(given, tmp_path):
    kept = tomllib.loads((given().var_dir / "secrets.toml").read_text("utf-8"))
    assert given().consumers == {"local": (kept["consumer_key"],)}


def test_keys_come_from_the_environment_two_while_one_is_rotated_none_to_shut_out(given):
    text = '[consumers.kementerian]\nkeys = ["env:NEW", "env:OLD"]\n[consumers.local]\nkeys = []'
    settings = given(text, NEW=KEY, OLD=OLD_KEY)
    assert settings.consumers == {"kementerian": (KEY, OLD_KEY), "local": ()}
    told = f"{json.dumps(dict(settings.shown), default=str)}{settings!r}"
    assert KEY not in told
    assert "env:NEW" in told


def test_a_key_written_into_the_file_is_not_shown(given):
    settings = given(f'[consumers.kementerian]\nkeys = ["{KEY}"]')
    assert KEY not in f"{json.dumps(dict(settings.shown), default=str)}{settings!r}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[consumers.pemda]\nkeys = ['kunci-15-huruf.']", "consumers.pemda.keys: shorter than 16"),
        ("[consumers.pemda]\nkeys = ['']", "consumers.pemda.keys: shorter than 16"),
        ("[consumers.pemda]\nkeys = ['env:NONE']", "consumers.pemda.keys: the environment"),
        (
            f"[consumers.a]\nkeys = ['{KEY}']\n[consumers.b]\nkeys = ['{KEY}']",
            "consumers.b.keys: consumers.a has the same key",
        ),
        (f"[consumers.gateway]\nkeys = ['{KEY}']", "consumers.gateway: this name"),
        (f"[consumers.Pemda]\nkeys = ['{KEY}']", "consumers.Pemda"),
        (f"[consumers.pemda]\nkeys = '{KEY}'", "consumers.pemda.keys: "),
        ("[consumers.pemda]\nkeys = [17]", "consumers.pemda.keys"),
        ("[consumers.pemda]", "consumers.pemda.keys: "),
        (f"[consumers.pemda]\nkeys = ['{KEY}']\nkey = 1", "consumers.pemda.key: "),
        ("[feedback]\ntimeout_days = 0", "feedback.timeout_days: "),
    ],
)
def test_what_is_wrong_is_named(given, text, said):
    with pytest.raises(SettingsError) as refused:
        given(text)
    assert said in str(refused.value)
    assert KEY not in str(refused.value)
