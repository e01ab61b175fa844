"""From a farmer's handset to the queue and back, through a real Kannel.

Every test sends SMS through fakesmsc, bearerbox and smsbox to the real commands, and looks at what
the handset shows, what a consumer of the queue received and what an operator sees.
"""

from __future__ import annotations

import re
import signal
from contextlib import ExitStack
from datetime import datetime
from urllib.parse import quote

import pytest

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def test_a_farmers_sms_gets_its_number_back_and_is_a_complaint_on_the_queue(kannel):
    text = "Petugas meminta pungutan liar untuk pupuk bersubsidi"
    with kannel.sms(text) as handset:
        number = handset.number()

    assert handset.reply() == (
        f"Terima kasih. Laporan Anda diterima dengan nomor {number}. "
        f"Balas CEK {number} untuk status."
    )
    event = kannel.event(number)
    record = event["data"]
    assert event["type"] == "id.lapor.complaint.received.v1"
    assert record["number"] == number
    assert record["title"] == {"text": text, "origin": "extracted"}
    assert record["body"] == text
    assert record["missing"] == ["incident_date", "incident_location"]
    assert record["source"]["carrier"] == "Telkomsel"
    assert record["source"]["source"] == "kannel"
    assert record["source"]["channel"] == "sms"
    assert UUID.fullmatch(record["source"]["message_id"])
    assert record["reporter"]["proven"] is True
    assert record["reporter"]["ref"]
    assert handset.phone.removeprefix("+") not in str(event)


def test_when_it_was_sent_and_when_it_came_are_both_kept(kannel):
    source = kannel.event(kannel.file("Lampu jalan padam semua"))["data"]["source"]

    sent, received = map(datetime.fromisoformat, (source["sent_at"], source["received_at"]))
    assert sent.utcoffset() is not None
    assert abs((received - sent).total_seconds()) < 60


def test_the_same_words_again_get_the_same_number_and_no_second_event(kannel):
    text = "Saluran irigasi jebol dan sawah kebanjiran"
    with kannel.sms(text) as handset:
        number = handset.number()
    again = kannel.ask(text, sender=handset.phone)
    kannel.event(number)
    kannel.replies_sent()

    assert again == (
        f"Laporan ini sudah kami terima dan sedang diproses dengan nomor {number}. "
        f"Balas CEK {number} untuk status."
    )
    assert kannel.bodies().count(text) == 1


def test_the_same_words_of_another_citizen_are_another_complaint(kannel):
    text = "Tiang listrik miring hampir roboh"
    one, other = kannel.file(text), kannel.file(text)

    assert one != other
    assert (
        kannel.event(one)["data"]["reporter"]["ref"]
        != kannel.event(other)["data"]["reporter"]["ref"]
    )


def test_two_complaints_of_one_citizen_have_the_same_reporter(kannel):
    with kannel.sms("Bidan puskesmas jarang datang") as handset:
        first = handset.number()
    second = kannel.file("Harga gabah jatuh", sender=handset.phone)

    assert (
        kannel.event(first)["data"]["reporter"]["ref"]
        == kannel.event(second)["data"]["reporter"]["ref"]
    )


def test_cek_tells_the_reporter_the_status_and_a_stranger_nothing(kannel):
    with kannel.sms("Dana bantuan belum cair") as handset:
        number = handset.number()

    told = kannel.ask(f"CEK {number}", sender=handset.phone)
    typed_otherwise = kannel.ask(f"cek {number.replace('-', '').lower()}", sender=handset.phone)
    told_a_stranger = kannel.ask(f"CEK {number}")

    assert told == f"Laporan {number} sudah diterima dan menunggu verifikasi. Terima kasih."
    assert typed_otherwise == told
    assert "tidak ditemukan" in told_a_stranger
    assert number not in told_a_stranger


