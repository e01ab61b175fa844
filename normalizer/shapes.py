"""What a number is, by its label and its shape."""

from __future__ import annotations

import re
from datetime import date

from normalizer.regions import known_region

NIK = 16  # digits
_WOMAN = 40  # added to the day of birth in a woman's NIK

_MOBILE = re.compile(r"(?:62|0|620)8\d{7,11}")
LANDLINE = re.compile(r"\(0\d{2,3}\) ?\d{3,4}[ -]?\d{2,5}|0\d{2,3}[ -]\d{3,4}[ -]?\d{3,4}")
_NPWP = re.compile(r"\d\d\.\d{3}\.\d{3}\.\d-\d{3}\.\d{3}")
_NIP = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])[0-3]\d(?:19|20)\d\d(?:0[1-9]|1[0-2])[12]\d{3}")
_BPJS = re.compile(r"000\d{10}")


def kind_of(written: str, label: str | None) -> tuple[str, float]:
    """Give the kind of a number and how sure it is: the label first, else the shape."""
    digits = "".join(filter(str.isdecimal, written))
    mobile = _MOBILE.fullmatch(digits) is not None
    if label == "nik":
        if len(digits) != NIK:
            return ("phone" if mobile else "other", 0.5)
        return ("nik", 0.95) if _is_nik(digits) else ("id16", 0.6)
    if label not in (None, "plate") and not (mobile and label == "account"):
        return (str(label), 0.9)
    if len(digits) == NIK:
        return ("nik", 0.8) if _is_nik(digits) else ("id16", 0.6)
    for kind, shape, told in (
        ("phone", _MOBILE, digits),
        ("phone", LANDLINE, written),
        ("npwp", _NPWP, written),
        ("nip", _NIP, digits),
        ("bpjs", _BPJS, digits),
    ):
        if shape.fullmatch(told):
            return (kind, 0.8)
    return ("other", 0.5)


def _is_nik(digits: str) -> bool:
    """Tell whether 16 digits are district, day of birth (women + 40), month, year, serial."""
    day, month, year = int(digits[6:8]), int(digits[8:10]), int(digits[10:12])
    day -= _WOMAN if day > _WOMAN else 0
    try:
        date(2000 + year, month, day)
    except ValueError:
        return False
    return digits[12:] != "0000" and known_region(digits[:6])
