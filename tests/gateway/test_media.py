"""Files at providers: fetched later from where their source says, and from nowhere else."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address

import files
import pytest
import trustme
import uuid6
from sqlalchemy import select
from support import a_message

from channels.base import Attachment
from gateway import deadletters, joining, lost, metrics
from gateway.attachments import rows
from gateway.attachments.attachments import Attachments
from gateway.attachments.contents import Contents
from gateway.attachments.inspecting import Inspector
from gateway.counters import Counters
from gateway.fetching import Fetcher, NotFetched, Place, is_public
from gateway.media import Limits, Media
from gateway.publishing import Publisher
from gateway.queue import EmbeddedOutbox
from gateway.tables import attachment, event
from gateway.tables import media as table

HOST = "media.test"
LARGEST = 200_000


class Provider:
    """A provider's HTTPS server: `answers` by path are (status, headers, body or callable)."""

    def __init__(self, authority):
        self.answers, self.asked = {}, []
        provider = self

        class Answering(BaseHTTPRequestHandler):
            def do_GET(self):
                provider.asked.append((self.path, dict(self.headers)))
                status, headers, body = provider.answers.get(self.path, (404, {}, b""))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if callable(body):
                    self.end_headers()
                    with suppress(OSError):  # hung up on, as it should be
                        body(self)
                    return
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(HOST).configure_cert(context)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_port
        serving = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        serving.start()

    def url(self, path):
        return f"https://{HOST}:{self.port}{path}"


class Door:
    """A channel whose files are at the provider."""

    def __init__(self, *media_from):
        self.media_from = media_from

    def media_proof(self, url):
        if "/breaks/" in url:
            raise ZeroDivisionError("a bug in a door")
        return {"Authorization": "Basic secret"} if "/api/" in url else {}


@pytest.fixture(scope="session")
def authority():
    return trustme.CA()


@pytest.fixture
def provider(authority):
    made = Provider(authority)
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def trust(authority):
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def a_fetcher(trust, *, found=("127.0.0.1",), patience=2.0, longest=5.0, may_reach=None):
    return Fetcher(
        patience=patience,
        longest=longest,
        find=lambda _host, _port: list(found),
        may_reach=may_reach or (lambda of: of == ip_address("127.0.0.1")),
        trust=trust,
    )


@pytest.fixture
def attachments(store, clock, tmp_path):
    return Attachments(
        store,
        Contents(f"file://{tmp_path / 'kept'}"),
        Inspector(at_once=2, patience=20.0),
        clock=clock,
        largest=1000,
        spool=tmp_path / "spool",
    )


@pytest.fixture
def fetching(store, attachments, clock, provider, trust):
    return Media(
        store,
        attachments,
        Publisher(
            EmbeddedOutbox(), Counters(), public_url="https://lapor.example", new_id=uuid6.uuid7
        ),
        {"twilio": Door(f"https://{HOST}:{provider.port}/")},
        a_fetcher(trust),
        clock=clock,
        limits=Limits(LARGEST, timedelta(hours=24)),
    )


def with_files(*urls, **changed):
    there = tuple(Attachment("image/jpeg", url) for url in urls)
    return replace(a_message(attachments=there, **changed), source="twilio", provider="twilio")


def work_off(processing):
    while processing.run_once():
        pass


def fetch_all(fetching, most=50):
    for _ in range(most):
        if fetching.run_once():
            return
    raise AssertionError("it never comes to rest")


def events(store):
    with store.read() as connection:
        found = connection.execute(select(event.c.type, event.c.body).order_by(event.c.id)).all()
    return [(of.type.split(".")[-2], json.loads(of.body)["data"]) for of in found]


def state(store):
    with store.read() as connection:
        return connection.execute(select(table)).one()


def test_a_picture_at_the_provider_comes_into_the_record_and_to_consumers(
    intake, processing, store, fetching, provider, attachments
):
    provider.answers["/foto"] = (200, {}, files.a_picture(size=(160, 120)))
    intake.accept([with_files(provider.url("/foto"))])
    work_off(processing)
    fetch_all(fetching)
    (received, first), (amended, then) = events(store)
    assert (received, amended) == ("received", "amended")
    assert (first["revision"], then["revision"]) == (1, 2)
    assert "media_pending" in first["flags"]
    assert "media_pending" not in then["flags"]
    (before,), (file,) = first["attachments"], then["attachments"]
    assert before["verdict"] == "not_fetched"
    assert file["verdict"] == "clean"
    assert file["id"] == before["id"]
    with store.read() as connection:
        key, media_type, number = rows.of_content(connection, file["sha256"])
    assert (media_type, number) == ("image/jpeg", then["number"])
    with attachments.open(key) as kept:
        assert len(kept.read()) == file["size"]
    assert attachments.collect(timedelta(0)) == 0


