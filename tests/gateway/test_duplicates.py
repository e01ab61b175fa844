"""One report enters once: repeats, support, separation and merging, as rows and events show it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from support import NOW, a_message

from channels.base import Command, Sender
from gateway import joining, reindexing
from gateway.intake import Intake, Limits
from gateway.reconcile import reconcile
from gateway.tables import complaint, event, journal, judgement, matter, matter_key, number

ANI, BUDI, CICI = (Sender("tel", f"+62812345000{n}", proven=True) for n in (21, 22, 23))
BRIDGE = (
    "Lapor. Jembatan kayu di Desa Pulau Telo Baru kec Selat Kapuas sdh lapuk, papan lantai lepas 6 "
    "keping, anak sekolah lewat situ tiap hari. Mohon pemda bantu perbaiki atau ganti beton."
)
AGAIN = (
    "Mohon pemda bantu ganti beton jembatan kayu Desa Pulau Telo Baru Kec. Selat Kapuas, papan "
    "lantainya lepas 6 keping dan sudah lapuk, anak sekolah lewat tiap hari"
)
ELSEWHERE = BRIDGE.replace("Pulau Telo Baru kec Selat Kapuas", "Mandomai kec Kapuas Barat")


@pytest.fixture
def intake(store, identity):
    return Intake(store, identity, limits=Limits(replies_a_day=1000))


def file(intake, text, sender, **changed):
    (receipt,) = intake.accept([a_message(text, sender=sender, **changed)])
    return receipt.number


def process_all(processing, clock):
    for _ in range(3):
        while processing.run_once():
            pass
        clock.forward(seconds=3)


def events(store):
    """Give (kind, record) of all events, in order."""
    with store.read() as connection:
        bodies = [
            json.loads(body)
            for body in connection.scalars(select(event.c.body).order_by(event.c.id))
        ]
    return [
        (body["type"].removeprefix("id.lapor.complaint.").removesuffix(".v1"), body["data"])
        for body in bodies
    ]


def kinds(store):
    return [kind for kind, _ in events(store)]


def row_of(store, of):
    with store.read() as connection:
        return connection.execute(select(number).where(number.c.number == of)).one()


def is_whole(store):
    account = reconcile(store)
    return account.waiting == 0 and not account.unaccounted


def test_the_same_reporter_in_other_words_keeps_the_number_as_an_alias(
    store, intake, processing, clock
):
    first = file(intake, BRIDGE, ANI)
    process_all(processing, clock)
    again = file(intake, AGAIN, ANI)
    process_all(processing, clock)
    assert kinds(store) == ["received", "amended"]
    record = events(store)[-1][1]
    assert (record["number"], record["aliases"], record["revision"]) == (first, [again], 2)
    assert record["repeats"] == 1
    assert "lantainya lepas 6 keping" in record["body"]
    assert row_of(store, again).root == first
    assert store.standing(again).number == first
    assert is_whole(store)


def test_another_reporter_supports_with_a_number_of_their_own(store, intake, processing, clock):
    first = file(intake, BRIDGE, ANI)
    process_all(processing, clock)
    other = file(intake, AGAIN, BUDI)
    process_all(processing, clock)
    assert kinds(store) == ["received", "supported"]
    record = events(store)[-1][1]
    assert (record["number"], record["revision"]) == (other, 1)
    (related,) = record["related"]
    assert (related["number"], related["relation"]) == (first, "supports")
    assert related["reasons"]
    intake.accept([a_message("x", sender=ANI, command=Command("add", first, "Masih begitu"))])
    process_all(processing, clock)
    assert events(store)[-1][1]["supporters"] == 1
    assert is_whole(store)


def test_a_supporter_who_says_it_again_repeats_their_own(store, intake, processing, clock):
    file(intake, BRIDGE, ANI)
    mine = file(intake, AGAIN, BUDI)
    process_all(processing, clock)
    again = file(intake, f"Tolong. {BRIDGE}", BUDI)
    process_all(processing, clock)
    assert kinds(store) == ["received", "supported", "amended"]
    assert row_of(store, again).root == mine


def test_the_same_words_about_another_place_stay_two(store, intake, processing, clock):
    file(intake, BRIDGE, ANI)
    file(intake, ELSEWHERE, ANI)
    file(intake, ELSEWHERE.replace("6 keping", "9 keping"), BUDI)
    process_all(processing, clock)
    assert set(kinds(store)) == {"received"}


def test_one_batch_sees_itself(store, intake, processing, clock):
    numbers = [file(intake, BRIDGE, Sender("tel", f"+6281234501{n:03}", proven=True))
               for n in range(60)]  # fmt: skip
    process_all(processing, clock)
    assert kinds(store).count("received") == 1
    assert kinds(store).count("supported") == len(numbers) - 1
    with store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(matter_key)) <= 26
    assert is_whole(store)


def test_what_is_decided_is_explained(store, intake, processing, clock):
    first = file(intake, BRIDGE, ANI)
    process_all(processing, clock)
    again = file(intake, AGAIN, ANI)
    process_all(processing, clock)
    with store.read() as connection:
        found = connection.execute(select(judgement).where(judgement.c.number == again)).one()
    assert (found.verdict, found.root) == ("repeat", first)
    assert found.judged[0]["number"] == first
    assert found.judged[0]["reasons"]
    assert found.judged[0]["anchors"]


def test_a_closed_complaint_is_not_repeated(store, intake, processing, clock):
    first = file(intake, BRIDGE, ANI)
    process_all(processing, clock)
    store.close(first, "resolved", clock())
    file(intake, AGAIN, ANI)
    process_all(processing, clock)
    assert kinds(store) == ["received", "received"]
    store.reopen(first, clock())
    with store.read() as connection:
        assert connection.scalar(select(func.count(matter_key.c.matter_id.distinct()))) == 2


def test_closing_and_reopening_holds_for_supporters_too(store, intake, processing, clock):
    first, other = file(intake, BRIDGE, ANI), file(intake, AGAIN, BUDI)
    process_all(processing, clock)
    store.close(first, "resolved", clock())
    assert row_of(store, other).status == "resolved"
    assert not row_of(store, other).claimed
    store.reopen(first, clock())
    assert row_of(store, other).status == "in_progress"
    assert row_of(store, other).claimed


def test_a_withdrawn_complaint_leaves_its_supporters_in_process(store, intake, processing, clock):
    first, other = file(intake, BRIDGE, ANI), file(intake, AGAIN, BUDI)
    process_all(processing, clock)
    intake.accept([a_message("batal", sender=ANI, command=Command("withdraw", first))])
    process_all(processing, clock)
    assert row_of(store, other).status == "received"
    assert row_of(store, other).supports is None
    third = file(intake, BRIDGE, CICI)
    process_all(processing, clock)
    assert row_of(store, third).supports == other


def test_a_citizen_who_says_it_differs_gets_a_complaint_of_its_own(
    store, intake, processing, clock
):
    first = file(intake, BRIDGE, ANI)
    again = file(intake, AGAIN, ANI)
    process_all(processing, clock)
    (receipt,) = intake.accept([a_message("b", sender=ANI, command=Command("separate", again))])
    assert (receipt.kind, receipt.number) == ("command", again)
    process_all(processing, clock)
    assert kinds(store) == ["received", "amended", "separated", "amended"]
    (_, apart), (_, left) = events(store)[-2:]
    assert (apart["number"], apart["revision"], apart["status"]) == (again, 1, "received")
    assert (left["number"], left["aliases"], left["repeats"]) == (first, [], 0)
    assert "lantainya" not in left["body"]
    assert row_of(store, again).root == again
    intake.accept([a_message("b", sender=ANI, command=Command("separate", again))])
    process_all(processing, clock)
    assert len(events(store)) == 4  # said twice, done once
    assert is_whole(store)


def test_a_supporter_who_says_it_differs_supports_no_more(store, intake, processing, clock):
    first, other = file(intake, BRIDGE, ANI), file(intake, AGAIN, BUDI)
    process_all(processing, clock)
    intake.accept([a_message("b", sender=BUDI, command=Command("separate", other))])
    process_all(processing, clock)
    (_, apart), (_, left) = events(store)[-2:]
    assert (apart["number"], apart["revision"], apart["related"]) == (other, 2, [])
    assert (left["number"], left["supporters"]) == (first, 0)


def test_nobody_separates_what_is_not_theirs(store, intake, processing, clock):
    file(intake, BRIDGE, ANI)
    again = file(intake, AGAIN, ANI)
    process_all(processing, clock)
    (receipt,) = intake.accept([a_message("b", sender=BUDI, command=Command("separate", again))])
    assert receipt.number is None
    process_all(processing, clock)
    assert kinds(store) == ["received", "amended"]


def test_the_secret_of_a_complaint_separates_it_too(store, identity, intake, processing, clock):
    first, other = file(intake, BRIDGE, ANI), file(intake, AGAIN, None, channel="app")
    process_all(processing, clock)
    assert row_of(store, other).supports == first
    wrong = Command("separate", other, secret="x" * 20)
    right = Command("separate", other, secret=identity.secret(other))
    for command, number_told in ((wrong, None), (right, other)):
        (receipt,) = intake.accept([a_message("", sender=None, channel="app", command=command)])
        assert receipt.number == number_told
    process_all(processing, clock)
    assert row_of(store, other).supports is None
    with store.read() as connection:
        messages = connection.scalars(select(journal.c.message)).all()
    assert identity.secret(other) not in json.dumps(messages)


def test_a_typed_phone_number_is_proved_by_a_text_from_it(store, intake, processing, clock):
    typed = {"title": "Jembatan", "reporter": {"phone": "0812-3450-0022"}}
    budi = Sender("tel", "+6281234500022", proven=True)
    filed = file(intake, BRIDGE, None, channel="web", source="app", fields=typed)
    process_all(processing, clock)
    (refused,) = intake.accept([a_message("s", sender=ANI, command=Command("claim", filed))])
    assert refused.number is None
    (told,) = intake.accept([a_message("s", sender=budi, command=Command("claim", filed))])
    assert told.number == filed
    (asked,) = intake.accept([a_message("s", sender=budi, command=Command("status", filed))])
    assert asked.status == "received"
    again = file(intake, AGAIN, budi)
    process_all(processing, clock)
    assert row_of(store, again).root == filed


def test_a_repeat_weeks_later_says_that_it_is_still_so(store, intake, processing, clock):
    file(intake, BRIDGE, ANI)
    process_all(processing, clock)
    file(intake, AGAIN, ANI, received_at=NOW + timedelta(days=20))
    process_all(processing, clock)
    assert "still" in events(store)[-1][1]["flags"]


def test_what_changes_a_number_that_has_become_an_alias_changes_its_root(
    store, intake, processing, clock
):
    first = file(intake, BRIDGE, ANI)
    process_all(processing, clock)
    again = file(intake, AGAIN, ANI)
    intake.accept([a_message("t", sender=ANI, command=Command("add", again, "Ada foto"))])
    process_all(processing, clock)
    assert "Ada foto" in events(store)[-1][1]["body"]
    assert {record["number"] for _, record in events(store)} == {first}
    assert is_whole(store)


def test_what_was_withdrawn_before_it_was_read_joins_nothing(store, intake, processing, clock):
    file(intake, BRIDGE, ANI)
    process_all(processing, clock)
    again = file(intake, AGAIN, ANI)
    intake.accept([a_message("b", sender=ANI, command=Command("withdraw", again))])
    process_all(processing, clock)
    assert kinds(store) == ["received", "received", "withdrawn"]
    assert is_whole(store)


def test_an_operator_merges_and_splits(store, intake, processing, clock):
    first, other = file(intake, BRIDGE, ANI), file(intake, "Sampah menumpuk di pasar", BUDI)
    process_all(processing, clock)
    with store.write() as connection:
        merged = joining.merge(connection, other, first, clock())
    assert [kind for kind, _ in merged] == ["merger", "amendment"]
    assert merged[1][1]["aliases"] == [other]
    assert store.standing(other).number == first
    (receipt,) = intake.accept([a_message("b", sender=BUDI, command=Command("withdraw", other))])
    assert receipt.status == "received"  # nobody closes another's complaint
    with store.write() as connection:
        apart = joining.separate(connection, other, clock())
    assert [kind for kind, _ in apart] == ["separation", "amendment"]
    assert "Sampah" not in apart[1][1]["body"]
    with store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(complaint)) == 2


def test_merging_needs_two_complaints_of_which_one_is_in_process(store, intake, processing, clock):
    first, other = file(intake, BRIDGE, ANI), file(intake, "Sampah menumpuk", BUDI)
    process_all(processing, clock)
    store.close(first, "resolved", clock())
    with store.write() as connection:
        for of, into in ((other, first), (first, first)):
            with pytest.raises(joining.NotPossible):
                joining.merge(connection, of, into, clock())


def test_reindexing_finds_what_an_older_rule_indexed(store, intake, processing, clock):
    first = file(intake, BRIDGE, ANI)
    process_all(processing, clock)
    with store.write() as connection:
        connection.execute(matter.update().values(version=0, found_by=[1, 2]))
        connection.execute(matter_key.delete())
    assert reindexing.count(store) == 1
    assert sum(reindexing.run(store)) == 1
    again = file(intake, AGAIN, ANI)
    process_all(processing, clock)
    assert row_of(store, again).root == first


def test_a_reporter_may_choose_to_support(store, intake, processing, clock):
    first = file(intake, BRIDGE, ANI)
    process_all(processing, clock)
    other = file(intake, "Sama, kami juga", None, channel="web", fields={"supports": first})
    process_all(processing, clock)
    assert row_of(store, other).supports == first
    assert kinds(store) == ["received", "supported"]


def test_nobody_is_led_to_a_confidential_complaint_by_one_that_supports_it(
    store, intake, processing, clock
):
    hidden = file(intake, BRIDGE, ANI, fields={"confidential": True})
    process_all(processing, clock)
    between = file(intake, BRIDGE, BUDI)
    process_all(processing, clock)
    assert row_of(store, between).supports == hidden
    other = file(intake, "Sama, kami juga", None, channel="web", fields={"supports": between})
    process_all(processing, clock)
    assert row_of(store, other).supports is None
