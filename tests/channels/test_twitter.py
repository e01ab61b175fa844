"""The webhook of X: its challenge, and what a post says."""

from __future__ import annotations

import hmac
import json
from base64 import b64encode

import pytest
from contract.cases import case
from support import NOW, a_request
from x_server import ACCOUNT, a_mention

from channels.base import Malformed, NotAuthentic
from channels.twitter.documents import alone, read_all
from channels.twitter.door import Twitter
from channels.twitter.posts import Account
from channels.twitter.text import Entities, plain_text

SECRETS = ["rahasia-yang-berlaku", "rahasia-yang-lama"]
OURS = Account("twitter", "lapor1708", ACCOUNT)


def channel():
    return Twitter.from_settings(case("twitter/mention").settings | {"consumer_secrets": SECRETS})


def challenge(query: bytes, method: str = "GET"):
    return channel().challenge(a_request(method, "/in/twitter", query))


# --- the challenge -----------------------------------------------------------------------


def test_the_challenge_is_answered_with_the_current_secret():
    reply = challenge(b"crc_token=challenge_string-17%3D&nonce=5")
    mac = hmac.digest(SECRETS[0].encode(), b"challenge_string-17=", "sha256")
    assert (reply.status, reply.content_type) == (200, "application/json")
    assert json.loads(reply.body) == {"response_token": f"sha256={b64encode(mac).decode()}"}


@pytest.mark.parametrize(
    "query",
    [
        b"",
        b"crc_token=",
        b"crc_token=a&crc_token=b",
        b"crc_token=%7B%22data%22%3A%7B%7D%7D",
        b"crc_token=%5B%5D",
        b"crc_token=%22%22",
        b"crc_token=a%0A",
        b"crc_token=%20%7B",
        b"crc_token=" + b"a" * 257,
        b"crc_token=%C3%A9",
        b"token=abc",
    ],
)
def test_what_could_be_an_event_is_never_signed_for_a_stranger(query):
    raw = a_request("GET", "/in/twitter", query)
    assert channel().challenge(raw) is None
    with pytest.raises(NotAuthentic):
        channel().verify(raw)


def test_a_post_is_no_challenge():
    assert challenge(b"crc_token=abc", method="POST") is None


# --- words -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reply", "said"),
    [
        ("@lapor1708 lampu padam", False, "lampu padam"),
        ("@LAPOR1708: lampu padam", False, "lampu padam"),
        ("@lapor1708 @pln_contoh lampu padam", False, "@pln_contoh lampu padam"),
        ("@pln_contoh @lapor1708 lampu padam", False, "@pln_contoh @lapor1708 lampu padam"),
        ("@pln_contoh @lapor1708 lampu padam", True, "lampu padam"),
        ("@tak_dikenal lampu padam", True, "@tak_dikenal lampu padam"),
        ("lampu padam @lapor1708", False, "lampu padam @lapor1708"),
        ("@lapor1708", False, ""),
        ("@lapor1708x lampu", False, "@lapor1708x lampu"),
        ("@lapor1708@contoh.id lampu", False, "@lapor1708@contoh.id lampu"),
        ("@lapor1708 baris\n\n dua  spasi ", False, "baris\n\ndua spasi"),
    ],
)
def test_mentions_at_the_head_that_say_nothing_are_taken_away(text, reply, said):
    entities = Entities.read({"mentions": [{"username": "lapor1708"}, {"username": "PLN_contoh"}]})
    assert plain_text(text, entities, "lapor1708", is_reply=reply) == said


def test_links_lead_where_they_led_and_those_to_own_media_are_gone():
    urls = [
        {"url": "https://t.co/a", "expanded_url": "https://contoh.id/a"},
        {"url": "https://t.co/ab", "expanded_url": "https://e.id", "unwound_url": "https://u.id"},
        {"url": "https://t.co/m", "expanded_url": "https://x.com/m", "media_key": "3_1"},
        {"url": "https://t.co/q"},
        {"url": "javascript:x", "expanded_url": "https://buruk.example"},
    ]
    text = "https://t.co/a https://t.co/ab https://t.co/m https://t.co/q https://t.co/x"
    said = plain_text(text, Entities.read({"urls": urls}), "lapor1708", is_reply=False)
    assert said == r"https://contoh.id/a https://u.id https://t.co/q https://t.co/x"


def test_a_link_is_not_a_pattern():
    urls = [{"url": "https://t.co/a", "expanded_url": r"https://contoh.id/\g<0>\1"}]
    said = plain_text("https://t.co/a", Entities.read({"urls": urls}), "x", is_reply=False)
    assert said == r"https://contoh.id/\g<0>\1"


# --- documents ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "told",
    [
        a_mention(5),
        [a_mention(5)],
        {"data": [a_mention(5)], "meta": {"result_count": 1}},
        [{"data": [a_mention(5)]}, {"meta": {"result_count": 0}}],
        {"data": {"event_type": "post.mention.create", "payload": a_mention(5)}},
        json.loads(alone(a_mention(5), {})),
    ],
    ids=range(6),
)
def test_pages_events_lists_and_single_posts_are_read_alike(told):
    (message,) = read_all(told, OURS, NOW)
    assert (message.provider_id, message.text) == ("5", "lampu jalan padam")


@pytest.mark.parametrize("told", [5, None, [[5]], {"data": 5}, {"data": [None]}, {}])
def test_what_is_no_document_is_malformed(told):
    with pytest.raises(Malformed):
        read_all(told, OURS, NOW)


def test_an_edit_history_holds_only_older_ids():
    told = a_mention(50, edit_history_tweet_ids=["40", "60", "x", None, "50", "30", "40"])
    (message,) = read_all(told, OURS, NOW)
    assert message.post.versions == ("30", "40", "50")
