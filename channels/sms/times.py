"""When the provider had a message. A time we cannot read is no reason to park a report."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

MILLISECONDS = 1000


def read_time(typed: str, spelled: str, zone: tzinfo = UTC) -> datetime | None:
    """Read a time as UTC; None when it is unreadable, or not after 1970.

    `spelled` is iso, epoch (seconds), epoch_ms or a format of strptime; `zone` is that of times
    that name none.
    """
    try:
        moment = _read(typed.strip(), spelled)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
        return aware.astimezone(UTC) if aware.timestamp() > 0 else None
    except (ValueError, OverflowError, OSError):
        return None


def _read(typed: str, spelled: str) -> datetime:
    if spelled == "iso":
        return datetime.fromisoformat(typed)
    if spelled == "epoch":
        return datetime.fromtimestamp(int(typed), UTC)
    if spelled == "epoch_ms":
        seconds, rest = divmod(int(typed), MILLISECONDS)
        return datetime.fromtimestamp(seconds, UTC) + timedelta(milliseconds=rest)
    return datetime.strptime(typed, spelled)  # noqa: DTZ007 - the caller adds the zone
