"""When the provider had a message."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from channels.sms.times import read_time

WIB = ZoneInfo("Asia/Jakarta")
MOMENT = datetime(2026, 11, 21, 16, 37, 42, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "spelled"),
    [
        ("2026-11-21T23:37:42", "iso"),
        ("2026-11-21T16:37:42Z", "iso"),
        ("2026-11-21T16:37:42+0000", "iso"),
        ("2026-11-22T01:37:42+09:00", "iso"),
        (" 2026-11-21 23:37:42 ", "iso"),
        ("1795279062", "epoch"),
        ("1795279062000", "epoch_ms"),
        ("20261121233742", "%Y%m%d%H%M%S"),
        ("21/11/2026 23:37:42", "%d/%m/%Y %H:%M:%S"),
        ("21/11/2026 16:37:42 +0000", "%d/%m/%Y %H:%M:%S %z"),
    ],
)
def test_time_is_utc_and_one_without_a_zone_is_local(typed, spelled):
    read = read_time(typed, spelled, WIB)
    assert read == MOMENT
    assert read.tzinfo is UTC


@pytest.mark.parametrize("spelled", ["iso", "epoch", "epoch_ms", "%Y%m%d%H%M%S", "%Y-%m-%d %z"])
@pytest.mark.parametrize(
    "typed",
    ["", "kemarin", "0", "-5", "9" * 30, "9" * 5000, "0001-01-01", "1795\0"],
)
def test_time_that_cannot_be_read_is_unknown(typed, spelled):
    assert read_time(typed, spelled, WIB) is None


def test_milliseconds_are_kept():
    assert read_time("1795279062123", "epoch_ms") == MOMENT.replace(microsecond=123_000)
