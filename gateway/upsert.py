"""INSERT … ON CONFLICT: one spelling for both databases.

SQLAlchemy has one such statement for each dialect, with the same methods.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    CursorResult,
    Executable,
    Table,
    any_,
    bindparam,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

Row = Mapping[str, object]
_INSERT: dict[str, Callable[[Table], Any]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


def insert(connection: Connection, table: Table) -> Any:
    """Begin an INSERT that may say `on_conflict_…`, for the database at hand."""
    return _INSERT[connection.dialect.name](table)


def among(connection: Connection, column: Column[Any], values: Sequence[object]) -> Any:
    """Say that a column is one of many values; PostgreSQL gets them as one array."""
    if connection.dialect.name == "sqlite":
        return column.in_(values)
    return column == any_(bindparam(None, list(values), type_=postgresql.ARRAY(column.type)))


class InsertMany:
    """An INSERT of many rows, made once: making it anew costs more than running it.

    `finish` adds what else it says (`on_conflict_…`, `returning`). PostgreSQL gets each column as
    an array: one text, whatever the number of rows, so that it is parsed once in a connection's
    life (with a placeholder for each value, taking the text apart cost as much as all the rest).
    """

    def __init__(
        self,
        table: Table,
        columns: Sequence[str],
        finish: Callable[[Any], Executable] = lambda i: i,
    ):
        self._columns = columns
        self._on_sqlite = finish(sqlite.insert(table))
        arrays = [
            func.unnest(bindparam(name, type_=postgresql.ARRAY(table.c[name].type))).label(name)
            for name in columns
        ]
        self._on_postgresql = finish(postgresql.insert(table).from_select(columns, select(*arrays)))

    def run(self, connection: Connection, rows: Sequence[Row]) -> CursorResult[Any]:
        """Insert rows that all have the columns."""
        if connection.dialect.name == "sqlite":
            return connection.execute(self._on_sqlite, rows)
        arrays = {name: [row[name] for row in rows] for name in self._columns}
        return connection.execute(self._on_postgresql, arrays)
