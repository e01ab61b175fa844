"""Personal identifiers in a text: found, and masked before anybody downstream reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from normalizer.complaint import Identifier
from normalizer.dates.words import listed
from normalizer.labels import label_before, label_near
from normalizer.shapes import LANDLINE, NIK, kind_of

SHOWN_DIGITS = 3
LONG = 10  # digits: a NIK, a card, an account or a phone number, labelled or not
SHORT = 5  # digits: the least that a label makes an identifier
# One pass: an e-mail, a plate, groups of digits with one mark between two of them, a card number
# of letters and digits, a name after "atas nama". A mailbox is tried from the start of a word
# alone: tried from within, a long word costs its square.
_PLATE = (
    r"(?:[BDEFGHKLMNPRSTWZ]|A[ABDEG]?|B[ABDEGHKLMNP]|D[ABCDEGHKLMNPRSTWZ]|E[ABD]|K[BHTU]|P[ABSTY])"
)
_MARK = r"[ .\-\u00a0\u2010-\u2013]"
# A mobile number in groups of any size, but no date ("08-12-2026 10.30").
_PHONE = (
    rf"(?!0?8{_MARK}\d\d?{_MARK}(?:19|20)\d\d(?!\d))"
    rf"(?:\+?62(?:{_MARK}?0)?|0){_MARK}?8(?:{_MARK}?\d){{7,12}}(?![.\-]?\d)"
)
_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_NUMBER = re.compile(
    rf"""\b(?P<plate>(?i:{_PLATE}[ .-]?\d{{1,4}}[ .-]?(?P<series>[A-Z]{{1,3}})))\b(?![.]?\d)
    |\b(?P<bare>{_PLATE}[ ]?\d{{3,4}})(?![\w-]|[ .]\d)
    |\b(?P<card>(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{{6,20}})\b
    |(?<!\d)(?P<apart>(?!(?:19|20)\d\d[ ]{_PHONE})\d{{4}}(?:[ .\-/_\u00a0]{{1,2}}\d{{4}}){{3}}(?!\d)
       |(?<!\d[.\-])(?:{_PHONE}))
    |(?P<digits>(?:\+|\(0)?\d+
       (?:(?:[.\-\u2010-\u2013]|[ \u00a0](?!{_PHONE})|\)[ ]?|[ ]-[ ])\d+)*)""",
    re.VERBOSE,
)
_DIGIT = re.compile(r"\d")
_PREFIX = 2  # letters of a plate before its number
_WORD = 20  # letters and digits of the longest card
_NAME = re.compile(
    r"""(?x)\b(?i:atas[ ]nama|a\.?n\.|nama(?:[ ](?:saya|lengkap|pelapor))?)[ ]?:?[ ]?
    (?P<name>[A-Z][a-z']{2,}(?:[ ][A-Z][a-z']{1,}){0,3})"""
)


_GROUP = re.compile(r"\d+")
_PRICE = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?")
_WHEN = re.compile(
    r"(?:\d{1,2}[-.]\d{1,2}[-.](?:19|20)?\d\d|(?:19|20)\d\d[-.]\d{1,2}[-.]\d{1,2})"
    r"(?:[ .-]+\d{1,2}[.]\d\d(?:[.]\d\d)?)?"
)
_COORDINATE = re.compile(r"\d{1,3}\.\d{4,9}(?: -?\d{1,3}\.\d{4,9})?")
_MOBILE_SPACED = re.compile(r"(?:\+?62|0)[ .-]?8\d{1,3}(?:[ .-]\d{3,5}){2}")
_NOT_A_SERIES = listed(
    "RT RW NO KM KK KEL KEC DI KE DAN YG DR JL GG SD HR JAM PAK BU M CM BLN THN TH JT RB KG ORG HA"
    " MTR X KWH PCS NIK HP WA WIB"
)
_BEFORE_NO_PLATE = re.compile(
    r"(?i)\b(blok|gang|gg|rt|rw|no|lantai|kelas|gedung|jl|jln|jalan)\.? $"
)
_NOT_A_NAME = listed(
    "Jalan Desa Kelurahan Kecamatan Warga Masyarakat Kota Kabupaten Sekolah Baik Saya"
)
_SPANNING = {"bpjs": (11, 13), "npwp": (15, 16), "nip": (18, 18), "kk": (16, 16), "kks": (16, 16)}


@dataclass(frozen=True, slots=True)
class Found:
    """Where an identifier stands in the text, and how sure its kind is (0 to 1)."""

    kind: str
    start: int
    end: int
    confidence: float


def find(text: str) -> tuple[Found, ...]:
    """Give the identifiers of a text in order, none overlapping another."""
    return tuple(_found(text))


def mask(text: str) -> tuple[str, tuple[Identifier, ...]]:
    """Give the text with identifiers masked, and what was masked, in order."""
    parts: list[str] = []
    identifiers: list[Identifier] = []
    done = 0
    for one in _found(text):
        masked = _masked(one.kind, text[one.start : one.end])
        parts += (text[done : one.start], masked)
        identifiers.append(Identifier(one.kind, masked))
        done = one.end
    return "".join(parts) + text[done:], tuple(identifiers)


def _found(text: str) -> list[Found]:
    emails = [match.span() for match in _EMAIL.finditer(text)] if "@" in text else []
    found = [Found("email", *span, 1.0) for span in emails]
    start = 0
    for first, last in [*emails, (len(text), 0)]:
        found += _in_gap(text, start, first)
        start = last
    lowered = text.lower()
    if any(sign in lowered for sign in ("nama", "a.n", "an.")):
        found += _names(text, [one.start for one in found])
    return sorted(found, key=lambda one: one.start)


def _in_gap(text: str, start: int, stop: int) -> Iterator[Found]:
    """Give what begins at a digit, or at the letters before it, between two e-mails."""
    done = start  # a label reaches back no farther than the number before
    digit = _DIGIT.search(text, start, stop)
    while digit:
        at = _beginning(text, digit.start(), done)
        match = _NUMBER.match(text, at, stop) or _NUMBER.match(text, digit.start(), stop)
        if match is None:  # cannot be: a digit is a number
            return
        yield from _one(text, match, done)
        done = match.end()
        digit = _DIGIT.search(text, done, stop)


def _beginning(text: str, digit: int, done: int) -> int:
    """Give where the number begins whose first digit is at `digit`: sign, plate or card."""
    start = digit
    before = text[digit - 1] if digit > done else ""
    if before in ("+", "("):
        return digit - 1
    if before in (" ", ".", "-"):
        start -= 1
        floor = max(done, start - _PREFIX)
    else:
        floor = max(done, start - _WORD)
    while start > floor and text[start - 1].isalpha():
        start -= 1
    return start if start < digit - 1 or before.isalpha() else digit


def _names(text: str, taken: list[int]) -> Iterator[Found]:
    for match in _NAME.finditer(text):
        start, end = match.span("name")
        is_free = not any(start <= one < end for one in taken)
        if is_free and match["name"].split()[0] not in _NOT_A_NAME:
            yield Found("name", start, end, 0.7)


def _one(text: str, match: re.Match[str], end: int) -> Iterator[Found]:
    if match["digits"]:
        yield from _numbers(text, match, end)
    elif match["apart"]:
        kind, confidence = kind_of(match[0], label_before(text, match.start(), end))
        yield Found(kind, *match.span(), confidence)
    elif match["card"]:
        yield from _card(text, match, end)
    elif _is_plate(text, match, end):
        yield Found("plate", *match.span(), 0.9)


def _card(text: str, match: re.Match[str], end: int) -> Iterator[Found]:
    """Give a card of letters and digits where it is called so, else its long runs of digits."""
    label = label_before(text, match.start(), end)
    if label in ("kip", "kps", "kks", "pkh") and _is_called(text, match, end):
        yield Found(label, *match.span(), 0.9)
        return
    for group in _GROUP.finditer(text, *match.span()):
        if len(group[0]) >= LONG:
            kind, confidence = kind_of(group[0], label)
            yield Found(kind, *group.span(), confidence)


def _is_called(text: str, match: re.Match[str], end: int) -> bool:
    """In capitals a card is known from afar, else only right after its label."""
    near = label_near(text, match.start(), end) is not None
    return near or match["card"] == match["card"].upper()


def _is_plate(text: str, match: re.Match[str], end: int) -> bool:
    series = match["series"]
    capital = match[0] == match[0].upper()
    labelled = label_near(text, match.start(), end) == "plate"
    if not series or (series.upper() in _NOT_A_SERIES) or not capital:
        return labelled and (capital or (series or "").upper() not in _NOT_A_SERIES)
    before = _BEFORE_NO_PLATE.search(text, max(0, match.start() - 9), match.start())
    if before is None or labelled:
        return True
    # "no D 1934 TX" is a plate, "no B 12 A" a house; more letters than one follow few houses.
    return before[1].lower() == "no" and len(series) > 1


def _numbers(text: str, match: re.Match[str], end: int) -> Iterator[Found]:
    """Give what a chain of groups of digits holds: whole, or each long group for itself."""
    written = match[0]
    if len(written) < SHORT:
        return
    start, stop = match.span()
    digits = "".join(filter(str.isdecimal, written))
    if len(digits) < SHORT:
        return
    tell = label_before if len(digits) >= LONG else label_near
    label = tell(text, start, end)
    if len(digits) < LONG and (label is None or (label == "phone" and digits[:2] == "08")):
        return
    if label is None and _is_no_identifier(text, start, written):
        return
    groups = list(_GROUP.finditer(text, start, stop))
    if len(groups) > 1 and not _is_one(written, digits, label):
        yield from _pieces(text, groups, label)
        return
    kind, confidence = kind_of(written, label)
    yield Found(kind, start, stop, confidence)


def _is_no_identifier(text: str, start: int, written: str) -> bool:
    before = text[max(0, start - 4) : start].lower().rstrip(" .")
    return bool(
        _PRICE.fullmatch(written)
        or _WHEN.fullmatch(written)
        or _COORDINATE.fullmatch(written)
        or before.endswith("rp")
    ) and not re.search(r"\d{10}", written)


def _is_one(written: str, digits: str, label: str | None) -> bool:
    """Tell whether groups of digits are one number rather than neighbours."""
    if " " not in written.replace(" - ", "-"):
        return True
    if len(digits) == NIK and max(map(len, written.split())) < LONG:
        return True
    if _MOBILE_SPACED.fullmatch(written) or LANDLINE.fullmatch(written):
        return True
    low, high = _SPANNING.get(label or "", (SHORT, 20) if label else (0, 0))
    return low <= len(digits) <= high and max(map(len, written.split())) < LONG


def _pieces(text: str, groups: list[re.Match[str]], label: str | None) -> Iterator[Found]:
    """Give each number of a chain: groups that only a space parts are numbers of their own."""
    chain: list[re.Match[str]] = []
    for group in [*groups, None]:
        if group is not None and chain and _joined(text, chain, group):
            chain.append(group)
            continue
        if chain:
            digits = "".join(one[0] for one in chain)
            start, stop = chain[0].start(), chain[-1].end()
            written = text[start:stop]
            plain = label is None and _is_no_identifier(text, start, written)
            if (len(digits) >= LONG and not plain) or (label and len(digits) >= SHORT):
                kind, confidence = kind_of(written, label)
                yield Found(kind, start, stop, confidence)
                label = None
        chain = [group] if group is not None else []


def _joined(text: str, chain: list[re.Match[str]], group: re.Match[str]) -> bool:
    between = text[chain[-1].end() : group.start()]
    if between != " ":
        return True
    size = sum(len(one[0]) for one in chain)
    return (
        size < LONG
        and len(group[0]) < LONG
        and (min(len(chain[0][0]), len(group[0])) >= SHOWN_DIGITS)
    )


def _masked(kind: str, written: str) -> str:
    if kind == "email":
        return "***@" + written.partition("@")[2]
    if kind == "name":
        return " ".join(word[0] + "***" for word in written.split())
    if kind == "plate":
        return written[:1] + "***" + written[-1:]
    signs = "".join(filter(str.isalnum, written))
    shown = SHOWN_DIGITS if len(signs) >= LONG else 2
    return "*" * (len(signs) - shown) + signs[-shown:]
