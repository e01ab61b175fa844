"""The real gateway behind a real nginx, with the configuration that is shipped.

Only ports, paths and the user of the file are replaced; every time-out and limit is the shipped
one. Callers are told apart by loopback addresses: 127.0.0.1 is a carrier, the others strangers.
"""

from __future__ import annotations

import getpass
import http.client
import json
import os
import re
import selectors
import shlex
import signal
import socket
import sqlite3
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil
import pytest
from support import PHONE, ROOT, Answer, RealGateway, free_port, need, real_gateway, wait_until

from channels.base import Overloaded

SHIPPED = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
CARRIER, STRANGER = "127.0.0.1", "127.0.0.9"
TOKEN = "invented-token-of-a-carrier"
# `near` may be called from the carrier's address alone, `far` from nowhere near.
SETTINGS = f"""
public_url = "https://lapor-gateway.example.go.id"
[web]
proxy_hops = 1
[intake]
patience = 1.0
replies_a_day = 1000000
[sources.near]
adapter = "sms.kannel"
tokens = ["{TOKEN}"]
allow_from = ["{CARRIER}/32"]
[sources.far]
adapter = "sms.kannel"
tokens = ["{TOKEN}"]
allow_from = ["203.0.113.7/32"]
"""
CUT_OFF = 10.0  # seconds: client_header_timeout and client_body_timeout
SLACK = 5.0  # seconds that a busy machine may be late


def shipped(pattern: str) -> int:
    """Read a number from the shipped file."""
    (number,) = re.findall(pattern, SHIPPED)
    return int(number)


# --- nginx -------------------------------------------------------------------------------


@dataclass
class Nginx:
    """An nginx of our own before a gateway."""

    folder: Path
    port: int
    gateway: RealGateway

    @property
    def front(self) -> RealGateway:
        """The gateway as its callers reach it."""
        return replace(self.gateway, port=self.port)

    def access_log(self) -> list[dict[str, Any]]:
        lines = (self.folder / "access.log").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def logged(self, end: str) -> dict[str, Any]:
        """Wait for the line of a request by the end of its path; the last one, if several."""

        def found() -> list[dict[str, Any]]:
            return [line for line in self.access_log() if line["path"].endswith(end)]

        wait_until(found)
        return found()[-1]

    def written(self) -> bytes:
        """Give everything nginx has written anywhere."""
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        return b"".join(path.read_bytes() for path in files if path.suffix != ".conf")

    def connections_to_gunicorn(self) -> int:
        found = psutil.net_connections("tcp")
        return sum(
            bool(one.raddr) and one.raddr.port == self.gateway.port and one.status == "ESTABLISHED"
            for one in found
        )


def the_config(folder: Path, listen: str, port: int) -> str:
    """Put ports and paths of our own into the shipped file."""
    own = [f"{name}_temp_path {folder}/{name};" for name in ("proxy", "fastcgi", "uwsgi", "scgi")]
    ours = {
        "user www-data;": f"user {getpass.getuser()};" if os.geteuid() == 0 else "",
        "pid /run/nginx.pid;": f"pid {folder}/nginx.pid;",
        "/var/log/nginx/error.log": f"{folder}/error.log",
        "/var/log/nginx/access.log": f"{folder}/access.log",
        "http {\n": "\n".join(["http {", f"client_body_temp_path {folder}/body;", *own, ""]),
        "127.0.0.1:8000": f"127.0.0.1:{port}",
        "listen 80 default_server backlog=4096;": f"listen {listen};",
    }
    config = SHIPPED
    for theirs, our in ours.items():
        assert theirs in config, theirs
        config = config.replace(theirs, our)
    return config


@contextmanager
def running(folder: Path, config: str, port: int) -> Iterator[None]:
    path = folder / "nginx.conf"
    path.write_text(config)
    with (folder / "stderr.log").open("wb") as out:
        process = subprocess.Popen(
            [need("nginx"), "-c", path, "-p", folder, "-e", "stderr", "-g", "daemon off;"],
            stdin=subprocess.DEVNULL,
            stderr=out,
            start_new_session=True,
        )
    try:
        wait_until(lambda: process.poll() is not None or listens(port))
        assert process.poll() is None, (folder / "stderr.log").read_text()
        yield
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=20)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def nginx(tmp_path_factory) -> Iterator[Nginx]:
    """One gateway and one nginx for all tests here."""
    need("nginx")
    folder = tmp_path_factory.mktemp("nginx")
    settings = folder / "settings.toml"
    settings.write_text(SETTINGS)
    own = folder / "nginx"
    own.mkdir()
    with real_gateway(folder / "gateway", LAPOR_CONFIG=str(settings)) as gateway:
        gateway.serve()
        port = free_port()
        with running(own, the_config(own, str(port), gateway.port), port):
            yield Nginx(own, port, gateway)


