"""kombu's AMQP transport with `Producer.batch()`: many messages, one wait for all confirms.

    with producer.batch(max_size=500):
        producer.publish(...)

Leaving the block returns only when the broker has confirmed every message. kombu's own
`confirm_publish` waits for each message alone: thirteen times slower (measured). A channel that
was used for a batch confirms for ever, so use it for batches only.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import takewhile
from typing import Any

from amqp import spec
from kombu.exceptions import KombuError
from kombu.transport import pyamqp

CONFIRM_TIMEOUT = 10.0  # seconds without any


class PublishRefused(KombuError):  # type: ignore[misc]
    """The broker took none of these messages: `refused` gives the reason of each id."""

    def __init__(self, refused: dict[str, str]):
        super().__init__(f"{len(refused)} messages refused: {sorted(set(refused.values()))}")
        self.refused = refused


class Unconfirmed(KombuError):  # type: ignore[misc]
    """Confirms did not come in time: close the connection and publish again, same ids."""


class Confirms:
    """What one channel has published and the broker has not settled yet, by delivery tag."""

    def __init__(self, channel: Channel):
        self.open: dict[int, str] = {}
        self.refused: dict[str, str] = {}
        self._last_tag = 0
        channel.confirm_select()
        channel.events["basic_ack"].add(self._acked)
        channel.events["basic_nack"].add(self._nacked)
        channel.events["basic_return"].add(self._returned)

    def sent(self, message_id: str) -> None:
        """Note a message on its way. The broker counts tags the same way, from 1."""
        self._last_tag += 1
        self.open[self._last_tag] = message_id

    def _acked(self, tag: int, multiple: bool) -> None:  # noqa: FBT001 - AMQP's order
        self._settle(tag, multiple=multiple, then=lambda _: None)

    def _nacked(self, tag: int, multiple: bool) -> None:  # noqa: FBT001
        def refuse(message_id: str) -> None:
            self.refused[message_id] = "refused by the broker (queue full, or an error of its own)"

        self._settle(tag, multiple=multiple, then=refuse)

    def _returned(self, reason: Exception, _exchange: str, _key: str, message: Any) -> None:
        # Comes before the ack of the same message: unroutable messages are confirmed, too.
        self.refused[message.properties["message_id"]] = f"no queue takes it ({reason})"

    def _settle(self, tag: int, *, multiple: bool, then: Callable[[str], None]) -> None:
        if not multiple:
            then(self.open.pop(tag))
            return
        for earlier in list(takewhile(lambda open_tag: open_tag <= tag, self.open)):
            then(self.open.pop(earlier))


class Batch:
    """What kombu asks of a batch of a channel."""

    def __init__(self, channel: Channel, max_size: int):
        self.channel = channel
        self._most_open = max_size

    def publish(
        self, message: Any, *, exchange: str, routing_key: str, mandatory: bool = False, **_: Any
    ) -> None:
        """Send without waiting, unless too many are open.

        py-amqp's own `basic_publish` looks at the socket before each message; here that is done
        where confirms are waited for.
        """
        confirms = self.channel.confirms  # asks for them, if this is the first
        where = (0, exchange, routing_key, mandatory, False)
        self.channel.send_method(spec.Basic.Publish, "Bssbb", where, message)
        confirms.sent(message.properties["message_id"])
        if len(confirms.open) >= self._most_open:
            self._wait(until_open=self._most_open // 2)

    def flush(self) -> None:
        """Wait for every confirm. Raises PublishRefused or Unconfirmed."""
        self._wait(until_open=0)
        refused = self.channel.confirms.refused
        if refused:
            self.channel.confirms.refused = {}
            raise PublishRefused(refused)

    def discard(self) -> None:
        """Nothing to take back: what was sent may be on the queue, and is not known to be."""

    def close(self) -> None:
        """Nothing is open after a flush."""

    def _wait(self, until_open: int) -> None:
        """Wait for confirms. Each that comes is a new start: a slow broker is not a silent one."""
        deadline = time.monotonic() + CONFIRM_TIMEOUT
        fewest = len(self.channel.confirms.open)
        while (still := len(self.channel.confirms.open)) > until_open:
            if still < fewest:
                fewest, deadline = still, time.monotonic() + CONFIRM_TIMEOUT
            left = deadline - time.monotonic()
            try:
                if left <= 0:
                    raise TimeoutError  # noqa: TRY301 - the same as one that comes from below
                self.channel.connection.drain_events(timeout=left)
            except TimeoutError as exc:
                raise Unconfirmed(f"{still} messages not confirmed in time") from exc


class Channel(pyamqp.Channel):  # type: ignore[misc]
    """A channel that publishes in batches."""

    _confirms: Confirms | None = None

    @property
    def confirms(self) -> Confirms:
        """Ask for confirms at the first batch."""
        if self._confirms is None:
            self._confirms = Confirms(self)
        return self._confirms

    def create_publish_batch(self, max_size: int) -> Batch:
        """Open a batch; kombu calls this."""
        return Batch(self, max_size)


class Connection(pyamqp.Connection):  # type: ignore[misc]
    """A connection whose channels publish in batches."""

    Channel = Channel


class Transport(pyamqp.Transport):  # type: ignore[misc]
    """`amqp://` with batches."""

    Connection = Connection
    implements = pyamqp.Transport.implements.extend(batch_publish=True)


class SSLTransport(pyamqp.SSLTransport):  # type: ignore[misc]
    """`amqps://` with batches."""

    Connection = Connection
    implements = pyamqp.SSLTransport.implements.extend(batch_publish=True)
