"""The app API's `POST /v1/complaints`: JSON in, a number out; safe to repeat under one key."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, NoReturn, Self

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate
from webargs.core import Parser

from channels.app.problems import problem
from channels.base import (
    ChannelError,
    InboundMessage,
    NotAuthentic,
    Overloaded,
    RawInbound,
    Receipt,
    Reply,
    SourceSettings,
    Unacceptable,
)
from channels.submission import Submission, typed_fields, uploads

OPEN = "open"  # the name of the caller where no token is asked for
# The last place on Earth where it is still, or already, tomorrow must not be told "future".
EARLIEST_ZONE = timedelta(hours=14)
_QUOTED = re.compile(r'"(.*)"')


class OneOrMore(fields.List[Any]):
    """A list, or one value that stands for a list of one."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> list[Any]:
        return super()._deserialize(value if isinstance(value, list) else [value], *args, **kwargs)


class AppSettings(SourceSettings):
    """`tokens`: for each app its token, or a list of tokens while one is rotated."""

    tokens = fields.Dict(
        keys=fields.String(),
        values=OneOrMore(
            fields.String(validate=validate.Length(min=16)),
            validate=validate.Length(min=1),  # no token at all would open the door to everybody
        ),
        load_default=dict,
    )


class Headers(Schema):
    class Meta:
        unknown = EXCLUDE

    idempotency_key = fields.String(
        required=True,
        data_key="idempotency-key",
        validate=[
            validate.Length(min=1, max=255),
            validate.Regexp(r"[\x21-\x7e]+\Z", error="Only visible ASCII characters."),
        ],
        error_messages={
            "required": "Make one UUID for each complaint and send it again with every retry."
        },
    )


class RequestParser(Parser[RawInbound]):
    """webargs, reading our own record of a request."""

    def __init__(self) -> None:
        super().__init__(unknown=None)  # each schema says itself what it does with unknown keys

    def load_json(self, req: RawInbound, schema: Schema) -> Any:
        """Read the body, whatever content type it claims."""
        try:
            return json.loads(req.body)
        except (ValueError, RecursionError) as exc:
            raise Unacceptable("the body is not readable JSON", status=400) from exc

    def load_headers(self, req: RawInbound, schema: Schema) -> Any:
        """Give headers with names in lower case."""
        key = req.header("idempotency-key").strip()
        quoted = _QUOTED.fullmatch(key)  # the draft's form is quoted; bare is accepted too
        value = quoted[1] if quoted else key
        return {"idempotency-key": value} if value else {}

    def handle_error(  # noqa: D102 - webargs' method
        self,
        error: ValidationError,
        req: RawInbound,
        schema: Schema,
        **_: Any,
    ) -> NoReturn:
        is_header = isinstance(schema, Headers)
        of = "headers" if is_header else "json"
        problems = error.messages_dict.get(of, error.messages_dict)
        raise Unacceptable(
            "the Idempotency-Key header is missing or malformed"
            if is_header
            else "some fields are not as they should be",
            status=400 if is_header else 422,
            problems=problems if isinstance(problems, Mapping) else {"": problems},
        ) from error


_PARSER = RequestParser()
_HEADERS = Headers()
_SUBMISSION = Submission()


class App:
    """The door of the Android and iOS apps."""

    def __init__(self, source: str, tokens: Mapping[str, Sequence[str]]):
        self._source = source
        self._tokens = [(name, token.encode()) for name, of in tokens.items() for token in of]

    @classmethod
    def from_settings(cls, settings: Mapping[str, object]) -> Self:
        """Build from `[sources.<name>]`; a ValueError names what is wrong."""
        known = AppSettings.read(settings)
        return cls(known["source"], known["tokens"])  # type: ignore[arg-type]

    def challenge(self, raw: RawInbound) -> Reply | None:
        """Nobody tests this endpoint before using it."""

    def verify(self, raw: RawInbound) -> None:
        """Ask for a bearer token where tokens are set."""
        self._caller(raw)

    def parse(self, raw: RawInbound) -> Sequence[InboundMessage]:
        """Read one complaint; Unacceptable lists all that is wrong with it at once."""
        headers = _PARSER.parse(_HEADERS, raw, location="headers")
        typed = _PARSER.parse(_SUBMISSION, raw, location="json")
        if typed["incident_date"] > (raw.received_at + EARLIEST_ZONE).date():
            raise Unacceptable(
                "some fields are not as they should be",
                status=422,
                problems={"incident_date": ["Not in the future."]},
            )
        caller = hashlib.sha256(self._caller(raw).encode()).hexdigest()
        return [
            InboundMessage(
                source=self._source,
                channel="app",
                provider="app",
                provider_id=f"{caller}:{headers['idempotency_key']}",
                # A typed name or phone number proves nothing: nobody is vouched for here.
                sender=None,
                text=typed["body"],
                received_at=raw.received_at,
                fields=typed_fields(typed),
                attachments=uploads(typed),
                payload_digest=_digest(raw.body),
            )
        ]

    def reply(self, receipts: Sequence[Receipt]) -> Reply:
        """Answer 201 with the number and the secret of the reporter's own view.

        Without a number there is nothing to show a citizen: the app is asked to try again.
        """
        receipt = next((receipt for receipt in receipts if receipt.number), None)
        if receipt is None:
            return problem(Overloaded("the complaint could not be read in; keep it and try again"))
        received_at = receipt.received_at.isoformat() if receipt.received_at else None
        body = {
            "number": receipt.number,
            "status": "received",
            "received_at": received_at,
            "secret": receipt.secret,
        }
        return Reply(
            201,
            json.dumps(body).encode(),
            "application/json",
            (("Location", f"/v1/complaints/{receipt.number}"),),
        )

    def refuse(self, error: ChannelError) -> Reply:
        """Refuse with a problem document."""
        return problem(error)

    def _caller(self, raw: RawInbound) -> str:
        """Name the app that calls. Compares with every token, so that time tells nothing."""
        if not self._tokens:
            return OPEN
        scheme, _, sent = raw.header("Authorization").partition(" ")
        given = (
            sent.strip().encode("utf-8", "surrogateescape") if scheme.lower() == "bearer" else b""
        )
        callers = [name for name, token in self._tokens if hmac.compare_digest(given, token)]
        if not callers:
            raise NotAuthentic("a bearer token of a registered app is needed")
        return callers[0]


def _digest(body: bytes) -> str:
    """Compare bodies as JSON: another order of keys is the same request."""
    canonical = json.dumps(json.loads(body), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()
