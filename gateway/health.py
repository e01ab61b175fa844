"""Whether this installation can do its work, for `/readyz` and `lapor doctor`."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import packages_distributions

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from gateway import facts, schema
from gateway.identity import Identity
from gateway.store import Store

OUR_PACKAGES = ("channels", "config", "gateway", "normalizer")
DISTRIBUTION = "lapor-gateway"


def problems_of_store(store: Store, identity: Identity) -> list[str]:
    """Tell why messages could not be accepted now; nothing when they could.

    Really writes and syncs one small row: a full disk shows only then.
    """
    try:
        schema.require_current(store)
        schema.require_identity(store, identity)
        with store.write() as connection:
            facts.note(connection, "probe", datetime.now(UTC).isoformat())
    except (schema.SchemaBehind, schema.WrongIdentityKey) as exc:
        return [str(exc)]
    except DBAPIError as exc:
        return [f"store cannot be written: {exc.orig}".strip()]
    except PoolTimeout:
        return ["store cannot be written: every connection is busy"]
    except OSError as exc:
        return [f"store cannot be written: {exc.strerror}"]
    return []


def foreign_packages() -> list[str]:
    """Name those of our four generic packages that another distribution brings as well."""
    owners = packages_distributions()
    return [
        f"{name} also belongs to {', '.join(sorted(others))}"
        for name in OUR_PACKAGES
        if (others := {*owners.get(name, ())} - {DISTRIBUTION})
    ]
