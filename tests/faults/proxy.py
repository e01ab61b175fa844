"""A TCP proxy that misbehaves on request, between a real client and a real server."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from contextlib import suppress
from typing import Self

from services import hold_port

MODES = ("good", "cut", "half_open", "reset", "delay", "drip")
CHUNK = 65536


class FaultProxy:
    """Forward a port of 127.0.0.1 to host:port, as well or as badly as `mode` says.

    good       forward
    cut        close every connection; refuse new ones, as when nobody listens
    half_open  accept and keep connections and lose every byte, also the end of the stream;
               a connection that lost something stays mute, as nobody sends it again, and
               ends for the server alone after `keepalives` seconds: no peer that is gone
               answers its probes, and the kernel under this proxy does
    reset      RST the connections there are, each time it is set; new ones are forwarded
    delay      hold each chunk for `delay` seconds
    drip       forward one byte each `drip` seconds

    Setting `mode` returns when it is in force. A server that is down shows as a connection
    that is accepted and then reset.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        delay: float = 0.5,
        drip: float = 0.01,
        keepalives: float = 25.0,
    ):
        self.delay, self.drip, self.keepalives = delay, drip, keepalives
        self._target = (host, port)
        self._mode = "cut"
        self._links: dict[asyncio.Task[None], tuple[socket.socket, socket.socket]] = {}
        self._listener: socket.socket | None = None
        self._held = hold_port()
        self.port: int = self._held.getsockname()[1]
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._ready = threading.Event()

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10), "the proxy did not start"
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._done.set)
        self._thread.join(timeout=10)
        self._held.close()
        assert not self._thread.is_alive(), "the proxy did not stop"

    @property
    def mode(self) -> str:
        return self._mode

    @mode.setter
    def mode(self, mode: str) -> None:
        assert mode in MODES, f"{mode} is none of {MODES}"
        asyncio.run_coroutine_threadsafe(self._switch(mode), self._loop).result(timeout=10)

    @property
    def connections(self) -> int:
        """How many connections there are, mute ones included."""
        return len(self._links)

    async def _run(self) -> None:
        self._loop, self._done = asyncio.get_running_loop(), asyncio.Event()
        await self._switch("good")
        self._ready.set()
        await self._done.wait()
        await self._switch("cut")

    async def _switch(self, mode: str) -> None:
        self._mode = mode
        if mode == "cut":
            self._close_listener()
        elif self._listener is None:
            self._open_listener()
        if mode in ("cut", "reset") and self._links:
            ended = dict(self._links)
            for link, ends in ended.items():
                if mode == "reset":
                    _reset_on_close(*ends)
                link.cancel()
            await asyncio.wait(ended)

    def _open_listener(self) -> None:
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(self._held.getsockname())
        self._listener.listen(128)
        self._listener.setblocking(False)
        # A callback and not a task: a cancelled sock_accept may drop what it just accepted.
        self._loop.add_reader(self._listener, self._accept)

    def _close_listener(self) -> None:
        if self._listener is not None:
            self._loop.remove_reader(self._listener)
            self._listener.close()
            self._listener = None

    def _accept(self) -> None:
        with suppress(BlockingIOError, ConnectionError):
            ends = self._listener.accept()[0], socket.socket()
            link = self._loop.create_task(self._link(*ends))
            self._links[link] = ends
            link.add_done_callback(self._forget)

    def _forget(self, link: asyncio.Task[None]) -> None:
        # Here and not in the task: one cancelled before its first step runs no `finally`.
        for end in self._links.pop(link):
            end.close()

    async def _link(self, client: socket.socket, server: socket.socket) -> None:
        is_mute = asyncio.Event()  # for both ways: half a stream is of no use to anybody
        probes = self._loop.create_task(self._probe(server, is_mute))
        for end in (client, server):
            end.setblocking(False)
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            if self._mode == "half_open":
                await self._swallow(client)
            await self._loop.sock_connect(server, self._target)
            async with asyncio.TaskGroup() as ways:
                ways.create_task(self._pump(client, server, is_mute))
                ways.create_task(self._pump(server, client, is_mute))
        except* OSError:
            _reset_on_close(client, server)
        finally:
            probes.cancel()

    async def _probe(self, server: socket.socket, is_mute: asyncio.Event) -> None:
        await is_mute.wait()
        await asyncio.sleep(self.keepalives)
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)

    async def _pump(
        self, source: socket.socket, sink: socket.socket, is_mute: asyncio.Event
    ) -> None:
        is_open = True
        while is_open:
            chunk = await self._loop.sock_recv(source, CHUNK)
            is_open = bool(chunk)
            if self._mode == "delay":
                await asyncio.sleep(self.delay)
            while chunk and self._mode == "drip" and not is_mute.is_set():
                await self._loop.sock_sendall(sink, chunk[:1])
                chunk = chunk[1:]
                await asyncio.sleep(self.drip)
            if self._mode == "half_open":
                is_mute.set()
            if is_mute.is_set():
                await self._swallow(source)
            await self._loop.sock_sendall(sink, chunk)
        sink.shutdown(socket.SHUT_WR)

    async def _swallow(self, source: socket.socket) -> None:
        """Read what comes and tell nobody, not even that it ended; never returns."""
        with suppress(OSError):
            while await self._loop.sock_recv(source, CHUNK):
                pass
        await asyncio.Event().wait()  # until it is cancelled


def _reset_on_close(*ends: socket.socket) -> None:
    """Make close() send RST and not FIN."""
    for end in ends:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