# --- callers -----------------------------------------------------------------------------


def ask(
    port: int,
    path: str,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    caller: str = CARRIER,
) -> Answer:
    """Send a request from an address of one's own."""
    connection = http.client.HTTPConnection(
        "127.0.0.1", port, timeout=40, source_address=(caller, 0)
    )
    with closing(connection):
        connection.request("GET" if body is None else "POST", path, body, dict(headers or {}))
        answer = connection.getresponse()
        return Answer(answer.status, answer.read(), dict(answer.getheaders()))


def path_of_an_sms(source: str, name: str) -> str:
    query = {"token": TOKEN, "id": name, "from": PHONE, "to": "1708", "ts": "1795304263"}
    return f"/in/{source}?{urlencode(query)}"


class Drip:
    """Connections that send an octet now and then, and note when they are cut off."""

    def __init__(self, port: int, head: bytes, callers: list[str], every: float = 0.5):
        self._every = every
        self._drips, self._ends = True, False
        self._selector = selectors.DefaultSelector()
        self.answers: dict[socket.socket, bytes] = {}
        self.cut: list[float] = []  # when, on the monotonic clock
        for caller in callers:
            slow = socket.create_connection(("127.0.0.1", port), 10, source_address=(caller, 0))
            slow.sendall(head)
            slow.setblocking(False)
            self._selector.register(slow, selectors.EVENT_READ)
            self.answers[slow] = b""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def open(self) -> int:
        return len(self.answers) - len(self.cut)

    def pause(self) -> float:
        """Send no more; gives when."""
        self._drips = False
        return time.monotonic()

    def close(self) -> None:
        self._ends = True
        self._thread.join()
        for slow in self.answers:
            slow.close()

    def _run(self) -> None:
        due = time.monotonic()
        while not self._ends:
            for key, _ in self._selector.select(0.1):
                self._hear(key.fileobj)
            if self._drips and time.monotonic() >= due:
                due = time.monotonic() + self._every
                for key in list(self._selector.get_map().values()):
                    self._send(key.fileobj)

    def _hear(self, slow: socket.socket) -> None:
        try:
            heard = slow.recv(4096)
        except OSError:
            heard = b""
        self.answers[slow] += heard
        if not heard:
            self._end(slow)

    def _send(self, slow: socket.socket) -> None:
        try:
            slow.send(b"a")
        except OSError:
            self._end(slow)

    def _end(self, slow: socket.socket) -> None:
        self._selector.unregister(slow)
        self.cut.append(time.monotonic())


HEADER = b"POST /in/near HTTP/1.1\r\nHost: lapor\r\nX-Drip: "
BODY = b"POST /in/near HTTP/1.1\r\nHost: lapor\r\nContent-Length: 100000\r\n\r\n"


@contextmanager
def dripping(port: int, head: bytes, callers: list[str]) -> Iterator[Drip]:
    with closing(Drip(port, head, callers)) as drip:
        yield drip


def timed(send: Callable[[], Answer]) -> tuple[int, float]:
    started = time.monotonic()
    status = send().status
    return status, time.monotonic() - started


# --- what passes through -----------------------------------------------------------------


def test_sms_of_twilio_and_kannel_are_accepted_through_nginx(nginx):
    by_twilio = nginx.front.sms("Jalan berlubang di depan pasar")
    by_kannel = ask(nginx.port, path_of_an_sms("near", "one"), body=b"Lampu jalan padam")

    assert by_twilio.status == 200
    assert b"diterima dengan nomor" in by_twilio.body
    assert by_kannel.status == 200
    assert b"diterima dengan nomor" in by_kannel.body


def test_octets_of_a_query_reach_the_gateway_as_they_were_sent(nginx):
    # Kannel's get-url: octets of no charset in particular; a proxy that "mends" them changes texts.
    text = "Kepala desa: Señor André + 100% //a/../b"
    octets = "".join(f"%{octet:02x}" for octet in text.encode("latin-1"))
    path = path_of_an_sms("near", "octets") + f"&charset=8-BIT&text={octets}"
    answer = ask(nginx.port, path)
    again = ask(nginx.gateway.port, path, headers={"X-Forwarded-For": CARRIER})

    assert answer.status == 200
    assert b"diterima dengan nomor" in answer.body
    assert again.body == answer.body  # the same bytes without nginx are known as the same


