"""Whose number it is, and who has gone silent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support import NOW, a_message

from channels.base import Sender
from config.settings import load
from gateway import doctor
from gateway.assembly import assemble
from gateway.carriers import Carriers
from gateway.silence import pauses


@pytest.fixture
def carriers(tmp_path):
    return Carriers(load({"LAPOR_VAR_DIR": str(tmp_path)}).carriers)


@pytest.mark.parametrize(
    ("number", "carrier"),
    [
        ("+6281112345678", "Telkomsel"),
        ("+6281312345678", "Telkomsel"),
        ("+6285312345678", "Telkomsel"),
        ("+6281412345678", "Indosat"),
        ("+6285812345678", "Indosat"),
        ("+6289512345678", "Three"),
        ("+6289912345678", "Three"),
        ("+6287712345678", "XL"),
        ("+6283112345678", "Axis"),
        ("+6288112345678", "Smartfren"),
        ("+622112345678", None),
        ("+60123456789", None),
    ],
)
def test_the_numbering_plan_tells_whose_number_it_was(carriers, number, carrier):
    assert carriers.of(number) == carrier


def test_a_sender_of_another_carrier_is_flagged_and_nobody_else(carriers):
    telkomsel = Sender("tel", "+6281112345678", proven=True)
    assert carriers.flags(a_message(sender=telkomsel, carrier="Indosat")) == ("carrier_mismatch",)
    assert carriers.flags(a_message(sender=telkomsel, carrier="telkomsel")) == ()
    assert carriers.flags(a_message(sender=telkomsel, carrier=None)) == ()
    assert carriers.flags(a_message(sender=None, carrier="Indosat")) == ()
    foreign = Sender("tel", "+60123456789", proven=True)
    assert carriers.flags(a_message(sender=foreign, carrier="Indosat")) == ()


def test_a_prefix_that_is_none_is_named():
    with pytest.raises(ValueError, match=r"carriers\.Telkomsel: '811'"):
        Carriers({"Telkomsel": ["811"]})


def test_the_flag_reaches_the_record(tmp_path):
    gateway = assemble(load({"LAPOR_VAR_DIR": str(tmp_path)}))
    flags = gateway.processing._flags(a_message(carrier="Indosat"))
    assert flags == ("carrier_mismatch",)


def deliver(intake, *hours_ago, source="kannel"):
    for n, hours in enumerate(hours_ago):
        at = NOW - timedelta(hours=hours)
        intake.accept([a_message(f"laporan {n} {hours}", source=source, received_at=at)])


def test_a_source_is_silent_when_it_pauses_longer_than_every_night(store, intake):
    # Ten days of one message an hour by day, and eight hours of night.
    by_day = [24 * day + hour for day in range(10) for hour in range(16)]
    deliver(intake, *sorted((hours + 7.5 for hours in by_day), reverse=True))
    (pause,) = pauses(store, ["kannel", "nobody"], NOW)
    assert pause.usual == timedelta(hours=9)
    assert not pause.is_unusual
    (later,) = pauses(store, ["kannel"], NOW + timedelta(hours=2))
    assert later.is_unusual


def test_too_few_messages_say_nothing_about_silence(store, intake):
    deliver(intake, 5, 4, 3)
    assert pauses(store, ["kannel"], NOW) == []


def test_the_doctor_names_a_silent_source(store, intake, tmp_path):
    deliver(intake, *(200 - n / 10 for n in range(25)))
    settings = load({"LAPOR_VAR_DIR": str(tmp_path)})
    (finding,) = doctor._silence(store, settings, NOW)
    assert not finding.good
    assert finding.said.startswith("kannel: silent for")
