"""Whether this installation can do its work, for `/readyz` and `lapor doctor`."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import packages_distributions

from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import DatabaseError

from gateway import schema
from gateway.identity import Identity
from gateway.store import Store
from gateway.tables import fact

OUR_PACKAGES = ("channels", "config", "gateway", "normalizer")
DISTRIBUTION = "lapor-gateway"


def problems_of_store(store: Store, identity: Identity) -> list[str]:
    """Tell why messages could not be accepted now; nothing when they could.

    Really writes and syncs one small row: a full disk shows only then.
    """
    try:
        schema.require_current(store)
        schema.require_identity(store, identity)
        probe = {"name": "probe", "value": datetime.now(UTC).isoformat()}
        with store.write() as connection:
            connection.execute(
                insert(fact)
                .values(probe)
                .on_conflict_do_update(index_elements=["name"], set_={"value": probe["value"]})
            )
    except (schema.SchemaBehind, schema.WrongIdentityKey) as exc:
        return [str(exc)]
    except DatabaseError as exc:
        return [f"store cannot be written: {exc.orig}"]
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
