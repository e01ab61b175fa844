"""The store's schema: bring it up to date, and tell whether it is."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import select

from gateway.facts import IDENTITY_KEY
from gateway.identity import Identity
from gateway.store import Store
from gateway.tables import fact
from gateway.upsert import insert


class SchemaBehind(Exception):
    """The store is not at the newest migration."""


class WrongIdentityKey(Exception):
    """The store's fingerprints were made with another identity key."""


def migrate(store: Store, identity: Identity, revision: str = "head") -> None:
    """Bring the store to a revision (`head`, or `base` for nothing at all).

    Raises WrongIdentityKey when the store was first migrated with another key.
    """
    store.database.prepare()
    with store.write() as connection:
        store.hold(connection, ["migrate"])
        config = _config()
        config.attributes["connection"] = connection
        if revision == "base":
            command.downgrade(config, revision)
            return
        command.upgrade(config, revision)
        connection.execute(
            insert(connection, fact)
            .values(name=IDENTITY_KEY, value=identity.check())
            .on_conflict_do_nothing(index_elements=["name"])
        )
    require_identity(store, identity)


def require_current(store: Store) -> None:
    """Raise SchemaBehind unless every migration was run."""
    found, newest = current(store), head()
    if found != newest:
        raise SchemaBehind(
            f"the store is at {found or 'nothing'}, not {newest}: run `lapor migrate`"
        )


def require_identity(store: Store, identity: Identity) -> None:
    """Raise WrongIdentityKey when nobody would be recognised any more."""
    with store.read() as connection:
        kept = connection.scalar(select(fact.c.value).where(fact.c.name == IDENTITY_KEY))
    if kept is not None and kept != identity.check():
        raise WrongIdentityKey(
            "identity_key is not the one this store was made with: restore it from the back-up"
        )


def current(store: Store) -> str | None:
    """Give the revision the store is at; None when there is no store."""
    if not store.database.exists():
        return None
    with store.read() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str | None:
    """Give the newest revision there is."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.set_main_option("path_separator", "os")
    return config
