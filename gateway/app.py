"""The HTTP side: every door takes the same way through verify, parse, accept and reply."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, jsonify, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.middleware.proxy_fix import ProxyFix

from channels.app import problems, routes
from channels.app.routes import Found
from channels.base import (
    Channel,
    ChannelError,
    Malformed,
    NotAuthentic,
    Overloaded,
    RawInbound,
    Receipt,
    Reply,
    TooLarge,
)
from gateway import consumer_api, metrics, web
from gateway.assembly import Gateway, Native, here, utc_now
from gateway.attachments import http as files
from gateway.health import problems_of_store
from gateway.intake import Unstorable
from gateway.separating import separation
from gateway.store import Store, name_of
from normalizer.schema import SCHEMA_NAME, json_schema

log = structlog.get_logger()
APP_ADAPTER = "app"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}


def create_app(gateway: Gateway, *, native: Native[Any] = here) -> Flask:
    """Build the WSGI application. `native` runs what waits for the store's lock."""
    app = Flask(__name__, static_folder=None)
    serving = gateway.settings.web
    most = serving.max_body
    app.config.update(MAX_CONTENT_LENGTH=most, MAX_FORM_MEMORY_SIZE=most)
    if serving.proxy_hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=serving.proxy_hops, x_proto=0, x_host=0)  # type: ignore[method-assign]
    door = _Door(gateway, native)
    _add_doors(app, gateway, door, native)
    _add_checks(app, gateway, native)
    _add_errors(app, gateway.store)

    @app.after_request
    def protect(response: Response) -> Response:
        has = {name.lower() for name, _ in response.headers}
        response.headers.extend(
            (name, value) for name, value in _HEADERS.items() if name.lower() not in has
        )
        return response

    return app


class _Door:
    """The flow of DESIGN: one direction, every stop."""

    def __init__(self, gateway: Gateway, native: Native[Any]):
        self._gateway = gateway
        self._native = native

    def receive(self, source: str) -> Response:
        """Take one request of a source through all stops; answers in its dialect."""
        with metrics.REQUEST_SECONDS.labels(source).time():
            response = self._answer(source, self._gateway.channels[source])
        if response.status_code >= 400:  # noqa: PLR2004 - what HTTP calls an error
            metrics.REFUSED_REQUESTS.labels(source, response.status_code).inc()
        return response

    def _answer(self, source: str, channel: Channel) -> Response:
        try:
            raw = raw_inbound()
            challenge = channel.challenge(raw)
            if challenge is not None:
                return _response(challenge)
            return _response(channel.reply(self._take(source, channel, raw)))
        except RequestEntityTooLarge:
            return _response(channel.refuse(TooLarge("the body is larger than this door takes")))
        except ChannelError as exc:
            log.info("refused", source=source, status=exc.status, error=type(exc).__name__)
            return _response(channel.refuse(exc))

    def _take(self, source: str, channel: Channel, raw: RawInbound) -> list[Receipt]:
        intake = self._gateway.intake
        try:
            channel.verify(raw)
        except NotAuthentic as exc:
            reason = str(exc)
            self._native(lambda: self._gateway.quarantine.keep(source, raw, reason))
            raise
        try:
            return intake.accept(channel.parse(raw))
        except Malformed as exc:
            return intake.park(source, raw, str(exc))
        except Unstorable as exc:
            return intake.park(source, raw, str(exc))
        except ChannelError:
            raise
        except Exception as exc:  # noqa: BLE001 - a parser's bug must cost no citizen's report
            log.error("parser_failed", source=source, error=type(exc).__name__)  # noqa: TRY400 - the trace could hold a text
            return intake.park(source, raw, f"parser failed: {type(exc).__name__}")


def raw_inbound(*, with_body: bool = True) -> RawInbound:
    """Copy the current request, undecoded."""
    environ = request.environ
    uri = environ.get("RAW_URI") or environ.get("REQUEST_URI") or request.full_path
    if not uri.startswith("/"):  # a proxy may send the absolute form
        uri = urlsplit(uri)._replace(scheme="", netloc="").geturl()
    path, _, query = uri.partition("?")
    return RawInbound(
        method=request.method,
        raw_path=path,
        raw_query=query.encode("latin-1", "replace"),
        headers=tuple(_headers(environ)),
        body=request.get_data(cache=False) if with_body else b"",
        client_address=request.remote_addr or "",
        received_at=utc_now(),
    )


