"""Settings: default.toml, then the file in LAPOR_CONFIG, then the environment.

Nobody else reads the environment. A key that is unknown or malformed is a SettingsError that
names it; so is a secret that is not set.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from marshmallow import INCLUDE, RAISE, Schema, ValidationError, fields, validate

from config.consumers import keys_of
from config.secrets import Secrets, SettingsError, shown

HERE = Path(__file__).parent
_FROM_ENVIRONMENT = {
    "LAPOR_STORE_URL": "store_url",
    "LAPOR_QUEUE_URL": "queue_url",
    "LAPOR_PUBLIC_URL": "public_url",
    "LAPOR_ATTACHMENTS_URL": "attachments_url",
}
_LEAST_KEY = 16
_LAST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Web:
    """How requests are served."""

    bind: str
    worker_class: str
    threads: int
    proxy_hops: int
    max_body: int
    port: int
    workers: int


@dataclass(frozen=True, slots=True)
class Intake:
    """How much is taken at once."""

    most_waiting: int
    patience: float
    most_together: int
    parts_wait_seconds: float
    replies_a_day: int
    wrong_numbers_a_day: int


@dataclass(frozen=True, slots=True)
class Quarantine:
    """How much untrusted matter is kept."""

    most_per_source: int
    most_body_bytes: int
    days: int


@dataclass(frozen=True, slots=True)
class Processing:
    """How the journal is worked off."""

    most_together: int
    lease_seconds: float
    pace_seconds: float


@dataclass(frozen=True, slots=True)
class Relay:
    """How the outbox goes to a broker."""

    most_together: int
    pace_seconds: float
    largest: int


@dataclass(frozen=True, slots=True)
class Feedback:
    """How long consumers may be silent about a complaint."""

    timeout_days: int


@dataclass(frozen=True, slots=True)
class Form:
    """What the web form promises and how much it takes."""

    verify_days: int
    answer_days: int
    close_days: int
    draft_hours: int
    least_seconds: float
    reports_a_day_address: int
    reports_a_day_contact: int
    searches_a_day_address: int


@dataclass(frozen=True, slots=True)
class Attachments:
    """How much may be uploaded, and how long it waits for its complaint."""

    largest: int
    most: int
    uploads_a_day: int
    inspected_at_once: int
    unclaimed_hours: float


@dataclass(frozen=True, slots=True)
class Media:
    """How files are fetched that came as addresses."""

    at_once: int
    largest: int
    patience: float
    longest_seconds: float
    give_up_after_hours: float


@dataclass(frozen=True, slots=True)
class Replies:
    """How citizens are spoken to by ourselves."""

    ask: Sequence[str]
    answer_hours: float
    hold_seconds: float
    give_up_after_hours: float


@dataclass(frozen=True, slots=True)
class Source:
    """One provider endpoint: its adapter and, resolved, what the adapter is set to."""

    name: str
    adapter: str
    settings: Mapping[str, object] = field(repr=False)

    @property
    def secret_names(self) -> frozenset[str]:
        """Name the parameters and headers that carry this source's secrets, in lower case."""
        _, _, named = str(self.settings.get("token_in", "")).partition(":")
        return frozenset({"token", "authorization", "cookie", *filter(None, [named.lower()])})


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that is set. `shown` is the same for people: secrets masked."""

    store_url: str = field(repr=False)  # URLs carry passwords
    queue_url: str = field(repr=False)
    attachments_url: str = field(repr=False)
    public_url: str
    time_zone: str
    vocabularies: str
    identity_key: str = field(repr=False)
    web: Web
    intake: Intake
    quarantine: Quarantine
    processing: Processing
    relay: Relay
    feedback: Feedback
    form: Form
    attachments: Attachments
    media: Media
    replies: Replies
    carriers: Mapping[str, Sequence[str]]
    consumers: Mapping[str, Sequence[str]] = field(repr=False)
    sources: Mapping[str, Source]
    var_dir: Path
    shown: Mapping[str, Any] = field(repr=False)


def _is_url(value: str) -> None:
    if value:
        validate.URL(require_tld=False, schemes={"http", "https"})(value)


class _Closed(Schema):
    class Meta:
        unknown = RAISE


def _count(least: int = 1) -> fields.Integer:
    return fields.Integer(strict=True, required=True, validate=validate.Range(min=least))


def _seconds() -> fields.Float:
    return fields.Float(required=True, validate=validate.Range(min=0, min_inclusive=False))


def _name() -> fields.String:
    return fields.String(validate=validate.Regexp(r"^[a-z][a-z0-9_-]{0,63}$"))


class _WebSchema(_Closed):
    bind = fields.String(required=True, validate=validate.Length(min=1))
    worker_class = fields.String(required=True, validate=validate.OneOf(("gthread", "gevent")))
    threads = _count()
    proxy_hops = _count(0)
    max_body = _count(1024)


class _IntakeSchema(_Closed):
    most_waiting = _count()
    patience = _seconds()
    most_together = _count()
    parts_wait_seconds = _seconds()
    replies_a_day = _count()
    wrong_numbers_a_day = _count()


class _QuarantineSchema(_Closed):
    most_per_source = _count()
    most_body_bytes = _count(1024)
    days = _count()


class _ProcessingSchema(_Closed):
    most_together = _count()
    lease_seconds = _seconds()
    pace_seconds = _seconds()


class _RelaySchema(_Closed):
    most_together = _count()
    pace_seconds = _seconds()
    largest = _count(1024)


class _FeedbackSchema(_Closed):
    timeout_days = _count()


class _FormSchema(_Closed):
    verify_days = _count()
    answer_days = _count()
    close_days = _count()
    draft_hours = _count()
    least_seconds = fields.Float(required=True, validate=validate.Range(min=0))
    reports_a_day_address = _count()
    reports_a_day_contact = _count()
    searches_a_day_address = _count()


class _AttachmentsSchema(_Closed):
    largest = _count(1024)
    most = _count()
    uploads_a_day = _count()
    inspected_at_once = _count()
    unclaimed_hours = _seconds()


class _MediaSchema(_Closed):
    at_once = _count(0)
    largest = _count(1024)
    patience = _seconds()
    # Shorter than a fetch is one worker's alone.
    longest_seconds = fields.Float(
        required=True, validate=validate.Range(min=0, max=240, min_inclusive=False)
    )
    give_up_after_hours = _seconds()


class _RepliesSchema(_Closed):
    ask = fields.List(
        fields.String(validate=validate.OneOf(("incident_location", "incident_date"))),
        required=True,
    )
    answer_hours = _seconds()
    hold_seconds = fields.Float(required=True, validate=validate.Range(min=0, max=60))
    give_up_after_hours = _seconds()


class _ConsumerSchema(_Closed):
    keys = fields.List(fields.String(), required=True)


class _SourceSchema(Schema):
    """The rest of a block is its adapter's, which checks it."""

    class Meta:
        unknown = INCLUDE

    adapter = fields.String(required=True)
    disabled = fields.Boolean(load_default=False)


