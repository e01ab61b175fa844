"""Eight processes say and work off the same at the same instant: one matter enters once."""

from __future__ import annotations

import json
import random
from contextlib import ExitStack
from dataclasses import dataclass

import homes
import pytest
from load import SYLLABLES
from racing import IDENTITY, Racers, racers
from services import fresh_database, postgres_url
from sqlalchemy import select
from support import a_message

from channels.base import Sender
from gateway import schema
from gateway.reconcile import reconcile
from gateway.store import Store
from gateway.tables import event, number

SHORT, LONG = 4, 50  # rounds
# One matter in eight people's words: each of them is a near copy of each other.
SAID = """
Lapor. Jembatan kayu di Desa {village} kec {district} sdh lapuk, papan lantai lepas 6 keping, anak
sekolah lewat situ tiap hari. Mohon pemda bantu perbaiki.

Jembatan kayu di Desa {village} kec {district} sdh lapuk, papan lantai lepas 6 keping, anak
sekolah lewat situ tiap hari. Mohon pemda bantu perbaiki. Terima kasih

Tolong. Jembatan kayu di Desa {village} Kecamatan {district} sudah lapuk, papan lantai lepas 6
keping, anak sekolah lewat situ tiap hari.

Mohon pemda bantu perbaiki jembatan kayu Desa {village} Kec. {district}, papan lantainya lepas 6
keping dan sudah lapuk, anak sekolah lewat tiap hari

jembatan kayu desa {village} kec {district} lapuk, papan lantai lepas 6 keping, anak sekolah lewat
tiap hari, mohon diperbaiki

Jembatan kayu Desa {village}, {district}: papan lantai lepas 6 keping, lapuk. Anak sekolah lewat
situ tiap hari!

Lapor pak, jembatan kayu di Desa {village} kecamatan {district} lapuk, papan lantai lepas 6
keping, anak sekolah lewat situ tiap hari

Jmbatan kayu di ds {village} kec {district} sdh lapuk, papan lantai lepas 6 keping, anak sekolah
lewat situ tiap hari, mohon bantuan pemda
""".strip().split("\n\n")


@dataclass
class Race:
    """Eight processes on one store, and rounds about places that nobody has named before."""

    store: Store
    racers: Racers
    random: random.Random
    rounds: int

    def places(self):
        """Give a round's place, and whether its workers wait for all to have filed."""
        for place in range(self.rounds):
            village, district = self._name(), self._name()
            yield {"village": village, "district": district}, place % 2 == 0

    def run(self, texts, senders, *, in_step):
        """File what each says, and give what was told and what came of it."""
        messages = [
            a_message(text, sender=sender) for text, sender in zip(texts, senders, strict=True)
        ]
        told = self.racers.race(messages, in_step=in_step)
        assert not [of.error for of in told if of.error]
        numbers = {of.number for of in told}
        events = self._events(numbers)
        records = homes.latest(events)
        assert not homes.homeless(records, numbers)
        kinds = homes.kinds(events)
        assert kinds["received"] == 1
        (root,) = [of for of, supports in homes.roots(records).items() if supports is None]
        return told, kinds, root, records

    def row(self, of):
        with self.store.read() as connection:
            return connection.execute(select(number).where(number.c.number == of)).one()

    def sender(self):
        return Sender("tel", f"+6281{self.random.randrange(10**9):09d}", proven=True)

    def _events(self, numbers):
        found = select(event.c.body).where(event.c.number.in_(numbers)).order_by(event.c.id)
        with self.store.read() as connection:
            return [json.loads(body) for body in connection.scalars(found)]

    def _name(self):
        return "".join(self.random.choices(SYLLABLES, k=5)).capitalize()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def race(request, tmp_path_factory, long_run):
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path_factory.mktemp('races') / 'lapor.db'}"
        else:
            url = stack.enter_context(fresh_database(postgres_url()))
        store = Store(url)
        stack.callback(store.close_engine)
        schema.migrate(store, IDENTITY)
        running = stack.enter_context(racers(url, len(SAID)))
        yield Race(store, running, random.Random(8), LONG if long_run else SHORT)  # noqa: S311
        account = reconcile(store)
        assert (account.waiting, account.unaccounted) == (0, [])
        assert not account.outcomes.get("parked")


def test_the_same_words_of_one_reporter_at_once_are_one_complaint(race):
    for place, in_step in race.places():
        sender, text = race.sender(), SAID[0].format(**place)
        told, kinds, root, _ = race.run([text] * 8, [sender] * 8, in_step=in_step)
        assert sorted(of.kind for of in told) == ["new", *["repeat"] * 7]
        assert {of.number for of in told} == {root}
        assert kinds == {"received": 1}
        assert race.row(root).repeats == 7


def test_near_copies_of_one_reporter_at_once_are_one_complaint_with_aliases(race):
    for place, in_step in race.places():
        sender, texts = race.sender(), [of.format(**place) for of in SAID]
        told, kinds, root, records = race.run(texts, [sender] * 8, in_step=in_step)
        assert kinds == {"received": 1, "amended": 7}
        assert {root, *records[root]["aliases"]} == {of.number for of in told}
        assert records[root]["repeats"] == 7
        assert {race.row(of.number).root for of in told} == {root}


def test_near_copies_of_several_reporters_at_once_support_one_of_them(race):
    for place, in_step in race.places():
        senders, texts = [race.sender() for _ in SAID], [of.format(**place) for of in SAID]
        told, kinds, root, records = race.run(texts, senders, in_step=in_step)
        assert kinds == {"received": 1, "supported": 7}
        assert set(homes.roots(records).values()) == {None, root}
        assert {race.row(of.number).supports for of in told} == {None, root}
