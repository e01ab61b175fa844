"""Carriers that speak SMPP, through a real Kannel, to the complaint and back to the phone."""

from __future__ import annotations

import re
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from e2e.smpp import GSM_7, UCS_2, Carrier, Short, gsm_7
from support import free_port, need, real_gateway

NUMBER = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{3}){2}\b")
COMBINE = 5  # seconds Kannel waits for a missing part
SOURCES = """
[sources.telkomsel]
adapter = "sms.kannel"
tokens = ["secret:telkomsel_token"]
carrier = "Telkomsel"
own_numbers = ["1708"]

[sources.indosat]
adapter = "sms.kannel"
tokens = ["secret:indosat_token"]
carrier = "Indosat"
own_numbers = ["1708"]
"""
GSM_7_PARTS = [
    "Sejak tiga minggu lalu saluran air di belakang pasar mampet dan meluap ke jalan; ",
    "biaya [pungutan] €5 {tanpa kwitansi} ^~| lewat C:\\lapor, saksi @warga_rw3 $, ",
    "warga sudah dua kali lapor ke kelurahan. Mohon dikeruk sebelum banjir datang.",
]
UCS_2_PARTS = ["Jembatan gantung putus 🌉, ", "anak sekolah naik rakit 🛶 … ", "tolong “segera” 🙏"]


_serial = count(1)


def a_phone() -> str:
    """Invent a subscriber."""
    return f"+62811345{next(_serial):05}"


@dataclass
class Country:
    """Two carriers, one Kannel, one gateway."""

    telkomsel: Carrier
    indosat: Carrier
    kannel: Any = field(repr=False)

    def event_of(self, reply: Short) -> dict:
        """Wait for the event of the complaint whose number a reply tells."""
        (number,) = set(NUMBER.findall(reply.text))
        return self.kannel.event(number)

    def body_of(self, reply: Short) -> str:
        return self.event_of(reply)["data"]["body"]

    def only_reply(self, carrier: Carrier, phone: str) -> Short:
        """Wait for the reply; it is the only one, since that to a later SMS is the next."""
        first = carrier.reply(phone)
        marker = f"Penanda {next(_serial)} di ujung antrean"
        carrier.sms(phone, marker)
        assert self.body_of(carrier.reply(phone, after=1)) == marker
        return first

    def journal_has(self, words: str) -> bool:
        """Whether any accepted request holds these words, however it was read."""
        query = (
            "SELECT count(*) FROM journal "
            "WHERE instr(message, :words) OR instr(CAST(raw AS TEXT), :words)"
        )
        with closing(sqlite3.connect(self.kannel.gateway.store_path)) as store:
            return bool(store.execute(query, {"words": words}).fetchone()[0])


@pytest.fixture(scope="module")
def country(tmp_path_factory, a_kannel) -> Iterator[Country]:
    for program in ("bearerbox", "smsbox"):
        need(program)
    folder = tmp_path_factory.mktemp("smpp")
    (folder / "lapor.toml").write_text(SOURCES)
    bind = {"username": "lapor", "smpp_password": secrets.token_hex(4)}
    with ExitStack() as stack:
        carriers = {
            name: stack.enter_context(Carrier(free_port(), *bind.values()))
            for name in ("telkomsel", "indosat")
        }
        gateway = stack.enter_context(
            real_gateway(folder / "gateway", LAPOR_CONFIG=str(folder / "lapor.toml"))
        )
        gateway.serve()
        gateway.start("work")
        gateway.start("consume", "--json")
        facts = {f"{name}_port": carrier.port for name, carrier in carriers.items()}
        for name in carriers:
            token = gateway.settings.sources[name].settings["tokens"][0]
            facts[f"{name}_url"] = f"http://127.0.0.1:{gateway.port}/in/{name}?token={token}"
        kannel = stack.enter_context(a_kannel(gateway, folder, "smpp", COMBINE, **facts, **bind))
        yield Country(**carriers, kannel=kannel)
        assert [carrier.faults for carrier in carriers.values()] == [[], []]