def test_each_of_several_files_takes_its_own_place(intake, processing, store, fetching, provider):
    provider.answers["/a"] = (200, {}, files.a_picture())
    provider.answers["/c"] = (200, {}, files.a_picture("PNG"))
    intake.accept([with_files(*map(provider.url, ("/a", "/b", "/c")))])
    work_off(processing)
    fetch_all(fetching)
    last = events(store)[-1][1]
    told = [(file["verdict"], file["media_type"]) for file in last["attachments"]]
    assert told[0] == ("clean", "image/jpeg")
    assert told[1] == ("not_fetched", "image/jpeg")  # 404: it may still come
    assert told[2] == ("clean", "image/png")
    assert "media_pending" in last["flags"]


def test_the_proof_goes_to_the_provider_alone_and_no_further(
    intake, processing, store, fetching, provider
):
    provider.answers["/api/1"] = (307, {"Location": provider.url("/cdn/1")}, b"")
    provider.answers["/cdn/1"] = (200, {}, files.a_picture())
    intake.accept([with_files(provider.url("/api/1"))])
    work_off(processing)
    fetch_all(fetching)
    proofs = [headers.get("Authorization") for _, headers in provider.asked]
    assert proofs == ["Basic secret", None]
    assert events(store)[-1][1]["attachments"][0]["verdict"] == "clean"


def test_a_file_that_is_too_large_is_left_where_it_is(
    intake, processing, store, fetching, provider
):
    provider.answers["/film"] = (200, {}, bytes(LARGEST + 1))
    intake.accept([with_files(provider.url("/film"))])
    work_off(processing)
    fetch_all(fetching)
    (file,) = events(store)[-1][1]["attachments"]
    assert (file["verdict"], file["sha256"]) == ("too_large", None)


@pytest.mark.parametrize("status", [404, 429, 500, 503])
def test_what_may_come_back_is_tried_again_and_given_up_after_a_day(
    status, intake, processing, store, fetching, provider, clock
):
    intake.accept([with_files(provider.url("/later"))])
    work_off(processing)
    provider.answers["/later"] = (status, {"Retry-After": "60"}, b"")
    fetch_all(fetching)
    clock.forward(seconds=59)
    fetch_all(fetching)
    assert len(provider.asked) == 1
    clock.forward(hours=25)
    fetch_all(fetching)
    assert events(store)[-1][1]["attachments"][0]["verdict"] == "unavailable"
    assert "media_pending" not in events(store)[-1][1]["flags"]


def test_an_operator_has_what_was_given_up_fetched_once_more(
    intake, processing, store, fetching, provider, clock, sqlite_store
):
    provider.answers["/gone"] = (410, {}, b"")
    intake.accept([with_files(provider.url("/gone"))])
    work_off(processing)
    fetch_all(fetching)
    (letter,) = map(deadletters._of_file, lost.find(store))
    assert (letter.where, letter.type) == ("media", "media.twilio")
    assert HOST not in letter.reason
    provider.answers["/gone"] = (200, {}, files.a_picture())
    assert list(deadletters._replay_rows(store, lambda _: True, clock())) == [letter]
    fetch_all(fetching)
    assert events(store)[-1][1]["attachments"][0]["verdict"] == "clean"
    assert lost.find(store) == []


def test_files_of_a_source_that_is_gone_are_seen_to_wait(
    intake, processing, store, fetching, provider, clock
):
    intake.accept([with_files(provider.url("/waits"))])
    work_off(processing)
    clock.forward(hours=3)
    with store.read() as connection:
        (waits,) = lost.waiting(connection, clock())
    assert (waits.source, waits.count, waits.oldest) == ("twilio", 1, timedelta(hours=3))
    page = metrics.exposition(store, clock).decode()
    assert 'lapor_media_waiting{source="twilio"} 1.0' in page
    assert 'lapor_media_age_seconds{source="twilio"} 10800.0' in page


def test_a_worker_that_dies_in_a_fetch_costs_a_second_one_and_no_file(
    intake, processing, store, fetching, provider, clock
):
    provider.answers["/foto"] = (200, {}, files.a_picture())
    intake.accept([with_files(provider.url("/foto"))])
    work_off(processing)
    first = fetching._take()
    assert first
    stored = fetching._fetch(first)
    fetch_all(fetching)  # nobody else touches it
    clock.forward(seconds=301)
    fetch_all(fetching)
    fetching._settle(first, stored.verdict, stored)  # the dead one comes back: too late
    assert [name for name, _ in events(store)] == ["received", "amended"]
    with store.read() as connection:
        claims = connection.scalars(select(attachment.c.journal_id)).all()
    assert sorted(of is None for of in claims) == [False, True]  # the first is an orphan


