"""`lapor normalize`, `lapor explain` and `lapor reprocess`, as the real commands."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
from sqlalchemy import select, update
from support import LAPOR, NOW, PHONE, ROOT, RealGateway, a_message

from channels.base import Command, Sender
from gateway import eventlog, schema
from gateway.assembly import assemble
from gateway.feedback import take
from gateway.identity import Identity
from gateway.reprocessing import Reprocessing
from gateway.status_event import StatusEvent
from gateway.store import Store
from gateway.tables import complaint, journal
from normalizer import reread

TEXT = "Jalan berlubang di Kecamatan Coblong Kota Bandung sejak tgl 3 November. HP 081234500099"


def line(of: object, text: object = TEXT, **more: object) -> str:
    return json.dumps({"id": of, "text": text, "received_at": "2026-11-21T10:00:00+07:00"} | more)


def normalized(given: str | bytes, folder, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "LAPOR_VAR_DIR": str(folder / "var")}
    return subprocess.run(
        [*LAPOR, "normalize", *arguments],
        cwd=ROOT,
        env=environment,
        input=given if isinstance(given, bytes) else given.encode(),
        capture_output=True,
        timeout=60,
        check=False,
    )


def records(done) -> list[dict]:
    return [json.loads(one) for one in done.stdout.splitlines()]


# --- lapor normalize ---------------------------------------------------------------------


def test_normalize_prints_the_record_of_each_line_and_needs_no_store(tmp_path):
    typed = {"title": "Lampu mati", "incident_date": "2026-11-01", "agency": "Dinas Umpama"}
    done = normalized("\n".join([line("a"), "", line(7, fields=typed)]), tmp_path)
    first, second = records(done)
    assert (done.returncode, done.stderr) == (0, b"")
    assert (first["id"], second["id"]) == ("a", 7)
    assert first["incident_date"]["value"] == "2026-11-03"
    assert first["incident_location"]["code"] == "32.73.02"
    assert "081234500099" not in done.stdout.decode()
    assert second["title"] == {"text": "Lampu mati", "origin": "reporter"}
    assert second["incident_date"]["value"] == "2026-11-01"
    assert not (tmp_path / "var" / "lapor.db").exists()


def test_normalize_goes_on_after_a_bad_line_tells_it_and_fails(tmp_path):
    bad = [
        "not JSON",
        "[1]",
        line("b", text=None),
        line("c", received_at="kemarin"),
        line("d", fields={"incident_date": "3 Maret"}),
        line("e", fields=[1]),
        "[" * 100_000,
    ]
    done = normalized("\n".join([*bad, line("last")]).encode() + b"\n\xff\xfe", tmp_path)
    errors = [json.loads(one) for one in done.stderr.splitlines()]
    assert done.returncode == 1
    assert [record["id"] for record in records(done)] == ["last"]
    assert [of["line"] for of in errors] == [1, 2, 3, 4, 5, 6, 7, 9]
    assert [of["id"] for of in errors][2:6] == ["b", "c", "d", "e"]
    assert b"3 Maret" not in done.stderr


def test_normalize_reads_dates_in_the_offset_that_a_line_has(tmp_path):
    said = {"text": "Lampu jalan mati tadi malam", "received_at": "2026-11-21T00:30:00+09:00"}
    (east,) = records(normalized(line("a", **said), tmp_path))
    (utc,) = records(
        normalized(line("a", **said | {"received_at": "2026-11-20T15:30:00Z"}), tmp_path)
    )
    assert east["incident_date"]["value"] == "2026-11-20"
    assert utc["incident_date"]["value"] in {"2026-11-19", "2026-11-20"}  # Jakarta's evening before


def test_normalize_takes_a_file_and_spells_half_characters(tmp_path):
    lines = tmp_path / "lines.jsonl"
    lines.write_text(line("a", text="Lampu \ud83d mati di jalan"))
    (record,) = records(normalized("", tmp_path, str(lines)))
    assert record["body"] == "Lampu \ud83d mati di jalan"


def test_word_lists_of_an_operator_replace_the_shipped_ones(tmp_path):
    folder = tmp_path / "lists"
    folder.mkdir()
    (folder / "categories.toml").write_text(
        '[[term]]\ncode = "7"\nlabel = "Uji"\nwords = ["jalan"]'
    )
    (tmp_path / "lapor.toml").write_text(f'vocabularies = "{folder}"')
    made = RealGateway(
        tmp_path / "var",
        0,
        {
            **os.environ,
            "LAPOR_VAR_DIR": str(tmp_path / "var"),
            "LAPOR_CONFIG": str(tmp_path / "lapor.toml"),
        },
    )
    lines = tmp_path / "lines.jsonl"
    lines.write_text(line("a"))
    assert json.loads(made.run("normalize", str(lines)))["category"]["code"] == "7"
    (folder / "categories.toml").write_text("[[term]]\nwords = 3")
    assert "categories.toml" in made.run("normalize", str(lines), expect=1)


# --- on a store --------------------------------------------------------------------------


@pytest.fixture
def lapor(tmp_path):
    environment = {"PATH": os.environ["PATH"], "LAPOR_VAR_DIR": str(tmp_path / "var")}
    made = RealGateway(tmp_path / "var", 0, environment)
    store = Store(made.settings.store_url)
    schema.migrate(store, Identity(made.settings.identity_key))
    store.close_engine()
    return made


@pytest.fixture
def gateway(lapor):
    made = assemble(lapor.settings)
    yield made
    made.store.close_engine()


def file(gateway, *messages) -> list[str]:
    receipts = gateway.intake.accept(list(messages))
    while gateway.processing.run_once():
        pass
    return [receipt.number for receipt in receipts]


def stored(gateway, of: str) -> dict:
    with gateway.store.read() as connection:
        return connection.scalar(select(complaint.c.record).where(complaint.c.number == of))


def make_old(gateway, *numbers: str) -> None:
    """Give records what an older normaliser knew of them: no date, no place, no category."""
    for of in numbers:
        record = stored(gateway, of)
        nothing = dict.fromkeys(record["incident_date"]) | {"candidates": []}
        nowhere = dict.fromkeys(record["incident_location"]) | {"candidates": []}
        unnamed = dict.fromkeys(record["category"])
        record |= {"incident_date": nothing, "incident_location": nowhere, "category": unnamed}
        record["missing"] = ["incident_date", "incident_location"]
        with gateway.store.write() as connection:
            connection.execute(
                update(complaint).where(complaint.c.number == of).values(record=record)
            )


def another(text: str, count: int = 1):
    return a_message(text, sender=Sender("tel", f"+6281234500{count:03}", proven=True))


def add(of: str, text: str):
    return a_message(f"TAMBAH {of} {text}", command=Command("add", of, text))


def test_explain_shows_where_each_field_is_from(lapor, gateway):
    (of,) = file(gateway, a_message(TEXT))
    shown = lapor.run("explain", of.lower())
    for told in (
        "2026-11-03",
        "tgl 3 November",
        "32.73.02",
        "extracted",
        "derived",
        "Jalan Berlubang",
    ):
        assert told in " ".join(shown.split()), told
    assert "081234500099" not in shown
    assert "nothing has the id" in lapor.run("explain", "7K3M-Q2P-9X7", expect=1)


@pytest.mark.parametrize("arguments", [[], ["--dry-run"], ["--dry-run", "--publish"]])
def test_reprocess_tells_what_would_differ_and_changes_nothing(lapor, gateway, arguments):
    numbers = file(gateway, a_message(TEXT), another("Got mampet. Got mampet di RT 3"))
    make_old(gateway, numbers[0])
    before = [stored(gateway, of) for of in numbers]
    said = lapor.run("reprocess", *arguments)
    assert "2 complaints read again, 1 differ" in said
    assert "incident_date 1" in " ".join(said.split())
    assert [stored(gateway, of) for of in numbers] == before
    assert [len(eventlog.read(gateway.store, of)) for of in numbers] == [1, 1]


def test_reprocess_publishes_amendments_once(lapor, gateway):
    numbers = file(gateway, a_message(TEXT), another("Got mampet di RT 3"))
    make_old(gateway, numbers[0])
    assert "1 amended and published" in lapor.run("reprocess", "--publish")
    assert "2 complaints read again, 0 differ" in lapor.run("reprocess", "--publish")
    first, amended = eventlog.read(gateway.store, numbers[0])
    assert amended["type"] == "id.lapor.complaint.amended.v1"
    assert (amended["data"]["revision"], amended["data"]["missing"]) == (2, [])
    assert {**amended["data"], "revision": 1} == first["data"]
    assert len(eventlog.read(gateway.store, numbers[1])) == 1
    outcomes = lapor.ask("SELECT DISTINCT outcome FROM journal")
    assert outcomes == [("published",)]
    assert "unaccounted for  0" in lapor.run("reconcile").replace("   ", "  ")


def test_reprocess_since_leaves_older_complaints_alone(lapor, gateway):
    numbers = file(gateway, a_message(TEXT))
    make_old(gateway, *numbers)
    assert "0 complaints read again" in lapor.run("reprocess", "--since", "2099-01-01")
    assert "1 complaints read again" in lapor.run("reprocess", "--since", NOW.isoformat())


def test_what_was_added_told_and_decided_since_is_kept(gateway, clock):
    (of,) = file(gateway, a_message(TEXT))
    file(gateway, add(of, "Ada yang jatuh. HP 081234500088"))
    event = StatusEvent(
        consumer="local",
        event_id="e1",
        number=of,
        status="in_progress",
        sequence=1,
        happened_at=NOW,
        note=None,
        reference="R-7",
    )
    take(gateway.store, event, NOW)
    body = stored(gateway, of)["body"]
    make_old(gateway, of)
    again = Reprocessing(gateway, clock=clock, publish=True)
    assert sum(again.run()) == 1
    after = stored(gateway, of)
    assert after["body"] == body
    assert "Ada yang jatuh" in after["body"]
    assert after["incident_date"]["value"] == "2026-11-03"
    assert (after["status"], after["external_refs"]) == ("in_progress", ["local:R-7"])
    assert after["revision"] == 3


def test_amendment_that_comes_between_is_not_lost(gateway, clock, monkeypatch):
    (of,) = file(gateway, a_message(TEXT))
    make_old(gateway, of)
    again = Reprocessing(gateway, clock=clock, publish=True)
    read, come = again._read, []

    def read_slowly(*arguments):
        made = read(*arguments)
        if not come:
            come.append(file(gateway, add(of, "Sudah dua orang jatuh")))
        return made

    monkeypatch.setattr(again, "_read", read_slowly)
    assert sum(again.run()) == 1
    after = stored(gateway, of)
    assert after["body"].endswith("Sudah dua orang jatuh")
    assert (after["revision"], after["incident_date"]["value"]) == (3, "2026-11-03")
    assert again.summary.published == 1


def test_message_that_cannot_be_read_again_stops_no_other(gateway, clock, lapor):
    numbers = file(gateway, a_message(TEXT), another("Got mampet di RT 3"))
    make_old(gateway, *numbers)
    with gateway.store.write() as connection:
        broken = {"text": "not as it was"}
        connection.execute(
            update(journal).where(journal.c.number == numbers[0]).values(message=broken)
        )
    said = lapor.run("reprocess", "--publish", expect=1)
    assert f"not read: {numbers[0]}" in said
    assert "1 amended and published" in said


def test_words_that_joined_reports_brought_stay_and_are_masked_again():
    record = {
        "title": {"text": "a", "origin": "extracted"},
        "body": "a\n\nb 081234500088",
        "identifiers": [],
        "flags": ["still", "urgent"],
        "incident_date": {"value": None, "origin": None},
        "incident_location": {"text": "Pasar", "origin": "reporter"},
    }
    fresh = record | {
        "body": "a",
        "flags": ["abusive"],
        "incident_location": {"text": None, "origin": None},
        **dict.fromkeys(("classification", "classification_origin", "agency", "category")),
    }
    after = reread.reread(record, fresh, is_joined=True)
    assert after["body"] == "a\n\nb *********088"
    assert [of["kind"] for of in after["identifiers"]] == ["phone"]
    assert after["flags"] == ["still", "abusive"]
    assert after["incident_location"]["text"] == "Pasar"
    assert after["missing"] == ["incident_date"]
    assert PHONE not in str(after)


def test_run_that_is_killed_between_batches_is_repeated_and_publishes_each_once(
    gateway, clock, monkeypatch
):
    numbers = file(gateway, *(another(f"{TEXT} nomor {count}", count) for count in range(5)))
    make_old(gateway, *numbers)
    monkeypatch.setattr("gateway.reprocessing.TOGETHER", 2)
    killed = Reprocessing(gateway, clock=clock, publish=True).run()
    assert [next(killed), next(killed)] == [2, 2]
    killed.close()
    again = Reprocessing(gateway, clock=clock, publish=True)
    assert sum(again.run()) == 5
    assert again.summary.published == 1
    assert [len(eventlog.read(gateway.store, of)) for of in numbers] == [2] * 5
    assert sum(Reprocessing(gateway, clock=clock, publish=True).run()) == 5


def test_batch_that_fails_leaves_neither_record_nor_event(gateway, clock, monkeypatch):
    numbers = file(gateway, a_message(TEXT))
    make_old(gateway, *numbers)
    before = stored(gateway, numbers[0])
    again = Reprocessing(gateway, clock=clock, publish=True)

    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(again._publisher, "publish", fail)
    with pytest.raises(OSError, match="full"):
        list(again.run())
    assert stored(gateway, numbers[0]) == before
    assert len(eventlog.read(gateway.store, numbers[0])) == 1
