"""One message in, one canonical complaint out."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from support import NOW, PHONE, a_message

from channels.base import Attachment, InboundMessage, Sender
from normalizer.complaint import Complaint, IncidentDate, Named
from normalizer.normalize import UNTITLED, normalize
from normalizer.schema import dump, json_schema

VALID = Draft202012Validator(json_schema())
NUMBER = "7K3M-Q2P-9X7"
FIELDS = {
    "title": "Lampu jalan mati",
    "incident_date": "2026-11-16",
    "incident_location": "Balai Desa Sukamaju",
    "classification": "aspiration",
    "agency": "Dinas PU",
    "category": "Penerangan",
    "anonymous": False,
    "confidential": True,
    "latitude": -7.5,
    "longitude": 110,
    "reporter": {"name": "Sari Contoh", "phone": "081234500017"},
}


def read(message: InboundMessage) -> Complaint:
    complaint = normalize(message, number=NUMBER, reporter_ref="ref-1")
    VALID.validate(dump(complaint))
    return complaint


def from_app(text: str = "Gelap sejak Senin.", **changed: object) -> InboundMessage:
    fields = {key: value for key, value in (FIELDS | changed).items() if value is not None}
    return a_message(text, source="app", channel="app", provider="app", sender=None, fields=fields)


def test_sms_is_text_alone_and_what_it_does_not_tell_is_listed():
    complaint = read(a_message("Assalamualaikum pak. Jalan rusak di Wates. Tolong segera."))
    assert complaint.missing == ("incident_date", "incident_location")
    assert (complaint.title.text, complaint.title.origin) == ("Jalan rusak di Wates", "extracted")
    assert complaint.body == "Assalamualaikum pak. Jalan rusak di Wates. Tolong segera."
    assert complaint.incident_date == IncidentDate()
    assert (complaint.agency, complaint.category) == (Named(), Named())
    assert (complaint.classification, complaint.flags) == ("complaint", ())
    assert (complaint.anonymous, complaint.confidential) == (False, False)
    assert complaint.reporter.proven


def test_fields_of_the_app_are_the_reporters_words():
    complaint = read(from_app())
    assert complaint.missing == ()
    assert (complaint.title.text, complaint.title.origin) == ("Lampu jalan mati", "reporter")
    assert complaint.incident_date == IncidentDate("2026-11-16", "day", "reporter")
    location = complaint.incident_location
    assert (location.text, location.origin) == ("Balai Desa Sukamaju", "reporter")
    assert (location.latitude, location.longitude) == (-7.5, 110.0)
    assert complaint.agency == Named(text="Dinas PU", origin="reporter")
    assert complaint.category == Named(text="Penerangan", origin="reporter")
    assert (complaint.classification, complaint.confidential) == ("aspiration", True)
    assert (complaint.reporter.name, complaint.reporter.proven) == ("Sari Contoh", False)


def test_place_on_the_map_without_words_is_still_missing_its_words():
    complaint = read(from_app(incident_location=None))
    assert complaint.missing == ("incident_location",)
    assert complaint.incident_location.latitude == -7.5
    assert complaint.incident_location.origin is None


def test_anonymous_report_names_nobody():
    sender = Sender("account", "17", proven=True, name="Sari Contoh")
    named, nameless = (
        read(a_message(sender=sender, fields={"anonymous": hidden, "reporter": {"name": "Sari"}}))
        for hidden in (False, True)
    )
    assert named.reporter.name == "Sari"
    assert nameless.reporter.name is None
    assert nameless.anonymous
    assert "Sari" not in str(dump(nameless))


def test_name_of_the_sender_stands_in_for_one_that_was_not_typed():
    sender = Sender("x", "17", proven=True, name="Warga Contoh")
    assert read(a_message(sender=sender)).reporter.name == "Warga Contoh"


def test_typed_phone_number_and_the_senders_are_in_no_record():
    record = str(dump(read(from_app()))) + str(dump(read(a_message())))
    assert "081234500017" not in record
    assert PHONE not in record


def test_media_still_at_the_provider_are_flagged():
    files = (Attachment("image/jpeg", url="https://media.example/1", name="jalan.jpg"),)
    complaint = read(a_message("Foto jalan", attachments=files))
    assert complaint.flags == ("media_pending",)
    (file,) = complaint.attachments
    assert (file.media_type, file.name, file.verdict) == ("image/jpeg", "jalan.jpg", "not_fetched")
    assert "media.example" not in str(dump(complaint))


def test_media_that_are_here_are_not_pending():
    files = (Attachment("image/jpeg", verdict="clean"),)
    assert read(a_message(attachments=files)).flags == ()


@pytest.mark.parametrize("text", ["", " \n\t", "\u200b\ufeff"])
def test_empty_text_is_a_complaint_all_the_same(text):
    complaint = read(a_message(text))
    assert (complaint.title.text, complaint.body) == (UNTITLED, "")
    assert complaint.flags == ("empty_text",)


def test_invisible_title_and_place_are_not_given():
    complaint = read(from_app("Lampu mati di gang.", title="\u200b", incident_location="\ufeff "))
    assert (complaint.title.text, complaint.title.origin) == ("Lampu mati di gang", "extracted")
    assert complaint.missing == ("incident_location",)


def test_title_body_and_place_are_masked():
    complaint = read(
        from_app(
            "Hubungi 0812-3450-0017 atau sari@contoh.example",
            title="Rekening 1234567890 dibobol",
            incident_location="Rumah 081234500017",
        )
    )
    assert complaint.title.text == "Rekening *******890 dibobol"
    assert complaint.body == "Hubungi *********017 atau ***@contoh.example"
    assert complaint.incident_location.text == "Rumah *********017"
    assert [one.kind for one in complaint.identifiers] == ["account", "phone", "email", "phone"]


def test_identifier_in_the_headline_of_an_sms_is_listed_once():
    complaint = read(a_message("Nomor 081234500017 menipu warga"))
    assert complaint.title.text == "Nomor *********017 menipu warga"
    assert len(complaint.identifiers) == 1


def test_text_as_received_is_not_changed():
    message = a_message("  Nomor  081234500017 ")
    read(message)
    assert message.text == "  Nomor  081234500017 "


def test_record_tells_how_it_came_in():
    sent_at = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
    message = a_message(carrier="Telkomsel", sent_at=sent_at, provider_id="id-1")
    record = dump(read(message))
    assert record["source"] == {
        "channel": "sms",
        "source": "kannel",
        "provider": "kannel",
        "carrier": "Telkomsel",
        "message_id": "id-1",
        "sent_at": "2026-11-21T03:00:00+00:00",
        "received_at": NOW.isoformat(),
    }
    assert (record["number"], record["revision"]) == (NUMBER, 1)
    assert record["reporter"]["ref"] == "ref-1"


def test_same_message_gives_the_same_record():
    message = from_app()
    assert dump(read(message)) == dump(read(message))


def test_later_revision_is_told():
    assert normalize(a_message(), number=NUMBER, reporter_ref=None, revision=4).revision == 4


def test_record_has_exactly_the_described_fields():
    def check(record: object, schema: dict[str, object]) -> None:
        while "$ref" in schema:
            schema = json_schema()["$defs"][str(schema["$ref"]).rpartition("/")[2]]
        if isinstance(record, dict) and "properties" in schema:
            assert set(record) == set(schema["properties"])
            for name, below in record.items():
                check(below, schema["properties"][name])
        if isinstance(record, list):
            for below in record:
                check(below, schema.get("items", {}))

    files = (Attachment("image/jpeg", name="a.jpg"),)
    check(dump(read(a_message("Nomor 081234500017", attachments=files))), json_schema())


ANY_TEXT = st.one_of(
    st.text(alphabet=st.characters(exclude_categories=())),  # lone surrogates too
    st.text(alphabet="0123456789-+ .@a\n\u0660\u0661\u0662"),
)


@settings(derandomize=True, database=None, deadline=None, max_examples=200)
@given(text=ANY_TEXT, title=st.one_of(st.none(), ANY_TEXT), place=st.one_of(st.none(), ANY_TEXT))
def test_any_text_becomes_a_valid_record_without_ten_digits_in_a_row(text, title, place):
    complaint = read(from_app(text, title=title, incident_location=place))
    shown = (complaint.title.text, complaint.body, complaint.incident_location.text or "")
    assert complaint.title.text
    assert [part for part in shown if re.search(r"\d{10}", part)] == []
