"""Commands, answered inside accept: only ever to the sender who filed the complaint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from channels.base import Receipt
from gateway import owners
from gateway.entry import Entry
from gateway.store import IN_PROCESS, Standing, close, standings


def answer(connection: Connection, entries: Sequence[Entry]) -> None:
    """Settle the receipts of commands, and what they make of their journal rows."""
    if not entries:
        return
    asked = [entry.command for entry in entries if entry.command and entry.command.number]
    found = standings(connection, {c.number for c in asked if c.number and c.word == "status"})
    changed = {c.number for c in asked if c.number and c.word != "status"}
    found |= standings(connection, changed, lock=True)
    for entry in entries:
        if entry.command is None:
            continue
        stands = found.get(entry.command.number or "")
        if stands is None or not _may(connection, entry, stands):
            entry.receipt = Receipt("command", command=entry.command.word)
            continue
        _ANSWERS[entry.command.word](connection, entry, stands)


def _may(connection: Connection, entry: Entry, stands: Standing) -> bool:
    """Tell whether the complaint is the sender's own: filed or proven, or opened by its secret."""
    if entry.knows_secret:
        return True
    if entry.command is not None and entry.command.word == "claim":
        return entry.phone is not None and entry.phone == owners.typed_phone(
            connection, entry.command.number
        )
    if entry.reporter is None:
        return False
    return stands.reporter == entry.reporter or owners.has(
        connection, entry.command.number if entry.command else None, entry.reporter
    )


def _tell(entry: Entry, status: str) -> None:
    if entry.command is not None:
        entry.receipt = Receipt(
            "command", number=entry.command.number, status=status, command=entry.command.word
        )


def _status(_: Connection, entry: Entry, stands: Standing) -> None:
    _tell(entry, stands.status)


def _add(_: Connection, entry: Entry, stands: Standing) -> None:
    """Amend what is in process; on a closed complaint open a new one that refers to it."""
    if stands.status in IN_PROCESS:
        _tell(entry, stands.status)
        entry.amend(stands.number)
        return
    command = entry.command
    if command is not None and command.text and entry.compose:
        entry.become(entry.compose(command.text, ()))
        entry.receipt = replace(entry.receipt, command="add", first_number=command.number)
        entry.about = stands.number


def _withdraw(connection: Connection, entry: Entry, stands: Standing) -> None:
    """Close it now; consumers hear of it from processing. Nobody closes another's complaint."""
    if stands.status not in IN_PROCESS or stands.is_anothers:
        _tell(entry, stands.status)
        return
    close(connection, stands.number, "withdrawn", entry.received_at)
    _tell(entry, "withdrawn")
    entry.outcome, entry.intent, entry.about = "pending", "withdrawal", stands.number


def _separate(_: Connection, entry: Entry, stands: Standing) -> None:
    """Take it out of what it was joined with; processing does it, if it is joined at all.

    What is closed stays closed: a new report opens the matter again.
    """
    _tell(entry, stands.status)
    if entry.command is not None and stands.status in IN_PROCESS:
        entry.outcome, entry.intent, entry.about = "pending", "separation", entry.command.number


def _claim(connection: Connection, entry: Entry, stands: Standing) -> None:
    """Let it belong to this sender too."""
    _tell(entry, stands.status)
    if entry.command is not None and entry.command.number and entry.reporter:
        owners.add(connection, entry.command.number, entry.reporter, entry.received_at)


_ANSWERS = {
    "status": _status,
    "add": _add,
    "withdraw": _withdraw,
    "separate": _separate,
    "claim": _claim,
}
