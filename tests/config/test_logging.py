"""Logs: one JSON object a line, whoever writes it."""

from __future__ import annotations

import io
import json
import logging

import pytest
import structlog

from config.logging import configure

NASTY = [
    "dua\r\nbaris",
    'a"}\n{"event": "forged"}',
    "\u2028\u2029\x85\x0b\x0c\x1c",
    "\ud800",
    "\0\x1b[31m",
    "kata \U0001f6a7",
]


@pytest.fixture
def out():
    """A stream that everything is logged to; what was set up before comes back."""
    root = logging.getLogger()
    handlers, level, before = root.handlers[:], root.level, structlog.get_config()
    stream = io.StringIO()
    configure(stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**before)


def one_object(out: io.StringIO) -> dict[str, object]:
    text = out.getvalue()
    assert text.endswith("\n")
    assert len(text.splitlines()) == 1  # splits at every line break there is
    told = json.loads(text)
    assert isinstance(told, dict)
    return told


@pytest.mark.parametrize("value", NASTY)
def test_value_of_an_event_cannot_begin_a_line(out, value):
    structlog.get_logger().info("accepted", source=value)
    told = one_object(out)
    assert (told["event"], told["source"], told["level"]) == ("accepted", value, "info")
    assert str(told["timestamp"]).endswith("Z")


@pytest.mark.parametrize("value", NASTY)
def test_record_of_the_standard_library_cannot_begin_a_line(out, value):
    logging.getLogger("orang.lain").warning("request %s", value)
    told = one_object(out)
    assert told["event"] == f"request {value}"
    assert told["level"] == "warning"


def test_exception_of_the_standard_library_is_in_the_same_line(out):
    try:
        json.loads("{\n")
    except ValueError:
        logging.getLogger("orang.lain").exception("gagal")
    assert "JSONDecodeError" in str(one_object(out)["exception"])


def test_name_of_an_event_and_of_a_value_cannot_begin_a_line(out):
    structlog.get_logger().info("dua\nbaris", **{"a\nb": 1})
    assert one_object(out)["a\nb"] == 1


def test_value_that_is_no_json_is_spelled_out(out):
    structlog.get_logger().info("x", value={1, 2}.__class__, raw=b"\xff")
    assert "set" in str(one_object(out)["value"])


def test_chatter_below_a_warning_of_others_is_left_out(out):
    logging.getLogger("orang.lain").info("x")
    structlog.get_logger().debug("x")
    assert out.getvalue() == ""


def test_configured_twice_logs_once(out):
    configure(out)
    logging.getLogger("orang.lain").warning("x")
    one_object(out)
