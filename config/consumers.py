"""Consumers that may use the API, and the keys by which they are known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from config.secrets import SettingsError

LEAST_KEY = 16
# What the gateway itself does to a complaint is told under this name.
OURS = "gateway"


def keys_of(
    blocks: Mapping[str, Mapping[str, Any]], resolve: Callable[[Any, str], Any]
) -> dict[str, tuple[str, ...]]:
    """Resolve the keys of every consumer. A SettingsError names the setting that is wrong."""
    owner: dict[str, str] = {}
    for name, block in blocks.items():
        where = f"consumers.{name}.keys"
        if name == OURS:
            raise SettingsError(f"consumers.{name}: this name is the gateway's own")
        for key in resolve(block["keys"], where):
            if len(key) < LEAST_KEY:
                raise SettingsError(f"{where}: shorter than {LEAST_KEY} characters")
            if owner.setdefault(key, name) != name:
                raise SettingsError(f"{where}: consumers.{owner[key]} has the same key")
    return {name: tuple(key for key in owner if owner[key] == name) for name in blocks}
