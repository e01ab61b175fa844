"""What tests of the RabbitMQ side share: a vhost with our queues, and what is on them."""

from __future__ import annotations

import atexit
import functools
import json
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import services
import uuid6
from proxy import FaultProxy

from gateway import queue
from gateway.envelope import RECEIVED, Envelope

QUEUES = (queue.COMPLAINTS, queue.DEAD, queue.STATUS, queue.STATUS_DEAD)


@dataclass(frozen=True)
class Taken:
    """A message as it was on a queue."""

    id: str
    body: str
    properties: dict[str, Any]
    headers: dict[str, Any]
    routing_key: str

    @property
    def subject(self) -> str:
        return json.loads(self.body)["subject"]


@functools.cache
def _vhost() -> str:
    kept = ExitStack()
    atexit.register(kept.close)
    url = kept.enter_context(services.fresh_vhost(services.amqp_url()))
    declare(url)
    return url


def emptied() -> str:
    """Give the vhost that tests share, with our queues on it and nothing in them."""
    empty(_vhost())
    return _vhost()


def declare(url: str) -> None:
    with queue.connect(url) as connection:
        queue.declare(connection)


def empty(url: str) -> None:
    services.purge(url, *QUEUES)


def an_envelope(body: str = "{}", of: str = "7K3MX9Q2FVTA") -> Envelope:
    return Envelope(uuid6.uuid7(), RECEIVED, of, 1, body)


def publish(url: str, *envelopes: Envelope) -> None:
    with queue.connect_to_publish(url) as connection:
        queue.publish(connection.Producer(auto_declare=False), envelopes)


def take_all(url: str, name: str = queue.COMPLAINTS) -> list[Taken]:
    """Take everything that is ready off a queue."""
    with queue.connect(url) as connection:
        channel = connection.channel()
        return [
            Taken(
                message.properties.get("message_id", ""),
                message.body if isinstance(message.body, str) else bytes(message.body).decode(),
                {k: v for k, v in message.properties.items() if k != "application_headers"},
                message.headers or {},
                message.delivery_info["routing_key"],
            )
            for message in _each(channel, name, no_ack=True)
        ]


def ids_on(url: str, name: str = queue.COMPLAINTS) -> list[str]:
    """Take everything off a queue, and name it in order."""
    return [message.id for message in take_all(url, name)]


def reject_all(url: str, name: str = queue.COMPLAINTS) -> None:
    """Be a consumer that rejects everything there is."""
    with queue.connect(url) as connection:
        channel = connection.channel()
        for message in _each(channel, name):
            message.reject()


def _each(channel: Any, name: str, **how: Any) -> Iterator[Any]:
    found = iter(partial(channel.basic_get, name, **how), None)
    return map(channel.message_to_python, found)


def put(url: str, name: str, body: str, message_id: str | None = None, **headers: str) -> str:
    """Put any text on a queue, as a stranger does."""
    given = message_id if message_id is not None else str(uuid.uuid4())
    named = {"message_id": given} if given else {}
    with queue.connect(url) as connection:
        connection.Producer(auto_declare=False).publish(
            body,
            exchange="",
            routing_key=name,
            content_type="text/plain",
            content_encoding="utf-8",
            headers=headers,
            **named,
        )
    return given


def ctl(url: str, *arguments: str) -> str:
    """Run rabbitmqctl on the server of this URL."""
    private = services.PrivateRabbit.at(url)
    return services._local_ctl(*arguments) if private is None else private.ctl(*arguments)


@contextmanager
def policy(url: str, pattern: str, **definition: object) -> Iterator[None]:
    """Set a policy on the queues that match; about a second."""
    vhost = urlsplit(url).path[1:]
    of = {name.replace("_", "-"): value for name, value in definition.items()}
    ctl(url, "set_policy", "-p", vhost, "test", pattern, json.dumps(of), "--apply-to", "queues")
    try:
        yield
    finally:
        ctl(url, "clear_policy", "-p", vhost, "test")


@contextmanager
def proxied(url: str) -> Iterator[tuple[FaultProxy, str]]:
    """Give a proxy in front of a server, and the URL that leads through it."""
    server = urlsplit(url)
    with FaultProxy(server.hostname, server.port) as proxy:
        user = server.netloc.rpartition("@")[0]
        yield proxy, server._replace(netloc=f"{user}@127.0.0.1:{proxy.port}").geturl()