class _SettingsSchema(_Closed):
    store_url = fields.String(required=True)
    queue_url = fields.String(required=True)
    attachments_url = fields.String(required=True)
    public_url = fields.String(required=True, validate=_is_url)
    time_zone = fields.String(required=True)
    vocabularies = fields.String(required=True)
    identity_key = fields.String(required=True)
    web = fields.Nested(_WebSchema, required=True)
    intake = fields.Nested(_IntakeSchema, required=True)
    quarantine = fields.Nested(_QuarantineSchema, required=True)
    processing = fields.Nested(_ProcessingSchema, required=True)
    relay = fields.Nested(_RelaySchema, required=True)
    feedback = fields.Nested(_FeedbackSchema, required=True)
    form = fields.Nested(_FormSchema, required=True)
    attachments = fields.Nested(_AttachmentsSchema, required=True)
    media = fields.Nested(_MediaSchema, required=True)
    replies = fields.Nested(_RepliesSchema, required=True)
    carriers = fields.Dict(keys=fields.String(), values=fields.List(fields.String()), required=True)
    consumers = fields.Dict(keys=_name(), values=fields.Nested(_ConsumerSchema), required=True)
    sources = fields.Dict(keys=_name(), values=fields.Nested(_SourceSchema), required=True)


_SCHEMA = _SettingsSchema()


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Read and check all settings. Makes `var/` and the random secrets it needs there."""
    env = os.environ if environment is None else environment
    checked = _check(_merged(env))
    var_dir = Path(env.get("LAPOR_VAR_DIR", "var")).absolute()
    resolve = Secrets(env, var_dir / "secrets.toml").resolve
    port = _number(env, "PORT", 8000)
    if not 0 < port <= _LAST_PORT:
        raise SettingsError(f"PORT: {port} is not a port")
    public_url = checked["public_url"].rstrip("/") or f"http://127.0.0.1:{port}"
    store_url = resolve(checked["store_url"], "store_url") or f"sqlite:///{var_dir / 'lapor.db'}"
    queue_url = resolve(checked["queue_url"], "queue_url") or _embedded_queue(store_url)
    attachments_url = resolve(checked["attachments_url"], "attachments_url")
    attachments_url = attachments_url or f"file://{var_dir / 'attachments'}"
    identity_key = resolve(checked["identity_key"], "identity_key")
    if len(identity_key) < _LEAST_KEY:
        raise SettingsError(f"identity_key: shorter than {_LEAST_KEY} characters")
    return Settings(
        store_url=store_url,
        queue_url=queue_url,
        attachments_url=attachments_url,
        public_url=public_url,
        time_zone=checked["time_zone"],
        vocabularies=checked["vocabularies"],
        identity_key=identity_key,
        web=Web(**checked["web"], port=port, workers=_workers(env)),
        intake=Intake(**checked["intake"]),
        quarantine=Quarantine(**checked["quarantine"]),
        processing=Processing(**checked["processing"]),
        relay=Relay(**checked["relay"]),
        feedback=Feedback(**checked["feedback"]),
        form=Form(**checked["form"]),
        attachments=Attachments(**checked["attachments"]),
        media=Media(**checked["media"]),
        replies=Replies(**checked["replies"]),
        carriers=checked["carriers"],
        consumers=keys_of(checked["consumers"], resolve),
        sources={
            name: _source(name, block, resolve, public_url, checked["time_zone"])
            for name, block in checked["sources"].items()
            if not block["disabled"]
        },
        var_dir=var_dir,
        shown=shown(
            {
                **checked,
                "store_url": store_url,
                "queue_url": queue_url,
                "attachments_url": attachments_url,
                "public_url": public_url,
            }
        ),
    )


def _merged(env: Mapping[str, str]) -> dict[str, Any]:
    settings = _read(HERE / "default.toml")
    if path := env.get("LAPOR_CONFIG"):
        settings = _over(settings, _read(Path(path)))
    for variable, key in _FROM_ENVIRONMENT.items():
        if env.get(variable):
            settings[key] = env[variable]
    return settings


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as exc:
        raise SettingsError(f"LAPOR_CONFIG: {path}: {exc.strerror}") from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise SettingsError(f"{path}: {exc}") from exc


def _over(below: dict[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Lay one file over another: tables are merged, anything else is replaced.

    A source whose adapter changes starts afresh, since the keys below are another adapter's.
    """
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        if isinstance(under, dict) and isinstance(value, Mapping):
            changed = value.get("adapter", under.get("adapter")) != under.get("adapter")
            merged[key] = dict(value) if changed else _over(under, value)
        else:
            merged[key] = value
    return merged