def _headers(environ: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Give the headers as WSGI hands them over; werkzeug's own view costs ten times as much."""
    for name, value in environ.items():
        if name.startswith("HTTP_"):
            yield name[5:].replace("_", "-").title(), value
        elif name in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
            yield name.replace("_", "-").title(), value


def _add_doors(app: Flask, gateway: Gateway, door: _Door, native: Native[Any]) -> None:
    adapters = {name: source.adapter for name, source in gateway.settings.sources.items()}

    def receive(source: str) -> Response:
        if adapters.get(source, APP_ADAPTER) == APP_ADAPTER:
            return _problem(404, "no such source")
        return door.receive(source)

    app.add_url_rule("/in/<source>", view_func=receive, methods=["GET", "POST"])
    for name, adapter in adapters.items():
        if adapter == APP_ADAPTER:
            app.register_blueprint(_app_routes(gateway, door, native, name), name=f"app_{name}")
    app.register_blueprint(web.blueprint(gateway, native))
    app.register_blueprint(consumer_api.blueprint(gateway, native))


def _app_routes(gateway: Gateway, door: _Door, native: Native[Any], name: str) -> Any:
    def lookup(number: str, secret: str | None, client_address: str) -> Found | None:
        found = native(lambda: gateway.lookup.find(number, secret, client_address))
        if found is None:
            return None
        stands = found.standing
        return Found(
            stands.number, stands.status, stands.received_at, stands.updated_at, found.history
        )

    def separate(number: str, secret: str, client_address: str) -> bool:
        of = native(lambda: gateway.lookup.opens(number, secret, client_address))
        if of is None:
            return False
        message = native(
            lambda: separation(gateway.store, of, secret, source=name, channel="app", clock=utc_now)
        )
        gateway.intake.accept([message])
        return True

    return routes.blueprint(
        receive=lambda: door.receive(name),
        upload=lambda: files.receive(
            gateway, native, gateway.channels[name], lambda: raw_inbound(with_body=False)
        ),
        lookup=lookup,
        separate=separate,
        client_address=lambda: request.remote_addr or "",
        refuse=_problem,
        public_url=gateway.settings.public_url,
        needs_token=bool(gateway.settings.sources[name].settings.get("tokens")),
        has_consumers=bool(gateway.settings.consumers),
    )


def _add_checks(app: Flask, gateway: Gateway, native: Native[Any]) -> None:
    record_schema = json_schema()

    @app.get(f"/schema/{SCHEMA_NAME}.json")
    def schema_of_record() -> Response:
        return jsonify(record_schema)

    @app.get("/livez")
    def is_alive() -> Response:
        return Response("ok\n", content_type="text/plain")

    @app.get("/metrics")
    def numbers() -> Response:
        text = native(lambda: metrics.exposition(gateway.store, utc_now))
        return Response(text, content_type=metrics.CONTENT_TYPE)

    @app.get("/readyz")
    def is_ready() -> Response:
        wrong = native(lambda: problems_of_store(gateway.store, gateway.identity))
        if wrong:
            log.error("not_ready", problems=wrong)
            return _problem(503, "; ".join(wrong))
        return Response("ready\n", content_type="text/plain")


def _add_errors(app: Flask, store: Store) -> None:
    @app.errorhandler(ChannelError)
    def refused(error: ChannelError) -> Response:
        return _response(problems.problem(error))

    @app.errorhandler(HTTPException)
    def no_such_thing(error: HTTPException) -> Any:
        if error.code is None or error.code < 400:  # noqa: PLR2004 - a redirect is no error
            return error
        return _problem(error.code, "")

    @app.errorhandler(SQLAlchemyError)
    def no_store(error: SQLAlchemyError) -> Response:
        if not store.is_away(error):
            return bug(error)
        log.error("store_unavailable", error=name_of(error))
        return _response(problems.problem(Overloaded("the store cannot be reached")))

    @app.errorhandler(Exception)
    def bug(error: Exception) -> Response:
        log.error("bug", error=type(error).__name__, endpoint=request.endpoint)
        return _problem(500, "")


def _problem(status: int, detail: str) -> Response:
    return _response(problems.document(status, detail=detail))


def _response(reply: Reply) -> Response:
    response = Response(reply.body, status=reply.status, content_type=reply.content_type)
    response.headers.extend(reply.headers)
    return response
