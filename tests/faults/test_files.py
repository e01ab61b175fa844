"""Files on their way while the web dies or their disk is full: a 201 is kept, whole, or nothing."""

from __future__ import annotations

import time
from contextlib import closing, contextmanager
from datetime import timedelta
from types import SimpleNamespace

import pytest
import uploads
from services import small_disk
from sqlalchemy import select
from support import wait_until
from test_disk import fill
from test_kill import kill_a_web_worker, kill_the_web

from gateway.assembly import assemble, utc_now
from gateway.attachments.contents import key
from gateway.tables import attachment, journal

LATER = timedelta(hours=25)


@contextmanager
def citizens(load):
    """Let some send photos until the block ends; then each ends what it began."""
    told = uploads.Told()
    every = [uploads.Citizen(load, told, n, by_form=n == 2) for n in range(3)]
    for citizen in every:
        citizen.go_on()
    try:
        yield told
        for citizen in every:
            citizen.hold()
        for citizen in every:
            citizen.wait_for_rest(within=60)
        assert all(citizen.is_alive() for citizen in every), "a citizen died"
    finally:
        for citizen in every:
            citizen.end()


def contents_of(gateway, numbers):
    """Give the content of the one file that each of these reports has."""
    wanted = select(journal.c.number, attachment.c.sha256).join(
        attachment, attachment.c.journal_id == journal.c.id
    )
    with assembled(gateway) as made, made.store.read() as connection:
        rows = connection.execute(wanted.where(journal.c.number.in_(numbers))).all()
    assert sorted(row.number for row in rows) == sorted(numbers)
    return [row.sha256 for row in rows]


@contextmanager
def assembled(gateway):
    """Put the gateway's parts together in this process, a day later."""
    made = assemble(gateway.settings)
    made.attachments._clock = lambda: utc_now() + LATER
    with closing(SimpleNamespace(close=made.store.close_engine)):
        yield made


def collect(gateway, folder):
    """Collect a day later; gives what the disk has then, and what it should have."""
    with assembled(gateway) as made:
        while made.attachments.collect(timedelta(hours=24)):
            pass
        with made.store.read() as connection:
            rows = connection.execute(select(attachment).where(attachment.c.sha256.is_not(None)))
            right = {key(row.sha256, row.id.hex) for row in rows}
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    return there, right


@pytest.mark.slow
@pytest.mark.parametrize("installation", ["embedded"], indirect=True)
@pytest.mark.parametrize("victim", [kill_the_web, kill_a_web_worker])
def test_every_file_that_was_taken_is_whole_whenever_the_web_is_killed(installation, trial, victim):
    gateway = installation.gateway
    what = {kill_the_web: "the web", kill_a_web_worker: "a web worker"}[victim]
    with trial(f"kill -9: {what}, photos on their way", short=3, long=12) as under_load:
        with citizens(installation.load) as told:
            for _ in under_load.times():
                wait_until(gateway.is_alive, within=30)
                since, so_far = time.monotonic(), len(told.contents)
                victim(installation)
                under_load.recovered(since)
                wait_until(lambda so_far=so_far: len(told.contents) > so_far, within=60)
        wait_until(lambda: told.forms, within=1)
    for content in [*told.contents, *contents_of(gateway, told.forms)]:
        assert uploads.is_whole(uploads.read(gateway, content), content)
    there, right = collect(gateway, gateway.var / "attachments")
    assert there == right
    assert list((gateway.var / "spool").iterdir()) == []


@pytest.mark.slow
def test_a_full_disk_of_files_refuses_files_kindly_and_no_report(gateway, tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    gateway.environment["LAPOR_ATTACHMENTS_URL"] = f"file://{folder}"
    with small_disk(folder, "3m"):
        gateway.serve()
        taken = [uploads.upload(gateway, uploads.photo(1)).json()]
        filler = folder / "filler"
        fill(filler)
        refused = uploads.upload(gateway, uploads.photo(2))
        assert (refused.status, refused.headers["Content-Type"]) == (
            503,
            "application/problem+json",
        )
        assert int(refused.headers["Retry-After"]) > 0
        told = uploads.fill(gateway, "Lampu padam.", uploads.photo(3))
        assert told.status == 503
        assert uploads.KIND_WORDS[0].encode() in told.body
        assert b"Lampu padam." in told.body
        token, cookie = uploads.fill(gateway, "Lampu padam.").body.decode().split()
        assert uploads.confirm(gateway, token, cookie).status == 200
        assert not list(folder.rglob("*.partial"))
        filler.unlink()
        taken.append(uploads.upload(gateway, uploads.photo(4)).json())
        for stored in taken:
            complaint = {**uploads.TYPED, "body": stored["id"], "attachments": [stored["id"]]}
            assert gateway.file(complaint, stored["id"]).status == 201
            answer = uploads.read(gateway, stored["sha256"])
            assert uploads.is_whole(answer, stored["sha256"])
        there, right = collect(gateway, folder)
        assert there == right
