"""Each fault of the proxy, as a plain client sees it."""

from __future__ import annotations

import socket
import socketserver
import threading
import time
from contextlib import closing

import pytest
from proxy import FaultProxy
from support import wait_until


class _Echo(socketserver.BaseRequestHandler):
    def handle(self):
        try:
            while received := self.request.recv(65536):
                self.request.sendall(received)
            self.server.left += 1
        except ConnectionError:
            self.server.resets += 1


class _EchoServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    resets = left = 0


@pytest.fixture
def server():
    with _EchoServer(("127.0.0.1", 0), _Echo) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.02,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def proxy(server):
    with FaultProxy(*server.server_address, delay=0.3, drip=0.01) as running:
        yield running


@pytest.fixture
def client(proxy):
    with connect(proxy) as connected:
        assert echo(connected, b"before") == b"before"
        yield connected


def connect(proxy, timeout=5.0):
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=timeout)


def receive(client, size):
    received = b""
    while len(received) < size and (chunk := client.recv(size - len(received))):
        received += chunk
    return received


def echo(client, said):
    client.sendall(said)
    return receive(client, len(said))


def is_silent(client, within=0.3):
    client.settimeout(within)
    try:
        client.recv(1)
    except TimeoutError:
        return True
    finally:
        client.settimeout(5)
    return False


def test_good_forwards_everything_both_ways_and_its_end(client):
    much = bytes(range(256)) * 4096
    sender = threading.Thread(target=client.sendall, args=(much,))
    sender.start()
    assert receive(client, len(much)) == much
    sender.join()
    client.shutdown(socket.SHUT_WR)
    assert client.recv(1) == b""


def test_cut_closes_what_there_is_and_refuses_what_comes(proxy, client):
    proxy.mode = "cut"
    assert client.recv(1) == b""
    assert proxy.connections == 0
    with pytest.raises(ConnectionRefusedError):
        connect(proxy)


def test_the_port_is_the_same_after_a_cut(proxy, client):
    for _ in range(3):
        proxy.mode = "cut"
        proxy.mode = "good"
        with connect(proxy) as again:
            assert echo(again, b"again") == b"again"


def test_half_open_accepts_and_says_nothing(proxy, client):
    proxy.mode = "half_open"
    client.sendall(b"lost")
    assert is_silent(client)
    with connect(proxy) as late:
        late.sendall(b"lost too")
        assert is_silent(late)


def test_a_connection_that_lost_bytes_stays_mute_and_new_ones_are_forwarded(proxy, client):
    proxy.mode = "half_open"
    client.sendall(b"lost")
    assert is_silent(client)
    proxy.mode = "good"
    client.sendall(b"still lost")
    assert is_silent(client)
    with connect(proxy) as fresh:
        assert echo(fresh, b"heard") == b"heard"


def test_a_connection_that_lost_nothing_goes_on_after_half_open(proxy, client):
    proxy.mode = "half_open"
    time.sleep(0.1)
    proxy.mode = "good"
    assert echo(client, b"heard") == b"heard"


def test_half_open_does_not_tell_the_server_that_the_client_left(proxy, client):
    proxy.mode = "half_open"
    client.close()
    time.sleep(0.2)
    assert proxy.connections == 1


def test_half_open_ends_for_the_server_alone_when_its_keepalives_would_fail(server):
    with FaultProxy(*server.server_address, keepalives=0.3) as proxy, connect(proxy) as client:
        assert echo(client, b"before") == b"before"
        assert server.left == 0
        proxy.mode = "half_open"
        client.sendall(b"lost")
        wait_until(lambda: server.left == 1)
        assert is_silent(client)


def test_reset_resets_both_ends_of_what_there_is_and_forwards_what_comes(proxy, client, server):
    proxy.mode = "reset"
    with pytest.raises(ConnectionResetError):
        client.recv(1)
    wait_until(lambda: server.resets == 1)
    with connect(proxy) as fresh:
        assert echo(fresh, b"heard") == b"heard"
        proxy.mode = "reset"
        with pytest.raises(ConnectionResetError):
            fresh.recv(1)


def test_delay_holds_what_is_said_and_keeps_its_order(proxy, client):
    proxy.mode = "delay"
    began = time.monotonic()
    client.sendall(b"one ")
    time.sleep(0.05)
    client.sendall(b"two")
    assert receive(client, 7) == b"one two"
    assert time.monotonic() - began >= 2 * proxy.delay  # there and back


def test_drip_gives_single_bytes_slowly(proxy, client):
    proxy.mode = "drip"
    began = time.monotonic()
    client.sendall(b"0123456789" * 3)
    chunks = []
    while sum(map(len, chunks)) < 30:
        chunks.append(client.recv(100))
    assert b"".join(chunks) == b"0123456789" * 3
    assert time.monotonic() - began >= 0.9 * 30 * proxy.drip  # a timer may ring a little early
    assert len(chunks) >= 15  # a slow reader may find two at once


def test_what_is_left_of_a_drip_comes_at_once_when_the_proxy_is_good_again(proxy, client):
    proxy.drip = 1.0
    proxy.mode = "drip"
    client.sendall(b"0" * 1000)
    assert client.recv(1) == b"0"
    proxy.mode = "good"
    assert receive(client, 999) == b"0" * 999


def test_a_server_that_is_down_shows_as_a_reset(proxy, server):
    server.socket.close()
    with connect(proxy) as client, pytest.raises(ConnectionResetError):
        client.recv(1)


@pytest.mark.parametrize("mode", ["good", "half_open", "delay", "drip"])
def test_leaving_waits_for_nobody(server, mode):
    with FaultProxy(*server.server_address, delay=60, drip=60) as proxy:
        proxy.mode = mode
        client = connect(proxy)
        client.sendall(b"0" * 100)
        wait_until(lambda: proxy.connections == 1)
        began = time.monotonic()
    with closing(client):
        assert time.monotonic() - began < 2


def test_an_unknown_mode_is_refused(proxy):
    with pytest.raises(AssertionError, match="none of"):
        proxy.mode = "broken"