@pytest.mark.parametrize(
    ("text", "coding"),
    [
        ("Bayar €50? {a} [b] ~c ^d |e \\f, saksi @warga_rw3, $1 & £2 §", GSM_7),
        ("Baris satu\nbaris dua\n- tiga", GSM_7),
        ("Jalan longsor 🚧🙏 tolong “segera” … ꦗꦮ", UCS_2),
    ],
    ids=["every extension character, @ $ and _", "line breaks", "emoji"],
)
def test_a_text_arrives_exactly_as_it_was_typed(country, text, coding):
    phone = a_phone()
    country.telkomsel.sms(phone, text, coding)

    assert country.body_of(country.telkomsel.reply(phone)) == text


def test_the_reply_is_one_plain_sms_from_1708_to_the_phone_that_wrote(country):
    phone, other = a_phone(), a_phone()
    country.telkomsel.sms(phone, "Lampu jalan padam semua")
    country.telkomsel.sms(other, "Obat puskesmas kosong")
    reply = country.only_reply(country.telkomsel, phone)

    assert country.body_of(reply) == "Lampu jalan padam semua"
    assert country.body_of(country.telkomsel.reply(other)) == "Obat puskesmas kosong"
    assert (reply.source, reply.destination) == ("1708", phone)
    assert reply.text.startswith("Terima kasih. Laporan Anda diterima dengan nomor ")
    assert (reply.coding, reply.esm_class & 0x40) == (GSM_7, 0)
    assert reply.octets == len(gsm_7(reply.text)) <= 160


@pytest.mark.parametrize("reference", [0xCC, 0x1CC], ids=["8-bit reference", "16-bit reference"])
@pytest.mark.parametrize(
    ("parts", "coding"), [(GSM_7_PARTS, GSM_7), (UCS_2_PARTS, UCS_2)], ids=["GSM-7", "UCS-2"]
)
def test_three_parts_out_of_order_are_one_complaint_with_one_reply(
    country, parts, coding, reference
):
    phone = a_phone()
    for index in (3, 1, 2):
        country.telkomsel.part(phone, parts, index, reference=reference, coding=coding)

    assert country.body_of(country.only_reply(country.telkomsel, phone)) == "".join(parts)


def test_two_senders_with_one_reference_at_the_same_time_are_both_whole(country):
    one, other = a_phone(), a_phone()
    texts = {
        one: ["Guru honorer ", "belum digaji ", "sejak Juli"],
        other: ["Truk pasir ", "merusak jalan ", "desa kami"],
    }
    for phone, index in ((one, 2), (other, 3), (one, 3), (other, 1), (other, 2), (one, 1)):
        country.telkomsel.part(phone, texts[phone], index, reference=7)

    for phone, parts in texts.items():
        reply = country.only_reply(country.telkomsel, phone)
        assert country.body_of(reply) == "".join(parts)


def test_two_carriers_deliver_to_two_sources_and_each_carries_its_own_reply(country):
    for name, carrier in (("telkomsel", country.telkomsel), ("indosat", country.indosat)):
        for attempt in range(4):  # a reply by way of whichever carrier would be found out
            phone, text = a_phone(), f"Pupuk langka di kios {name} {attempt}"
            carrier.sms(phone, text)
            event = country.event_of(carrier.reply(phone))

            assert event["data"]["body"] == text
            assert event["data"]["source"]["source"] == name
            assert event["data"]["source"]["carrier"].lower() == name


def test_one_long_sms_by_two_carriers_is_two_complaints(country):
    """The same phone number cannot be with both, but a spoofed or ported one can seem to be."""
    phone, parts = a_phone(), ["Pasar becek ", "dan bau"]
    country.telkomsel.part(phone, parts, 1, reference=9)
    country.indosat.part(phone, parts, 2, reference=9)
    country.indosat.part(phone, parts, 1, reference=9)
    country.telkomsel.part(phone, parts, 2, reference=9)

    for carrier in (country.telkomsel, country.indosat):
        assert country.body_of(carrier.reply(phone)) == "".join(parts)


def test_the_words_of_a_part_whose_others_never_come_are_not_lost(country):
    words = {
        reference: f"Dana desa dipotong separuh {secrets.token_hex(4)}"
        for reference in (0x05, 0xCD, 0x1CD)  # the header comes as bytes: 0xCD is not UTF-8
    }
    for reference, text in words.items():
        country.telkomsel.part(a_phone(), ["hilang", text], 2, reference=reference)

    for text in words.values():
        country.kannel.wait(lambda text=text: country.journal_has(text))
