"""Whatever is said, closed, joined and parted in any order: a number leads to one complaint."""

from __future__ import annotations

import json
import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import func, select
from support import NOW, a_message

from channels.base import Command, Sender
from gateway import feedback, joining, schema
from gateway.identity import Identity
from gateway.intake import Intake, Limits
from gateway.processing import Processing
from gateway.queue import EmbeddedOutbox
from gateway.reconcile import reconcile
from gateway.status_event import StatusEvent
from gateway.statuses import IN_PROCESS
from gateway.store import Store
from gateway.tables import complaint, event, matter, matter_key, number

PEOPLE = [Sender("tel", f"+62812345000{n}", proven=True) for n in range(31, 34)]
TEXTS = [
    "Jembatan kayu di Desa Pulau Telo Baru kec Selat Kapuas lapuk, papan lantai lepas 6 keping",
    "Papan lantai jembatan kayu Desa Pulau Telo Baru Kec. Selat Kapuas lepas 6 keping, sudah lapuk",
    "Lampu penerangan jalan di Jl. Cemara RT 02 Kelurahan Ragunan mati, gelap sekali malam hari",
    "Lampu jalan Jl. Cemara RT 02 Ragunan mati, malam gelap sekali",
    "Sampah menumpuk di Pasar Kliwon Kudus sudah 2 minggu tidak diangkut",
]


class Once(RuleBasedStateMachine):
    """Citizens, consumers and operators at one store."""

    @initialize()
    def open(self):
        self.folder = tempfile.TemporaryDirectory()
        self.store = Store(f"sqlite:///{Path(self.folder.name) / 'lapor.db'}")
        identity = Identity("an identity key for tests")
        schema.migrate(self.store, identity)
        self.now, self.said = NOW, 0
        self.intake = Intake(self.store, identity, limits=Limits(replies_a_day=10_000))
        self.processing = Processing(
            self.store,
            identity,
            EmbeddedOutbox(),
            public_url="https://lapor.example",
            clock=lambda: self.now,
        )
        self.numbers = []

    def teardown(self):
        if hasattr(self, "store"):
            self.store.close_engine()
            self.folder.cleanup()

    def accept(self, text, sender, command=None):
        message = a_message(text, sender=sender, command=command, received_at=self.now)
        (receipt,) = self.intake.accept([message])
        if receipt.kind == "new":
            self.numbers.append(receipt.number)

    @rule(text=st.sampled_from(TEXTS), sender=st.sampled_from(PEOPLE))
    def report(self, text, sender):
        self.accept(text, sender)

    @rule(days=st.integers(0, 10))
    def process(self, days):
        self.now += timedelta(days=days, seconds=40)
        while self.processing.run_once():
            pass

    @precondition(lambda self: self.numbers)
    @rule(
        word=st.sampled_from(["withdraw", "separate", "add", "status"]),
        sender=st.sampled_from(PEOPLE),
        pick=st.integers(0, 50),
    )
    def command(self, word, sender, pick):
        of = self.numbers[pick % len(self.numbers)]
        self.accept(word, sender, Command(word, of, "Masih begitu" if word == "add" else None))

    @precondition(lambda self: self.numbers)
    @rule(status=st.sampled_from(["in_progress", "resolved", "archived"]), pick=st.integers(0, 50))
    def told(self, status, pick):
        self.said += 1
        of = self.numbers[pick % len(self.numbers)]
        event = StatusEvent(
            number=of,
            consumer="dinas",
            event_id=f"e{self.said}",
            sequence=self.said,
            status=status,
            happened_at=self.now,
            note=None,
            reference=None,
        )
        feedback.take(self.store, event, self.now)

    @precondition(lambda self: len(self.numbers) > 1)
    @rule(of=st.integers(0, 50), into=st.integers(0, 50), splits=st.booleans())
    def operate(self, of, into, splits):
        one, other = (self.numbers[pick % len(self.numbers)] for pick in (of, into))
        with self.store.write() as connection:
            try:
                events = (
                    joining.separate(connection, one, self.now)
                    if splits
                    else joining.merge(connection, one, other, self.now)
                )
            except joining.NotPossible:
                return
            publications = joining.sealed(self.processing._publisher, None, events, self.now)
            self.processing._publisher.publish(connection, publications, self.now)

    @invariant()
    def every_number_leads_somewhere(self):
        if hasattr(self, "store"):
            assert reconcile(self.store).unaccounted == []

    @invariant()
    def rows_agree(self):
        if not hasattr(self, "store"):
            return
        with self.store.read() as connection:
            rows = {row.number: row for row in connection.execute(select(number))}
            found = set(
                connection.scalars(
                    select(matter.c.number).join(matter_key, matter_key.c.matter_id == matter.c.id)
                )
            )
            records = {row.number: row.record for row in connection.execute(select(complaint))}
            revisions = connection.execute(
                select(event.c.number, func.count(), func.max(event.c.revision)).group_by(
                    event.c.number
                )
            ).all()
            bodies = connection.scalars(select(event.c.body)).all()
        for row in rows.values():
            assert rows[row.root].root == row.root
            if row.supports is not None:
                assert row.root == row.number
                assert rows[row.supports].supports is None
        for of in found:
            assert rows[of].status in IN_PROCESS
            assert (rows[of].root, rows[of].supports) == (of, None)
        for of in records:
            assert rows[of].root == of
        assert all(count == highest for _, count, highest in revisions)
        for body in bodies:
            record = json.loads(body)["data"]
            assert record["supporters"] < len(PEOPLE)


Once.TestCase.settings = settings(
    max_examples=12, stateful_step_count=25, deadline=None, derandomize=True, database=None
)
TestOnce = Once.TestCase