def _check(settings: Mapping[str, Any]) -> dict[str, Any]:
    try:
        checked: dict[str, Any] = _SCHEMA.load(settings)
    except ValidationError as exc:
        raise SettingsError("; ".join(_lines(exc.messages))) from exc
    try:
        ZoneInfo(checked["time_zone"])
    except (ZoneInfoNotFoundError, ValueError, OSError) as exc:  # OSError: "Asia" is a folder
        raise SettingsError(f"time_zone: {checked['time_zone']!r} is not a known zone") from exc
    waits, kept = checked["attachments"]["unclaimed_hours"], checked["form"]["draft_hours"]
    if waits < kept:
        raise SettingsError(
            f"attachments.unclaimed_hours: {waits:g} is less than form.draft_hours ({kept}): "
            "files would be deleted while their draft can still be sent"
        )
    return checked


def _lines(messages: Any, path: str = "") -> list[str]:
    if isinstance(messages, Mapping):
        return [
            line
            for key, below in messages.items()
            for line in _lines(below, path if key == "value" else f"{path}.{key}".strip("."))
        ]
    return [f"{path}: {' '.join(map(str, messages))}"]


def _embedded_queue(store_url: str) -> str:
    if not store_url.startswith("sqlite:///"):
        raise SettingsError(
            "queue_url: only a SQLite store brings a queue of its own; name a broker"
        )
    return f"lapor+{store_url}"


def _source(
    name: str,
    block: Mapping[str, Any],
    resolve: Callable[[Any, str], Any],
    public_url: str,
    time_zone: str,
) -> Source:
    own = {key: value for key, value in block.items() if key not in {"adapter", "disabled"}}
    settings = {key: resolve(value, f"sources.{name}.{key}") for key, value in own.items()}
    about = {"source": name, "public_url": public_url}
    return Source(name, block["adapter"], {"time_zone": time_zone, **settings, **about})


def _number(env: Mapping[str, str], variable: str, default: int) -> int:
    try:
        return int(env.get(variable) or default)
    except ValueError as exc:
        raise SettingsError(f"{variable}: {env[variable]!r} is not a whole number") from exc


def _workers(env: Mapping[str, str]) -> int:
    return max(1, _number(env, "WEB_CONCURRENCY", 2))
