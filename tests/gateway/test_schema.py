from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, select

from gateway import schema, tables
from gateway.identity import Identity
from gateway.store import Store


def test_migrations_build_exactly_the_tables_that_the_code_knows(store):
    with store.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, tables.metadata) == []


def test_down_and_up_again_leaves_a_working_store(store, identity):
    schema.migrate(store, identity, "base")
    assert set(inspect(store.engine).get_table_names()) <= {"alembic_version"}
    schema.migrate(store, identity)
    schema.require_current(store)


def test_a_store_that_was_never_migrated_is_refused_with_the_command_that_helps(tmp_path):
    with pytest.raises(schema.SchemaBehind, match="lapor migrate"):
        schema.require_current(Store(f"sqlite:///{tmp_path / 'lapor.db'}"))


def test_another_identity_key_is_refused_before_it_can_forget_everybody(store):
    with pytest.raises(schema.WrongIdentityKey, match="back-up"):
        schema.require_identity(store, Identity("another key"))
    with pytest.raises(schema.WrongIdentityKey):
        schema.migrate(store, Identity("another key"))


def test_the_store_file_is_for_its_owner_only(sqlite_store):
    assert sqlite_store.database.path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("SELECT id FROM journal WHERE outcome = 'pending' ORDER BY id", "ix_journal_pending"),
        ("SELECT id FROM journal WHERE outcome = 'parked' ORDER BY id", "ix_journal_parked"),
        (
            "SELECT id FROM event WHERE published_at IS NULL AND refused IS NULL ORDER BY id",
            "ix_event_unpublished",
        ),
        ("SELECT id FROM event WHERE refused IS NOT NULL ORDER BY id", "ix_event_refused"),
        ("SELECT number FROM number WHERE root = 'x'", "ix_number_root"),
        ("SELECT id FROM queue_message WHERE queue = 'x' ORDER BY id", "ix_queue_message_queue_id"),
        (
            "SELECT post_id FROM post WHERE source = 'x' AND first_id = 'y'",
            "ix_post_first_id_source",
        ),
        (
            "SELECT * FROM post WHERE source = 'x' AND conversation_id = 'y'",
            "ix_post_conversation_id_source",
        ),
        ("SELECT * FROM delivery WHERE source = 'x' AND key = 'y'", "delivery"),
        ("SELECT number FROM number WHERE claimed AND fingerprint = 'x'", "uq_number_claimed"),
    ],
)
def test_the_hot_lookups_use_their_index(store, query, index):
    with store.read() as connection:
        if connection.dialect.name == "postgresql":
            # The tables are empty, and small tables are read whole.
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            connection.exec_driver_sql("SET LOCAL enable_bitmapscan = off")
            plan = str(connection.exec_driver_sql(f"EXPLAIN {query}").all())
            assert "Index" in plan
            assert "Seq Scan" not in plan
        else:
            plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}").all())
            assert "INDEX" in plan
    assert index in plan


def test_postgresql_sweeps_the_busy_tables_early(postgresql_store):
    with postgresql_store.read() as connection:
        options = connection.exec_driver_sql(
            "SELECT array_to_string(reloptions, ' ') FROM pg_class WHERE relname = 'event'"
        ).scalar()
    assert "autovacuum_vacuum_scale_factor=0.01" in options


def test_the_queue_is_there_from_the_first_migration(store):
    with store.read() as connection:
        bound = connection.execute(select(tables.queue_binding)).all()
        dead = dict(connection.execute(select(tables.queue.c.name, tables.queue.c.dead)).all())
    assert bound == [("lapor", "#", "lapor.complaints")]
    assert dead["lapor.complaints"] == "lapor.complaints.dead"