def test_the_gateways_own_503_passes_in_its_providers_words(nginx):
    with busy_store(nginx.gateway):
        busy = ask(nginx.port, path_of_an_sms("near", "busy"), body=b"Air keruh")
    after = ask(nginx.port, path_of_an_sms("near", "busy"), body=b"Air keruh")

    assert busy.status == 503
    assert busy.body == Overloaded.title.encode()  # Kannel's dialect, not nginx's JSON
    assert busy.headers["Retry-After"] == str(Overloaded.retry_after)
    assert after.status == 200


@contextmanager
def busy_store(gateway: RealGateway) -> Iterator[None]:
    """Hold the store's write lock, from outside the gateway."""
    with closing(sqlite3.connect(gateway.store_path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")


def test_a_body_of_the_largest_size_passes_and_one_octet_more_does_not(nginx):
    most = nginx.gateway.settings.web.max_body
    headers = {"Content-Type": "application/json"}

    largest = ask(nginx.port, "/v1/complaints", body=b"x" * most, headers=headers)
    larger = ask(nginx.port, "/v1/complaints", body=b"x" * (most + 1), headers=headers)

    assert largest.status == 400  # read by the gateway, which finds no JSON in it
    assert larger.status == 413
    assert larger.headers["Content-Type"] == "application/problem+json"
    assert larger.json()["status"] == 413


def test_without_a_gateway_callers_are_asked_to_come_again(nginx):
    web = nginx.gateway.processes["serve"]
    os.killpg(web.pid, signal.SIGTERM)
    web.wait(timeout=30)
    try:
        by_twilio = nginx.front.sms("Pohon tumbang menimpa warung", sid="SM" + "0" * 32)
        by_kannel = ask(nginx.port, path_of_an_sms("near", "away"), body=b"Pohon tumbang")
    finally:
        nginx.gateway.serve()
    again = ask(nginx.port, path_of_an_sms("near", "away"), body=b"Pohon tumbang")

    for answer in (by_twilio, by_kannel):
        assert answer.status == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.json()["status"] == 503
    assert again.status == 200
    assert b"diterima dengan nomor" in again.body


# --- who calls ---------------------------------------------------------------------------


def test_the_client_address_is_who_connects_and_not_what_a_caller_claims(nginx):
    forged = {"X-Forwarded-For": "203.0.113.7", "Forwarded": "for=203.0.113.7"}

    honest = ask(nginx.port, path_of_an_sms("near", "honest"), body=b"Satu")
    claims = ask(nginx.port, path_of_an_sms("near", "claims"), body=b"Dua", headers=forged)
    elsewhere = ask(nginx.port, path_of_an_sms("near", "x"), body=b"Tiga", caller=STRANGER)
    by_claim = ask(nginx.port, path_of_an_sms("far", "x"), body=b"Empat", headers=forged)
    by_both = ask(
        nginx.port,
        path_of_an_sms("near", "y"),
        body=b"Lima",
        headers={"X-Forwarded-For": CARRIER},
        caller=STRANGER,
    )

    assert (honest.status, claims.status) == (200, 200)
    assert (elsewhere.status, by_claim.status, by_both.status) == (403, 403, 403)


@pytest.mark.parametrize("path", ["/readyz", "//readyz", "/%72eadyz", "/in/../readyz", "/metrics"])
def test_what_is_for_operators_is_not_there_for_strangers(nginx, path):
    refused = ask(nginx.port, path, caller=STRANGER)
    seen = nginx.logged(path.rpartition("/")[2].replace("%72", "r"))

    assert refused.status == 404
    assert seen["status"] == 404
    assert seen["upstream_status"] == ""  # it did not reach the gateway


def test_a_probe_may_ask_whether_the_gateway_is_ready(nginx):
    assert ask(nginx.port, "/readyz").body == b"ready\n"


# --- slow callers ------------------------------------------------------------------------


@pytest.mark.slow
def test_six_hundred_dripping_connections_delay_no_citizen_and_are_cut_off(nginx):
    strangers = [f"127.0.0.{last}" for last in (10, 11, 12) for _ in range(100)]
    already = requests_seen(nginx.gateway)
    with (
        dripping(nginx.port, HEADER, strangers) as headers,
        dripping(nginx.port, BODY, strangers) as bodies,
    ):
        started = time.monotonic()
        took = []
        while time.monotonic() - started < CUT_OFF / 2:
            name = f"meanwhile-{len(took)}"
            took += [
                timed(lambda: nginx.front.sms("Jembatan ambrol")),
                timed(lambda name=name: ask(nginx.port, path_of_an_sms("near", name), body=b"x")),
            ]
            time.sleep(0.05)
        assert (headers.open, bodies.open) == (300, 300)
        assert nginx.connections_to_gunicorn() < 100
        # Headers drip on, and are cut off all the same; of bodies it is the pause that counts.
        paused = bodies.pause()
        wait_until(lambda: not headers.open and not bodies.open, within=CUT_OFF + SLACK)

    assert len(took) >= 20
    assert {status for status, _ in took} == {200}
    assert max(seconds for _, seconds in took) < 2
    assert max(headers.cut) < started + CUT_OFF + SLACK
    assert max(bodies.cut) < paused + CUT_OFF + SLACK
    assert requests_seen(nginx.gateway) - already == len(took)  # gunicorn knows of no other
    seconds = sorted(seconds for _, seconds in took)
    print(  # with -s
        f"\n{len(took)} requests beside 600 slow connections: median"
        f" {seconds[len(seconds) // 2] * 1000:.1f} ms, longest {seconds[-1] * 1000:.1f} ms;"
        f" headers cut off after {max(headers.cut) - started:.1f} s,"
        f" bodies {max(bodies.cut) - paused:.1f} s after their last octet"
    )


def requests_seen(gateway: RealGateway) -> int:
    return gateway.log_of("serve").count('"path": "/in/')


def test_one_stranger_has_only_so_many_places_and_takes_none_from_others(nginx):
    places = shipped(r"limit_conn strangers (\d+);")
    with dripping(nginx.port, BODY, [STRANGER] * (places + 20)) as drip:
        wait_until(lambda: sum(map(bool, drip.answers.values())) == 20)
        good = ask(nginx.port, path_of_an_sms("near", "beside"), body=b"Sawah kering")
        refused = [answer for answer in drip.answers.values() if answer]

    assert good.status == 200
    assert len(refused) == 20
    for answer in refused:
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"\r\nRetry-After: " in answer


# --- what is written down ----------------------------------------------------------------


def test_nothing_nginx_writes_holds_a_query_a_text_or_a_user_agent(nginx):
    secret = {"User-Agent": "Ponsel-Warga/1.0", "Referer": "https://x.example/?a=Ponsel-Warga"}
    private = [TOKEN, "81234500017", "Ponsel-Warga", "Rahasia-sekali", "token="]
    text = b"Rahasia-sekali " * 8000  # longer than what is kept in memory

    ask(nginx.port, path_of_an_sms("near", "log"), body=b"Rahasia-sekali", headers=secret)
    ask(nginx.port, path_of_an_sms("near", "long"), body=text, headers=secret)
    ask(nginx.port, path_of_an_sms("near", "x" * 9000), body=b"", headers=secret)
    ask(nginx.port, path_of_an_sms("near", "big"), body=b"x" * 1_100_000, headers=secret)
    with closing(socket.create_connection(("127.0.0.1", nginx.port))) as cut_short:
        cut_short.sendall(f"POST {path_of_an_sms('near', 'cut')} HTTP/1.1\r\nHost: a\r\n".encode())
    web = nginx.gateway.processes["serve"]
    os.killpg(web.pid, signal.SIGTERM)
    web.wait(timeout=30)
    try:  # nginx's own error messages quote the request line
        away = ask(nginx.port, path_of_an_sms("near", "away"), body=b"x", headers=secret)
    finally:
        nginx.gateway.serve()

    assert away.status == 503
    written = nginx.written()
    assert [word for word in private if word.encode() in written] == []
    lines = nginx.access_log()
    assert {"/in/near"} <= {line["path"] for line in lines}
    assert {200, 413, 414, 503} <= {line["status"] for line in lines}


def test_a_carriers_address_is_logged_and_a_citizens_is_not(nginx):
    ask(nginx.port, path_of_an_sms("near", "logged"), body=b"Selokan mampet")
    ask(nginx.port, "/v1/complaints/0000-000-000", caller="127.0.0.77")

    assert nginx.logged("/v1/complaints/0000-000-000")["caller"] == ""
    assert nginx.logged("/in/near")["caller"] == CARRIER
    assert b"127.0.0.77" not in nginx.written()


@pytest.mark.parametrize(
    "path",
    [
        "/laporan/0000-000-000/a-secret-link",
        "/laporan/0000-000-000/%61-secret-link/",
        "//laporan//0000-000-000//a-secret-link",
        "/laporan/periksa/a-secret-link.of.a-draft",
    ],
)
def test_what_opens_a_citizens_own_page_is_in_no_log(nginx, path):
    for body in (None, b""):
        ask(nginx.port, path, body=body, caller=STRANGER)
        ask(nginx.gateway.port, path, body=body)
    own_log = nginx.gateway.log_of("serve")
    assert '"path": "/laporan/' in own_log or '"path": "//laporan/' in own_log
    assert "secret-link" not in own_log
    assert nginx.logged("/-")["path"].startswith("/laporan/")
    assert b"secret-link" not in nginx.written()


def test_no_answer_of_nginx_names_its_version(nginx):
    for path in ("/livez", "/readyz", "/" + "x" * 9000):
        answer = ask(nginx.port, path, caller=STRANGER)
        assert answer.headers.get("Server", "nginx") == "nginx"
        assert b"nginx/" not in answer.body


# --- https -------------------------------------------------------------------------------


def test_https_works_once_its_lines_are_turned_on(nginx, tmp_path):
    key, certificate = tmp_path / "privkey.pem", tmp_path / "fullchain.pem"
    of_localhost = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    new = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    subprocess.run(
        [need("openssl"), *new, *of_localhost, "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )
    plain, secure = free_port(), free_port()
    (turn_on,) = re.findall(r"^# +sed -i (-e .*) nginx\.conf$", SHIPPED, re.MULTILINE)
    path = tmp_path / "shipped.conf"
    path.write_text(the_config(tmp_path, "80", nginx.gateway.port))
    subprocess.run(["sed", "-i", *shlex.split(turn_on), path], check=True)
    config = path.read_text()
    for theirs, ours in {
        "listen 443 ssl default_server backlog=4096;": f"listen {secure} ssl;",
        "listen 80 default_server;": f"listen {plain};",
        "/etc/ssl/lapor": str(tmp_path),
    }.items():
        assert theirs in config
        config = config.replace(theirs, ours)

    with ExitStack() as stack:
        stack.enter_context(running(tmp_path, config, secure))
        trusting = ssl.create_default_context(cafile=certificate)
        connection = http.client.HTTPSConnection("localhost", secure, context=trusting, timeout=20)
        stack.enter_context(closing(connection))
        connection.request("POST", path_of_an_sms("near", "tls"), b"Jalan rusak")
        answer = connection.getresponse()
        text = answer.read()
        page = ask(plain, "/docs")
        leaked = ask(plain, path_of_an_sms("near", "plain"), body=b"Jalan rusak")

    assert answer.status == 200
    assert b"diterima dengan nomor" in text
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
    assert page.status == 308
    assert page.headers["Location"].startswith("https://")
    assert leaked.status == 403


# --- what belongs together ---------------------------------------------------------------


def test_nginx_takes_bodies_as_large_as_the_gateway_does(nginx):
    conf = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    settings = nginx.gateway.settings
    texts, form, file = (
        int(megabytes) * 1024 * 1024
        for megabytes in re.findall(r"^\s+client_max_body_size (\d+)m;", conf, re.MULTILINE)
    )

    assert texts == settings.web.max_body
    assert form > 2 * settings.attachments.most * settings.attachments.largest
    assert file > settings.attachments.largest


def test_nginx_gives_up_after_the_gateway_and_after_gunicorn(nginx):
    conf = (ROOT / "config" / "gunicorn.conf.py").read_text("utf-8")
    defaults = (ROOT / "config" / "default.toml").read_text("utf-8")
    nginx_waits = shipped(r"proxy_read_timeout (\d+)s;")
    kept_idle = shipped(r"\bupstream lapor \{[^}]*keepalive_timeout (\d+)s;")

    assert nginx_waits > int(re.search(r"^timeout = (\d+)", conf, re.MULTILINE)[1])
    assert nginx_waits > float(re.search(r"^patience = ([\d.]+)", defaults, re.MULTILINE)[1])
    assert kept_idle < int(re.search(r"^keepalive = (\d+)", conf, re.MULTILINE)[1])
