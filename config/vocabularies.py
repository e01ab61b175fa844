"""The word lists: those that are shipped, and in their place those of the operator's folder."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from config.secrets import SettingsError

SHIPPED = Path(__file__).parent / "vocabularies"
CLASSIFICATIONS = ("complaint", "aspiration", "information_request")


class _Closed(Schema):
    class Meta:
        unknown = RAISE


def _words(*, required: bool = False) -> fields.List[str]:
    word = fields.String(validate=validate.Length(min=1))
    return fields.List(word, required=required)


class _TermSchema(_Closed):
    code = fields.String(validate=validate.Length(min=1))
    label = fields.String(required=True, validate=validate.Length(min=1))
    words = _words()
    prefixes = _words()
    weight = fields.Integer(strict=True, validate=validate.Range(min=0))


class _VocabularySchema(_Closed):
    needs = fields.Integer(strict=True, validate=validate.Range(min=1))
    term = fields.List(fields.Nested(_TermSchema), required=True)


class _ClassTermSchema(_TermSchema):
    code = fields.String(required=True, validate=validate.OneOf(CLASSIFICATIONS))


class _ClassificationSchema(_VocabularySchema):
    term = fields.List(fields.Nested(_ClassTermSchema), required=True)


class _AbuseSchema(_Closed):
    always = _words(required=True)
    aimed = _words(required=True)
    people = _words(required=True)
    phrases = _words(required=True)
    friends = _words(required=True)
    said = _words(required=True)
    insults = _words()
    officials = _words()
    cries = _words()
    urging = _words()
    machines = _words()
    machinery = _words()


class _DangerSchema(_Closed):
    words = _words(required=True)


_SCHEMAS: Mapping[str, Schema] = {
    "abuse": _AbuseSchema(),
    "agencies": _VocabularySchema(),
    "categories": _VocabularySchema(),
    "classification": _ClassificationSchema(),
    "danger": _DangerSchema(),
}


def load(folder: str) -> dict[str, dict[str, Any]]:
    """Read all lists by name; a file of the folder (or "") replaces the shipped one of its name.

    A SettingsError names the file and the key, and a file that is none of the lists.
    """
    own = _own_files(Path(folder)) if folder else {}
    return {name: _read(own.get(name, SHIPPED / f"{name}.toml"), name) for name in _SCHEMAS}


def _own_files(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        raise SettingsError(f"vocabularies: {folder} is not a folder")
    found = {path.stem: path for path in sorted(folder.glob("*.toml"))}
    if unknown := sorted(set(found) - set(_SCHEMAS)):
        known = ", ".join(_SCHEMAS)
        raise SettingsError(f"vocabularies: {unknown[0]}.toml is none of {known}")
    return found


def _read(path: Path, name: str) -> dict[str, Any]:
    try:
        read: dict[str, Any] = _SCHEMAS[name].load(tomllib.loads(path.read_text("utf-8")))
    except OSError as exc:
        raise SettingsError(f"vocabularies: {path}: {exc.strerror}") from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise SettingsError(f"vocabularies: {path}: {exc}") from exc
    except ValidationError as exc:
        raise SettingsError(f"vocabularies: {path}: {exc}") from exc
    return read
