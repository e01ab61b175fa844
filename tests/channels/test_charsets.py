"""What the octets of an SMS say, and long ones that arrive cut anywhere."""

from __future__ import annotations

import random
from base64 import b64encode, urlsafe_b64encode

import gsm0338
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.base import Malformed
from channels.sms.charsets import RULES, read_text
from channels.sms.parts import join
from channels.submission import clean

stable = settings(derandomize=True, database=None, deadline=None, max_examples=300)
GSM = gsm0338.Codec()
EMOJI = "Jalan rusak \U0001f6a7 di RT 05"
# All of GSM 03.38 but the escape and what cleaning takes: form feed and carriage return.
ALPHABET = "".join(GSM.decode(bytes([code]))[0] for code in range(128) if code not in {0x0D, 0x1B})
EXTENSION = "^{}\\[~]|€"
SEPTETS_OF_A_PART, OCTETS_OF_A_PART = 153, 134


@pytest.mark.parametrize(
    ("octets", "rule", "text"),
    [
        (b"caf\xc3\xa9", "utf-8", "café"),
        (b"caf\xe9", "latin-1", "café"),
        (EMOJI.encode("utf-16-be"), "utf-16-be", EMOJI),
        (b"rt\x11ri\x00desa \x1b(a\x1b) \x1be5", "gsm", "rt_ri@desa {a} €5"),
        (b"satu\x1bAdua\x1b", "gsm", "satuAdua"),  # no such extension; an escape at the end
        (b"caf\xc3\xa9", "octets", "café"),
        (b"caf\xe9", "octets", "café"),
        (b"a@b_c $5\r\n{x}", "auto", "a@b_c $5\n{x}"),
        (b"rt\x11ri\x00desa", "auto", "rt_ri@desa"),
        (b"caf\xc3\xa9", "auto", "café"),
        (b"caf\xe9", "auto", "café"),
        (b"\x00caf\xe9", "auto", "café"),  # no GSM after all; the NUL is cleaned away
        (b"004A00 "[:-1] + b"61", "hex utf-16-be", "Ja"),
        (b"4a61", "hex utf-8", "Ja"),
        (b"4A00", "hex gsm", "J@"),
        (b64encode(b"caf\xe9"), "base64 latin-1", "café"),
        (b"", "utf-16-be", ""),
    ],
)
def test_text_is_read_by_its_rule(octets, rule, text):
    assert read_text(octets, rule) == text


@pytest.mark.parametrize(
    ("octets", "rule"),
    [
        (b"\xff", "utf-8"),
        (b"\xed\xa0\xbd", "utf-8"),
        (b"\0a\0", "utf-16-be"),
        (b"\xd8\x3d", "utf-16-be"),
        (b"caf\xe9", "gsm"),
        (b"4", "hex utf-8"),
        (b"4g", "hex utf-8"),
        (b"0xA0", "hex utf-8"),
        (b"!!!!", "base64 utf-8"),
        (b"a", "base64 utf-8"),
        (b"\xff\xff", "base64 utf-8"),
    ],
)
def test_text_that_is_not_what_the_rule_says_is_malformed_and_not_told(octets, rule):
    with pytest.raises(Malformed) as refused:
        read_text(octets, rule)
    assert rule.split()[0] in str(refused.value)
    assert "caf" not in str(refused.value)


@pytest.mark.parametrize("wrapped", [b64encode, urlsafe_b64encode])
@pytest.mark.parametrize("text", ["???>>>", "a", "ab", "~~~~ÿÿÿ", EMOJI])
def test_base64_survives_forms_urls_and_mail(wrapped, text):
    sent = wrapped(text.encode())
    for damaged in (
        sent,
        sent.rstrip(b"="),
        sent.replace(b"+", b" "),
        sent[:4] + b"\r\n" + sent[4:],
    ):
        assert read_text(damaged, "base64 utf-8") == text


@stable
@given(octets=st.binary(), rule=st.sampled_from(RULES), is_part=st.booleans())
def test_any_octets_are_read_or_malformed(octets, rule, is_part):
    try:
        text = read_text(octets, rule, is_part=is_part)
    except Malformed:
        return
    assert "\0" not in text
    assert is_part or text == clean(text)


# --- cut, shuffled, joined ---------------------------------------------------------------


def joined(pieces: list[bytes], rule: str) -> str:
    """Read the parts as they come, in any order, and join them in their own."""
    arrived = list(enumerate(pieces))
    random.Random(len(pieces)).shuffle(arrived)  # noqa: S311 - an order, not a secret
    read = {index: read_text(piece, rule, is_part=True) for index, piece in arrived}
    return clean(join([read[index] for index in sorted(read)]))


def gsm_parts(text: str, size: int) -> list[bytes]:
    """Cut as phones must: an escape and its letter stay together (3GPP TS 23.040, 9.2.3.24.1)."""
    parts, rest = [b""], [GSM.encode(letter)[0] for letter in text]
    for letter in rest:
        if len(parts[-1]) + len(letter) > size:
            parts.append(b"")
        parts[-1] += letter
    return parts


@stable
@given(text=st.text(ALPHABET + EXTENSION, min_size=1), size=st.integers(2, SEPTETS_OF_A_PART))
def test_gsm_text_in_shuffled_parts_is_whole_again(text, size):
    assert joined(gsm_parts(text, size), "gsm") == text
    wrapped = [piece.hex().encode() for piece in gsm_parts(text, size)]
    assert joined(wrapped, "hex gsm") == text


@stable
@given(text=st.text(st.characters(exclude_categories=("Cs", "Cc"))), half=st.integers(1, 67))
def test_ucs2_text_in_shuffled_parts_is_whole_again(text, half):
    octets, size = text.encode("utf-16-be"), 2 * half
    pieces = [octets[at : at + size] for at in range(0, len(octets), size)]
    assert joined(pieces, "utf-16-be") == text


@pytest.mark.parametrize(
    "text", [EMOJI, "\U0001f600", "\U0001f468\u200d\U0001f469\u200d\U0001f467"]
)
def test_ucs2_text_cut_at_every_place_is_whole_again(text):
    octets = text.encode("utf-16-be")
    for at in range(0, len(octets) + 1, 2):
        assert joined([octets[:at], octets[at:]], "utf-16-be") == text


@stable
@given(
    text=st.text(st.characters(codec="latin-1", exclude_categories=("Cc",))),
    size=st.integers(1, OCTETS_OF_A_PART),
)
def test_latin1_text_in_shuffled_parts_is_whole_again(text, size):
    octets = text.encode("latin-1")
    pieces = [octets[at : at + size] for at in range(0, len(octets), size)]
    assert joined(pieces, "latin-1") == text


def test_line_break_cut_in_two_is_one_line_break():
    assert joined([b"satu\r", b"\ndua"], "latin-1") == "satu\ndua"


def test_half_a_character_whose_other_half_never_comes_is_marked():
    assert joined(["ambrol \U0001f6a7".encode("utf-16-be")[:-2]], "utf-16-be") == "ambrol \ufffd"
