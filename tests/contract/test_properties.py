"""What holds for any request at all, looked for by hypothesis. Always the same examples."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import quote_from_bytes, urlencode

import pytest
from contract.cases import case
from contract.specimens import CURRENT, SPECIMENS
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from channels.base import ChannelError, Malformed, NotAuthentic, RawInbound
from channels.sms.pairs import read_pairs
from channels.sms.parts import join
from channels.submission import clean

stable = settings(derandomize=True, database=None, deadline=None, max_examples=400)
every_adapter = pytest.mark.parametrize("specimen", SPECIMENS, ids=str)
CHANNELS = {str(specimen): specimen.channel(CURRENT) for specimen in SPECIMENS}
REQUESTS = {str(specimen): specimen.genuine(CURRENT) for specimen in SPECIMENS}
DOOR, GENUINE = CHANNELS["sms.twilio"], REQUESTS["sms.twilio"]

NAMES = st.sampled_from(
    [
        *("From", "Body", "MessageSid", "NumMedia", "MediaUrl0", "MediaContentType0"),
        *("from", "id", "token", "ts", "charset", "coding", "text", "udh"),
        *("content", "binary", "udh", "sar_msg_ref_num", "sar_total_segments", "tlv_params"),
        *("trx_id", "msisdn", "sms", "trx_date", "dcs", "MsgId", "MSISDN", "Message"),
    ]
)
VALUES = st.one_of(
    st.text(), st.integers().map(str), st.sampled_from(["UTF-8", "8-BIT", "utf-16be", "CEK"])
)
ENCODED = st.one_of(
    st.binary(),
    st.lists(st.tuples(NAMES, VALUES)).map(lambda pairs: urlencode(pairs).encode()),
    st.text(alphabet="%&=+;0123456789abcdefFromBdyi ").map(str.encode),
)


@every_adapter
@stable
@given(method=st.sampled_from(["POST", "GET"]), query=ENCODED, body=ENCODED)
def test_any_query_and_body_raise_channel_errors_only(specimen, method, query, body):
    raw = replace(REQUESTS[str(specimen)], method=method, raw_query=query, body=body)
    channel = CHANNELS[str(specimen)]
    for ask in (channel.verify, channel.parse):
        try:
            ask(raw)
        except ChannelError:
            continue


LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text())
ANY_JSON = st.recursive(
    LEAVES,
    lambda below: st.one_of(st.lists(below), st.dictionaries(st.text(), below)),
    max_leaves=10,
)
TYPED = [
    *("title", "body", "incident_date", "incident_location", "classification", "agency"),
    *("category", "anonymous", "confidential", "latitude", "longitude", "attachments", "reporter"),
]


@stable
@given(payload=st.dictionaries(st.sampled_from(TYPED), st.one_of(ANY_JSON, LEAVES)))
def test_any_json_raises_channel_errors_only(payload):
    body = json.dumps(json.loads(REQUESTS["app"].body) | payload).encode()
    try:
        CHANNELS["app"].parse(replace(REQUESTS["app"], body=body))
    except ChannelError:
        return


BATCH = case("http/infobip_batch")
ITEMS = st.dictionaries(
    st.sampled_from(["messageId", "from", "to", "text", "receivedAt"]), st.one_of(ANY_JSON, LEAVES)
)


@stable
@given(document=st.one_of(ANY_JSON, st.fixed_dictionaries({"results": st.lists(ITEMS)})))
def test_any_json_of_a_carrier_is_read_or_malformed(document):
    raw = replace(BATCH.request, body=json.dumps(document).encode())
    try:
        messages = BATCH.channel().parse(raw)
    except Malformed:
        return
    assert all("\0" not in f"{message.provider_id}{message.text}" for message in messages)


POST_KEYS = [
    *("id", "text", "author_id", "conversation_id", "created_at", "entities", "attachments"),
    *("referenced_tweets", "referenced_posts", "note_tweet", "note_post", "edit_history_tweet_ids"),
]


@stable
@given(changed=st.dictionaries(st.sampled_from(POST_KEYS), st.one_of(ANY_JSON, LEAVES)))
def test_any_json_in_a_post_of_x_is_read_or_malformed(changed):
    told = json.loads(REQUESTS["twitter"].body)
    told["data"]["payload"] |= changed
    raw = replace(REQUESTS["twitter"], body=json.dumps(told).encode())
    try:
        messages = CHANNELS["twitter"].parse(raw)
    except Malformed:
        return
    for message in messages:
        assert "\0" not in f"{message.provider_id}{message.text}{message.sender.name}"
        assert all(len(one) <= 20 for one in message.post.versions)


# --- parts of a long SMS ------------------------------------------------------------------


@stable
@given(
    text=st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=2),
    size=st.integers(1, 67),
    order=st.randoms(use_true_random=False),
)
def test_parts_read_by_each_adapter_in_any_order_are_the_whole_text(text, size, order):
    octets = text.encode("utf-16-be")
    pieces = [octets[at : at + 2 * size] for at in range(0, len(octets), 2 * size)]
    assume(1 < len(pieces) < 256)
    for adapter, a_part in PARTS:
        read = [
            message
            for index, piece in enumerate(pieces, 1)
            for message in CHANNELS[adapter].parse(
                a_part(piece, bytes([5, 0, 3, 7, len(pieces), index]))
            )
        ]
        order.shuffle(read)
        in_order = sorted(read, key=lambda message: message.part.index)
        assert {message.part.reference for message in read} == {"0:7"}
        assert clean(join([message.text for message in in_order])) == text


def kannel_part(octets: bytes, header: bytes) -> RawInbound:
    raw = REQUESTS["sms.kannel"]
    query = raw.raw_query.replace(b"UTF-8", b"UTF-16BE") + quote_from_bytes(header).encode()
    return replace(raw, raw_query=query, body=octets)


def kannel_get_part(octets: bytes, header: bytes) -> RawInbound:
    raw = kannel_part(b"", header)
    return replace(
        raw, method="GET", raw_query=raw.raw_query + b"&text=" + quote_from_bytes(octets).encode()
    )


def jasmin_part(octets: bytes, header: bytes) -> RawInbound:
    form = {"id": "a", "from": "628", "to": "1708", "coding": b"\x08"}
    sent = form | {"binary": octets.hex(), "udh": header.hex()}
    return replace(REQUESTS["sms.jasmin"], body=urlencode(sent).encode())


def http_part(octets: bytes, header: bytes) -> RawInbound:
    sent = {"trx_id": "a", "msisdn": "628", "adn": "1708", "dcs": "8"}
    sent |= {"sms": octets.hex(), "udh": header.hex()}
    return replace(REQUESTS["sms.http query"], raw_query=urlencode(sent).encode())


PARTS = [
    ("sms.kannel", kannel_part),
    ("sms.kannel", kannel_get_part),
    ("sms.jasmin", jasmin_part),
    ("sms.http query", http_part),
]


# --- Twilio's signature ------------------------------------------------------------------
#
# It covers the URL and, sorted, every parameter's name and value, one after the other. So two
# changes cannot be seen by anybody who checks it: another order of different parameters, and a
# border between a name and its value that moves. Neither may be read as another message.


def meaning(raw: RawInbound) -> object:
    """All that is signed, and the signature."""
    try:
        form: object = {(name, value) for name, value in read_pairs(raw.body)}
    except Malformed:
        form = None
    return raw.raw_path, raw.raw_query, form, raw.header("X-Twilio-Signature")


def refused_or_without_effect(changed: RawInbound) -> bool:
    try:
        DOOR.verify(changed)
    except NotAuthentic:
        return True
    try:
        return list(DOOR.parse(changed)) == list(DOOR.parse(GENUINE))
    except Malformed:
        return True


def put(text: bytes, at: int, old: int, new: bytes) -> bytes:
    return text[:at] + new + text[at + old :]


@stable
@given(
    at=st.integers(0, len(GENUINE.body)),
    old=st.integers(0, 1),
    new=st.characters(codec="ascii", categories=("L", "N", "P", "S")),
)
def test_body_with_one_other_character_is_refused(at, old, new):
    changed = replace(GENUINE, body=put(GENUINE.body, at, old, new.encode()))
    if meaning(changed) == meaning(GENUINE):
        return  # "%2c" is "%2C"
    with pytest.raises(NotAuthentic):
        DOOR.verify(changed)


def test_no_border_that_moves_makes_another_message():
    body = GENUINE.body
    for at in range(len(body) + 1):
        for old, new in ((1, b""), (0, b"="), (0, b"&"), (1, b"="), (1, b"&"), (0, b"%00")):
            changed = replace(GENUINE, body=put(body, at, old, new))
            assert refused_or_without_effect(changed), (at, old, new)


def test_path_with_one_other_character_is_refused():
    path = GENUINE.raw_path.encode()
    # A path of a request line has no "#" and no "?"; an empty ";" the SDK drops from a URL.
    characters = set(map(chr, range(0x21, 0x7F))) - set("#?;")
    paths = {
        put(path, at, old, new.encode()).decode()
        for at in range(len(path) + 1)
        for old in (0, 1)
        for new in characters | {""}
    } - {GENUINE.raw_path}
    assert len(paths) > 1000
    for other in paths:
        with pytest.raises(NotAuthentic):
            DOOR.verify(replace(GENUINE, raw_path=other))


@stable
@given(
    at=st.integers(0, 28),
    old=st.integers(0, 1),
    new=st.characters(min_codepoint=0, max_codepoint=255),
)
def test_signature_with_one_other_character_is_refused(at, old, new):
    signature = dict(GENUINE.headers)["X-Twilio-Signature"]
    other = signature[:at] + new + signature[at + old :]
    if other == signature:
        return
    headers = tuple(
        (name, other if name == "X-Twilio-Signature" else value) for name, value in GENUINE.headers
    )
    with pytest.raises(NotAuthentic):
        DOOR.verify(replace(GENUINE, headers=headers))


@stable
@given(query=st.text(alphabet="abc=&%2+?/", min_size=1).map(str.encode))
def test_query_that_was_not_signed_is_refused(query):
    with pytest.raises(NotAuthentic):
        DOOR.verify(replace(GENUINE, raw_query=query))


def test_body_with_one_character_less_is_refused_or_cannot_be_read_as_another():
    for at in range(len(GENUINE.body)):
        changed = replace(GENUINE, body=put(GENUINE.body, at, 1, b""))
        assert meaning(changed) == meaning(GENUINE) or refused_or_without_effect(changed), at
