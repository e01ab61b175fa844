"""What the octets of an SMS say: strict decoding by a rule, never a silent replacement.

A rule is a charset of `CHARSETS`, with `hex` or `base64` before it when the octets are wrapped:
`"utf-8"`, `"hex utf-16-be"`, `"base64 gsm"`.

utf-8      UTF-8
utf-16-be  UCS-2 as phones use it: big-endian UTF-16, surrogate pairs included
latin-1    ISO 8859-1; reads anything
gsm        GSM 03.38, one septet an octet, with the extension table (3GPP TS 23.038, 6.2.1)
octets     nobody knows: UTF-8, or else Latin-1
auto       an SMSC's default alphabet, which may be GSM or ASCII or Latin-1: GSM when there are
           control octets, which are letters in GSM and nothing in the others; or else as `octets`.
           A guess where both have a letter for an octet: 0x7B is `{` in ASCII, `ä` in GSM.
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import unhexlify
from collections.abc import Mapping

from gsm0338 import Codec

from channels.base import Malformed
from channels.submission import clean

_GSM = Codec()
CHARSETS: Mapping[str, tuple[str, ...]] = {
    "utf-8": ("utf-8",),
    "utf-16-be": ("utf-16-be",),
    "latin-1": ("latin-1",),
    "gsm": ("gsm",),
    "octets": ("utf-8", "latin-1"),
    "auto": ("gsm", "utf-8", "latin-1"),
}
WRAPPINGS = ("hex", "base64")
RULES = (*CHARSETS, *(f"{wrapping} {charset}" for wrapping in WRAPPINGS for charset in CHARSETS))

_LETTERS_IN_GSM_ALONE = re.compile(rb"[\x00-\x09\x0b\x0c\x0e-\x1f]")
# An escape before a code the extension table does not have is skipped (23.038, 6.2.1.1).
_IDLE_ESCAPE = re.compile(rb"\x1b(?![\n\x14()/<=>@e])")
_BASE64_AS_MEANT = bytes.maketrans(b" -_", b"++/")
# As `clean`, but half a character stays, and so does a CR whose LF may begin the next part.
_UNSTORABLE_IN_A_PART = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def read_text(octets: bytes, rule: str, *, is_part: bool = False) -> str:
    """Decode and clean a text; Malformed when it is not what the rule says.

    A part of a long SMS may begin or end with half a surrogate pair, which stays as it is (a lone
    surrogate) until the parts are joined: the joined text is to be cleaned once more.
    """
    wrapping, _, charset = rule.rpartition(" ")
    plain = _unwrap(octets, wrapping)
    candidates = CHARSETS[charset]
    if charset == "auto" and not _LETTERS_IN_GSM_ALONE.search(plain):
        candidates = CHARSETS["octets"]
    for candidate in candidates:
        try:
            return clean_text(_decode(plain, candidate, is_part=is_part), is_part=is_part)
        except UnicodeDecodeError:
            continue
    raise Malformed(f"the text is not {rule}")


def clean_text(text: str, *, is_part: bool) -> str:
    """Drop what no text column holds; of a part, only what cannot be needed to join it."""
    return _UNSTORABLE_IN_A_PART.sub("", text) if is_part else clean(text)


def _decode(octets: bytes, charset: str, *, is_part: bool) -> str:
    if charset == "gsm":
        text: str = _GSM.decode(_IDLE_ESCAPE.sub(b"", octets))[0]
        return text
    return octets.decode(charset, "surrogatepass" if is_part else "strict")


def _unwrap(octets: bytes, wrapping: str) -> bytes:
    try:
        if wrapping == "hex":
            return unhexlify(octets.strip())
        if wrapping == "base64":
            return b64decode(_mended(octets), validate=True)
    except ValueError as exc:
        raise Malformed(f"the text is not {wrapping}") from exc
    return octets


def _mended(encoded: bytes) -> bytes:
    """Mend what happens to Base64 on its way through forms and URLs.

    Lines are broken, a plus becomes a blank, the URL's alphabet is used, the padding is cut off.
    """
    joined = encoded.translate(_BASE64_AS_MEANT, b"\r\n\t=")
    return joined + b"=" * (-len(joined) % 4)