def test_a_file_that_something_breaks_over_stops_none_behind_it(
    intake, processing, store, fetching, provider, clock
):
    provider.answers["/foto"] = (200, {}, files.a_picture())
    intake.accept([with_files(provider.url("/breaks/"), provider.url("/foto"))])
    work_off(processing)
    fetch_all(fetching)
    last = events(store)[-1][1]
    assert [file["verdict"] for file in last["attachments"]] == ["not_fetched", "clean"]
    clock.forward(hours=25)
    fetch_all(fetching)
    (file,) = lost.find(store)
    assert file.reason == "failed: ZeroDivisionError"


def test_many_at_once_fetch_a_file_once(intake, processing, store, fetching, provider):
    provider.answers["/foto"] = (200, {}, files.a_picture())
    intake.accept([with_files(provider.url("/foto"))])
    work_off(processing)
    threads = [threading.Thread(target=fetching.run_once) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(provider.asked) == 1
    assert [name for name, _ in events(store)] == ["received", "amended"]


def test_a_file_goes_with_its_alias_when_that_is_taken_apart_again(
    intake, processing, store, fetching, provider, clock
):
    text = "Lampu jalan di Jl Melati RT 03 RW 05 Kelurahan Sukamaju padam sejak 3 November"
    provider.answers["/foto"] = (200, {}, files.a_picture())
    intake.accept([with_files(text=text)])
    work_off(processing)
    intake.accept([with_files(provider.url("/foto"), text=f"{text}, mohon diperbaiki segera")])
    work_off(processing)
    fetch_all(fetching)
    last = events(store)[-1][1]
    assert [file["verdict"] for file in last["attachments"]] == ["clean"]
    (alias,) = last["aliases"]
    with store.write() as connection:
        happened = dict(joining.separate(connection, alias, clock()))
    assert [file["verdict"] for file in happened["separation"]["attachments"]] == ["clean"]
    assert happened["amendment"]["attachments"] == []


def test_reading_a_message_again_names_its_files_alike(intake, processing, store, provider):
    intake.accept([with_files(provider.url("/foto"))])
    work_off(processing)
    (file,) = events(store)[0][1]["attachments"]
    assert str(state(store).id) == file["id"]


# --- where nothing is fetched from ----------------------------------------------------------------

NOT_PUBLIC = (
    "127.0.0.1",
    "127.1.2.3",
    "0.0.0.0",  # noqa: S104 - never reached
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1",
    "2002:7f00:1::",
    "2001:0:53aa:64c:0:0:80ff:fffe",
    "fe80::1",
    "fc00::1",
    "fd12:3456::1",
    "ff02::1",
    "2001:db8::1",
    "fec0::1",
)


@pytest.mark.parametrize("spelled", NOT_PUBLIC)
def test_no_address_but_a_public_one_is_reached(spelled, provider, trust):
    assert not is_public(ip_address(spelled))
    fetcher = a_fetcher(trust, found=["93.184.215.14", spelled], may_reach=is_public)
    refused(fetcher, provider, provider.url("/x"), "public")


@pytest.mark.parametrize("spelled", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_a_public_address_is_one(spelled):
    assert is_public(ip_address(spelled))


ELSEWHERE = (
    "http://media.test/x",
    "https://media.test/x",  # another port than the one that is named
    "https://127.0.0.1/x",
    "https://127.1/x",
    "https://2130706433/x",
    "https://0x7f000001/x",
    "https://0177.0.0.1/x",
    "https://[::1]/x",
    "https://[::ffff:127.0.0.1]/x",
    "https://169.254.169.254/latest/meta-data/",
    "https://localhost/x",
    "https://media.test.evil.example/x",
    "https://evil.example/media.test/",
    "https://media.test@evil.example/x",
    "https://user:secret@media.test/x",
    "https://evil.example#@media.test/",
    "https://evil.example\\@media.test/",
    "https://MEDIA.TEST.evil.example/",
    "file:///etc/passwd",
    "ftp://media.test/x",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "data:image/png;base64,AAAA",
    "//media.test/x",
    "/x",
    "",
    "https://",
    "https:///x",
    "https://media.test:notaport/x",
    "https://media.test:99999/x",
    "https://[media.test/x",
    "https://media.test/x\r\nHost: evil.example",
    "https://media.test/ x",
    "https://m\N{CYRILLIC SMALL LETTER IE}dia.test/x",
)


def refused(fetcher, provider, url, because="."):
    places = [Place.of(provider.url("/"))]
    with (
        pytest.raises(NotFetched, match=because) as told,
        fetcher.open(url, places, lambda _: {}) as body,
    ):
        body.read(10)
    assert told.value.final
    assert provider.asked == []


@pytest.mark.parametrize("url", ELSEWHERE)
def test_no_other_place_is_asked(url, provider, trust):
    refused(a_fetcher(trust), provider, url)


# What a header can hold and leads away; of an empty one the address stays the same.
REDIRECTS = [url for url in ELSEWHERE if url.isascii() and "\r" not in url and url.strip("htps:/")]


@pytest.mark.parametrize("url", REDIRECTS)
def test_no_redirect_leads_elsewhere(url, provider, trust):
    provider.answers["/start"] = (302, {"Location": url}, b"")
    places = [Place.of(provider.url("/start"))]
    asked = a_fetcher(trust).open(provider.url("/start"), places, lambda _: {})
    with pytest.raises(NotFetched) as told, asked as body:
        body.read(10)
    assert told.value.final
    assert len(provider.asked) == 1


def test_the_name_is_asked_once_and_the_checked_address_is_the_one_that_is_reached(provider, trust):
    provider.answers["/x"] = (200, {}, b"abc")
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])
    fetcher = Fetcher(
        patience=2.0,
        longest=5.0,
        find=lambda _host, _port: next(answers),
        may_reach=lambda of: of == ip_address("127.0.0.1"),
        trust=trust,
    )
    with fetcher.open(provider.url("/x"), [Place.of(provider.url("/"))], lambda _: {}) as body:
        assert body.read(10) == b"abc"
    assert next(answers) == ["127.0.0.2"]  # nobody asked a second time