@pytest.mark.parametrize(
    ("kind", "encoding", "text"),
    [
        ("ucs2", "utf-16-be", "Jalan longsor 🚧🙏 tolong “segera” … ꦗꦮ"),
        ("ucs2", "utf-16-be", "Pupuk langka\nHarga naik dua kali\nMohon dicek"),
        ("data", "latin-1", "Kepala desa menahan bantuan\nSaksi: Señor André"),
    ],
    ids=["emoji", "line breaks", "8-bit"],
)
def test_a_text_arrives_as_it_was_typed(kannel, kind, encoding, text):
    number = kannel.file(quote(text.encode(encoding)), kind=kind)

    assert kannel.event(number)["data"]["body"] == text


def test_a_long_sms_whose_second_part_comes_first_is_one_complaint(kannel):
    parts = ["Jembatan gantung putus sejak banjir, ", "anak sekolah menyeberang dengan rakit"]
    header = "%05%00%03%CC%02"
    before = kannel.replies_sent()
    with kannel.sms(f"{header}%02 {quote(parts[1])}", kind="udh-data") as handset:
        kannel.wait(lambda: "sent message 1" in handset.screen.read_text())
    number = kannel.file(f"{header}%01 {quote(parts[0])}", kind="udh-data", sender=handset.phone)

    assert kannel.event(number)["data"]["body"] == "".join(parts)
    assert kannel.replies_sent() - before == 1


def test_an_sms_to_a_gateway_that_is_down_gets_one_number_once_it_is_up(kannel):
    text = "Air ledeng keruh berbau"
    before = kannel.replies_sent()
    with ExitStack() as stack:
        with kannel.web_is_down(signal.SIGTERM):
            failures = kannel.failures()
            handset = stack.enter_context(kannel.sms(text))
            kannel.wait(lambda: kannel.failures() >= failures + 2)
        number = handset.number()

    assert kannel.event(number)["data"]["body"] == text
    assert kannel.replies_sent() - before == 1
    assert kannel.bodies().count(text) == 1


def test_an_sms_whose_answer_came_too_late_gets_the_number_it_has_already(kannel):
    text = "Pohon tumbang menimpa warung"
    before, answered = kannel.replies_sent(), kannel.answered(200)
    with ExitStack() as stack:
        with kannel.web_hangs():
            failures = kannel.failures()
            handset = stack.enter_context(kannel.sms(text))
            kannel.wait(lambda: kannel.failures() > failures)
        number = handset.number()

    kannel.wait(lambda: kannel.answered(200) >= answered + 2)
    assert handset.reply().startswith("Terima kasih. Laporan Anda diterima dengan nomor")
    assert kannel.event(number)["data"]["body"] == text
    assert kannel.replies_sent() - before == 1
    assert kannel.bodies().count(text) == 1


def test_numbers_that_were_told_outlive_a_web_side_that_was_killed(kannel):
    told = {}
    for text in ("Sekolah menahan ijazah", "Obat puskesmas kosong", "Angkot ugal-ugalan"):
        with kannel.sms(text) as handset:
            told[handset.phone] = handset.number()
    with kannel.web_is_down(signal.SIGKILL):
        pass

    for phone, number in told.items():
        assert f"Laporan {number} sudah diterima" in kannel.ask(f"CEK {number}", sender=phone)
        assert kannel.event(number)


def test_an_sms_from_a_short_code_gets_no_reply_and_is_no_complaint(kannel):
    text = "Promo pulsa murah hari ini"
    before, answered = kannel.replies_sent(), kannel.answered(200)
    with kannel.sms(text, sender="6711"):
        kannel.wait(lambda: kannel.answered(200) > answered)

    assert kannel.replies_sent() == before
    assert text not in kannel.bodies()


def test_a_wrong_token_costs_no_message_since_an_operator_can_release_it(kannel):
    text = "Parkir liar menutup trotoar"
    refused = kannel.answered(403)
    with kannel.sms(text, carrier="indosat") as handset:
        kannel.wait(lambda: kannel.answered(403) >= refused + 2)
        listed = kannel.gateway.run("quarantine", "list")
        assert handset.replies() == []
    kept = UUID.findall(listed)
    assert len(kept) == 1, listed
    assert text not in kannel.bodies()

    released = kannel.gateway.run("quarantine", "release", kept[0])

    assert kannel.event(released.split()[-1])["data"]["body"] == text
