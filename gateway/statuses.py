"""The statuses a complaint may have: in process, or not any more."""

from __future__ import annotations

IN_PROCESS = frozenset(
    {"received", "verified", "forwarded", "in_progress", "awaiting_reporter"},
)
TERMINAL = frozenset({"resolved", "archived", "not_authorised", "withdrawn"})
