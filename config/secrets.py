"""Secrets: where they come from, and how settings are shown without them."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MASK = "********"
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_SECRET_WORDS = ("token", "key", "secret", "pass")
_SECRET_PARAMETER = re.compile(
    rf"([?&][^=&#]*(?:{'|'.join(_SECRET_WORDS)})[^=&#]*=)[^&#]*", re.IGNORECASE
)


class SettingsError(Exception):
    """A setting is wrong; the message names it and says what would be right."""


class Secrets:
    """Resolves `env:NAME` and `secret:NAME` wherever they stand."""

    def __init__(self, env: Mapping[str, str], path: Path):
        self._env = env
        self._path = path

    def resolve(self, value: Any, where: str) -> Any:
        """Replace every reference within a value by the secret; `where` names it in errors."""
        if isinstance(value, Mapping):
            return {key: self.resolve(below, f"{where}.{key}") for key, below in value.items()}
        if isinstance(value, list):
            return [self.resolve(below, where) for below in value]
        if isinstance(value, str) and value.startswith("env:"):
            return self._from_environment(value.removeprefix("env:"), where)
        if isinstance(value, str) and value.startswith("secret:"):
            return self._made(value.removeprefix("secret:"), where)
        return value

    def _from_environment(self, name: str, where: str) -> str:
        if not self._env.get(name):
            raise SettingsError(f"{where}: the environment variable {name} is not set")
        return self._env[name]

    def _made(self, name: str, where: str) -> str:
        """Read a secret, or make it: the first process to come wins, and the rest read its."""
        if not _NAME.fullmatch(name):  # it becomes a bare key of the file
            raise SettingsError(f"{where}: {name!r} is no name: use letters, digits, - and _")
        kept = self._kept()
        if name in kept:
            return kept[name]
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            kept = self._kept()
            kept.setdefault(name, secrets.token_urlsafe(32))
            self._write(kept)
        return kept[name]

    def _kept(self) -> dict[str, str]:
        try:
            return tomllib.loads(self._path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, tomllib.TOMLDecodeError) as exc:
            raise SettingsError(f"{self._path}: {exc}") from exc

    def _write(self, kept: Mapping[str, str]) -> None:
        """Replace the file whole: a crash leaves the old one or the new one."""
        fresh = self._path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        lines = "".join(f'{name} = "{value}"\n' for name, value in sorted(kept.items()))
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
        directory = os.open(self._path.parent, os.O_RDONLY)
        os.fsync(directory)
        os.close(directory)


def shown(value: Any) -> Any:
    """Copy settings for people. References to secrets name a place; anything else is shown.

    A secret written into a file by mistake is caught by the name of its key.
    """
    if isinstance(value, Mapping):
        return {key: _shown_under(key, below) for key, below in value.items()}
    return value


def _shown_under(key: str, value: Any) -> Any:
    if any(word in key.lower() for word in _SECRET_WORDS):
        return _hidden(value)
    if isinstance(value, list):
        return [_shown_under(key, below) for below in value]
    if isinstance(value, str) and "://" in value:
        return _SECRET_PARAMETER.sub(rf"\1{MASK}", _without_user(value))
    return shown(value)


def _without_user(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{MASK}@{rest.rpartition('@')[2]}" if "@" in rest else url


def _hidden(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _hidden(below) for key, below in value.items()}
    if isinstance(value, list):
        return [_hidden(below) for below in value]
    is_reference = isinstance(value, str) and value.startswith(("env:", "secret:"))
    return f"{MASK} ({value})" if is_reference else MASK
