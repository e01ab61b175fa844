"""Whatever a stranger sends: every adapter answers with a ChannelError, or reads it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from contract.cases import case
from contract.specimens import CURRENT, SPECIMENS, Specimen
from support import NOW

from channels.base import ChannelError, Malformed, NotAuthentic, RawInbound

every_adapter = pytest.mark.parametrize("specimen", SPECIMENS, ids=str)

MANY = b"&".join(b"a%d=b" % index for index in range(5000))
JUNK = {
    "empty": b"",
    "bytes that are not UTF-8": b"\xff\xfe\xfa From=\xc3(",
    "escapes that are not UTF-8": b"From=%ff%fe&Body=%c3%28&token=%ff&id=%80",
    "broken escapes": b"%&%%=%zz&From=%4",
    "a brace": b"{",
    "NULs": b"\0" * 1000,
    "escaped NULs": b"From=%00&Body=%00&id=%00&MessageSid=%00&title=%00",
    "ten megabytes": b"a" * 10_000_000,
    "ten megabytes of digits": b"From=" + b"1" * 10_000_000,
    "ten megabytes of JSON": b'{"title": "' + b"a" * 10_000_000 + b'"}',
    "deep arrays": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"reporter":' * 100_000 + b"1" + b"}" * 100_000,
    "deep arrays in a field": b'{"attachments":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "thousands of parameters": MANY,
    "thousands of keys": b"{" + b",".join(b'"a%d":1' % index for index in range(5000)) + b"}",
    "lone surrogates": b'{"title": "\\ud800", "\\udfff": 1, "body": "\\udc00\\ud800"}',
    "a number longer than any": b'{"latitude": ' + b"9" * 5000 + b"}",
    "numbers that are none": b'{"latitude": NaN, "longitude": Infinity}',
    "a list": b"[1, 2]",
    "a word": b"null",
    "UTF-16": '{"title": "a"}'.encode("utf-16"),
    "count of media longer than any": b"From=1&Body=a&MessageSid=b&NumMedia=" + b"9" * 5000,
    "negative count of media": b"From=1&Body=a&MessageSid=b&NumMedia=-1",
    "media that is not there": b"From=1&Body=a&MessageSid=b&NumMedia=3",
    "blanks after a command": b"cek" + b" " * 100_000 + b"a" + b" " * 100_000 + b"!",
}
every_junk = pytest.mark.parametrize("junk", JUNK.values(), ids=JUNK)


def only_channel_errors(specimen: Specimen, raw: RawInbound) -> None:
    for ask in (specimen.channel().verify, specimen.channel().parse):
        try:
            ask(raw)
        except ChannelError:
            continue


@every_adapter
@every_junk
def test_junk_body_raises_channel_errors_only(specimen, junk):
    genuine = specimen.genuine(CURRENT)
    only_channel_errors(specimen, replace(genuine, body=junk))
    only_channel_errors(specimen, replace(genuine, body=junk, method="GET"))


@every_adapter
@every_junk
def test_junk_query_raises_channel_errors_only(specimen, junk):
    genuine = specimen.genuine(CURRENT)
    only_channel_errors(specimen, replace(genuine, raw_query=junk))
    only_channel_errors(specimen, replace(genuine, raw_query=junk, body=junk, method="GET"))


@every_adapter
@every_junk
def test_unsigned_junk_is_not_authentic(specimen, junk):
    raw = RawInbound("POST", "/in/x", junk[:20_000], (), junk, "127.0.0.1", NOW)
    with pytest.raises(NotAuthentic):
        specimen.channel().verify(raw)


@every_adapter
def test_junk_headers_raise_channel_errors_only(specimen):
    genuine = specimen.genuine(CURRENT)
    for value in (
        "",
        " ",
        "\xff" * 500,
        "Basic",
        "Bearer",
        "Basic é",
        '"',
        '""',
        "\0",
        "a" * 100_000,
    ):
        headers = tuple((name, value) for name, _ in genuine.headers)
        only_channel_errors(specimen, replace(genuine, headers=headers))
        only_channel_errors(specimen, replace(genuine, headers=(("Authorization", value),)))


# --- verified, but unreadable ------------------------------------------------------------


def test_media_of_twilio_are_taken_up_to_its_own_limit():
    (twilio,) = (specimen for specimen in SPECIMENS if specimen.adapter == "sms.twilio")
    genuine = twilio.genuine(CURRENT)
    media = b"".join(b"&MediaUrl%d=u%d&MediaContentType%d=a" % (at, at, at) for at in range(12))
    for told, taken in ((b"", 0), (b"1", 1), (b"10", 10), (b"12", 10)):
        body = genuine.body.replace(b"NumMedia=0", b"NumMedia=" + told) + media
        (message,) = twilio.channel().parse(replace(genuine, body=body))
        assert [file.url for file in message.attachments] == [f"u{at}" for at in range(taken)]


def test_kannel_with_get_url_and_no_text_is_malformed_instead_of_an_empty_report():
    (kannel,) = (specimen for specimen in SPECIMENS if specimen.adapter == "sms.kannel")
    with pytest.raises(Malformed, match="no text="):
        kannel.channel().parse(replace(kannel.genuine(CURRENT), method="GET"))


@pytest.mark.parametrize("name", ["jasmin/plain", "http/form_basic", "http/query_hex_ucs2"])
def test_other_method_than_the_sources_own_is_malformed(name):
    told = case(name)
    other = "GET" if told.request.method == "POST" else "POST"
    with pytest.raises(Malformed, match="method"):
        told.channel().parse(replace(told.request, method=other))


def test_one_unreadable_item_of_a_batch_parks_them_all_so_that_a_replay_has_them_all():
    told = case("http/infobip_batch")
    body = told.request.body.replace(b"817790313235066448", b"")
    with pytest.raises(Malformed):
        told.channel().parse(replace(told.request, body=body))


JSON_THAT_IS_NOT_LAID_OUT_SO = {
    "no list": {"results": {}},
    "nothing": {},
    "a list": [],
    "words in the list": {"results": ["a"]},
    "a list for a text": {"results": [{"messageId": "a", "from": "1", "text": []}]},
    "a truth for a text": {"results": [{"messageId": "a", "from": "1", "text": True}]},
    "a fraction for an id": {"results": [{"messageId": 1.5, "from": "1", "text": "a"}]},
    "no text": {"results": [{"messageId": "a", "from": "1"}]},
    "no sender": {"results": [{"messageId": "a", "text": "a"}]},
}


@pytest.mark.parametrize(
    "document", JSON_THAT_IS_NOT_LAID_OUT_SO.values(), ids=JSON_THAT_IS_NOT_LAID_OUT_SO
)
def test_json_that_is_not_laid_out_as_the_settings_say_is_malformed(document):
    told = case("http/infobip_batch")
    with pytest.raises(Malformed):
        told.channel().parse(replace(told.request, body=json.dumps(document).encode()))


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("jasmin/emoji_as_ucs2", b"binary=004a", b"binary=4a"),
        ("jasmin/emoji_as_ucs2", b"binary=004a", b"binary=zz"),
        ("jasmin/emoji_as_ucs2", b"d83ddea7", b"d83d"),
        ("jasmin/emoji_as_ucs2", b"binary=", b"biner="),
        ("jasmin/plain", b"coding=%00", b"coding=%0B"),
        ("jasmin/plain", b"coding=%00", b"coding="),
        ("jasmin/plain", b"from=", b"dari="),
        ("jasmin/plain", b"id=", b"nomor="),
        ("jasmin/content_without_binary", b"content=", b"isi="),
        ("http/form_basic", b"MsgId=", b"Nomor="),
        ("http/form_basic", b"MSISDN=", b"MSISDN=%ff"),
        ("http/json_part_with_half_an_emoji", b'"part": "1"', b'"part": "satu"'),
        ("http/json_part_with_half_an_emoji", b'"total": 2', b'"total": 256'),
    ],
)
def test_other_sms_that_cannot_be_read_is_malformed_so_that_it_is_parked(name, old, new):
    told = case(name)
    body = told.request.body.replace(old, new)
    assert body != told.request.body
    with pytest.raises(Malformed):
        told.channel().parse(replace(told.request, body=body))


@pytest.mark.parametrize(
    ("old", "new"), [(b"dcs=8", b"dcs=245"), (b"udh=", b"udh=0g"), (b"sms=", b"sms=0")]
)
def test_query_of_a_carrier_that_cannot_be_read_is_malformed(old, new):
    told = case("http/query_hex_ucs2")
    query = told.request.raw_query.replace(old, new)
    assert query != told.request.raw_query
    with pytest.raises(Malformed):
        told.channel().parse(replace(told.request, raw_query=query))


@pytest.mark.parametrize(
    ("adapter", "old", "new"),
    [
        ("sms.kannel", b"from=", b"dari="),
        ("sms.kannel", b"id=", b"nomor="),
        ("sms.kannel", b"id=e786379f-6370-4ab1-a2e2-159063daff01", b"id="),
        ("sms.kannel", b"id=", b"id=%C3%28"),
        ("sms.kannel", b"udh=", b"udh=" + b"&x=1" * 200),
        ("sms.kannel", b"charset=UTF-8", b"charset=EBCDIC"),
        ("sms.kannel", b"charset=UTF-8", b"charset=UTF-16BE&b=%C"),
        ("twitter", b'"event_type"', b'"jenis"'),
        ("twitter", b'"payload"', b'"isi"'),
        ("twitter", b'"text"', b'"teks"'),
        ("twitter", b'"author_id"', b'"penulis"'),
        ("twitter", b'"author_id": "', b'"author_id": "x'),
        ("twitter", b'"id": "20', b'"id": "-20'),
        ("twitter", b'"id": "2080761390344937796"', b'"id": true'),
        ("twitter", b'{"data": {', b'{"data": [[{}], {'),
        ("sms.twilio", b"&From=", b"&Dari="),
        ("sms.twilio", b"&Body=", b"&Isi="),
        ("sms.twilio", b"&MessageSid=SM0f3c1a7b9d2e4c5f8a6b7c8d9e0f1a2b", b"&MessageSid="),
        ("sms.twilio", b"ambrol", b"ambrol%FF"),
        ("sms.twilio", b"ToZip=", b"ToZip=" + b"&x=1" * 200),
        ("sms.twilio", b"NumMedia=0", b"NumMedia=banyak"),
        ("sms.twilio", b"NumMedia=0", b"NumMedia=1"),
    ],
)
def test_sms_that_cannot_be_read_is_malformed_so_that_it_is_parked(adapter, old, new):
    (specimen,) = (specimen for specimen in SPECIMENS if specimen.adapter == adapter)
    genuine = specimen.genuine(CURRENT)
    raw = replace(
        genuine,
        raw_query=genuine.raw_query.replace(old, new),
        body=genuine.body.replace(old, new) + (b"a" if b"UTF-16BE" in new else b""),
    )
    assert (raw.raw_query, raw.body) != (genuine.raw_query, genuine.body)
    with pytest.raises(Malformed):
        specimen.channel().parse(raw)