@pytest.mark.parametrize(
    ("path", "is_there"),
    [
        ("/media.twiliocdn.com/a", True),
        ("/media.twiliocdn.com/../other/a", False),
        ("/media.twiliocdn.com/%2e%2e/other", False),
        ("/media.twiliocdn.com\\..\\a", False),
        ("/media.twiliocdn.com.evil/a", False),
        ("/", False),
    ],
)
def test_a_place_is_the_beginning_of_a_path(path, is_there):
    place = Place.of("https://s3.example/media.twiliocdn.com/")
    assert place.has("s3.example", 443, path) is is_there


def fails_kindly(trust, provider, url, **limits):
    started = time.monotonic()
    asked = a_fetcher(trust, **limits).open(url, [Place.of(provider.url("/"))], lambda _: {})
    with pytest.raises(NotFetched) as told, asked as body:
        deque(iter(lambda: body.read(1000), b""), maxlen=0)
    assert not told.value.final
    assert HOST not in str(told.value)
    return time.monotonic() - started


def test_what_comes_byte_by_byte_is_ended(provider, trust):
    def drip(answering):
        for _ in range(200):
            answering.wfile.write(b"x")
            answering.wfile.flush()
            time.sleep(0.05)

    provider.answers["/drip"] = (200, {"Content-Length": "200"}, drip)
    assert fails_kindly(trust, provider, provider.url("/drip"), longest=0.5) < 5


def test_headers_that_never_end_are_ended(provider, trust):
    def drip(answering):
        for _ in range(200):
            answering.wfile.write(b"X-More: x\r\n")
            answering.wfile.flush()
            time.sleep(0.05)

    provider.answers["/heads"] = (103, {}, drip)
    assert fails_kindly(trust, provider, provider.url("/heads"), longest=0.5) < 5


def test_a_file_that_is_cut_off_is_no_file(provider, trust):
    provider.answers["/cut"] = (200, {"Content-Length": "100"}, lambda of: of.wfile.write(b"x"))
    fails_kindly(trust, provider, provider.url("/cut"))


def test_a_certificate_that_nobody_vouches_for_is_refused(provider):
    fails_kindly(ssl.create_default_context(), provider, provider.url("/x"))
    assert provider.asked == []


def test_redirects_come_to_an_end(provider, trust):
    provider.answers["/round"] = (302, {"Location": provider.url("/round")}, b"")
    asked = a_fetcher(trust).open(
        provider.url("/round"), [Place.of(provider.url("/"))], lambda _: {}
    )
    with pytest.raises(NotFetched, match="redirects"), asked:
        pass
    assert len(provider.asked) == 5


def test_a_provider_that_is_away_is_tried_again(trust, provider):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        place = f"https://{HOST}:{port}/"
        asked = a_fetcher(trust).open(f"{place}x", [Place.of(place)], lambda _: {})
        with pytest.raises(NotFetched) as told, asked:
            pass
    assert not told.value.final
