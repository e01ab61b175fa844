"""What is said of a file. None of these refuses the complaint it belongs to."""

from __future__ import annotations

from typing import Final

CLEAN: Final = "clean"  # read whole and written anew, without what told of person and place
NOT_DECODED: Final = "not_decoded"  # a video, known by its signature; its metadata is blanked
NOT_ALLOWED: Final = "not_allowed"  # another kind of file; its bytes are not kept
UNREADABLE: Final = "unreadable"  # damaged or locked; its bytes are not kept
TOO_HEAVY: Final = "too_heavy"  # takes more memory or time than a file may; not kept
TOO_LARGE: Final = "too_large"  # still at the provider, and larger than what is fetched
UNAVAILABLE: Final = "unavailable"  # the provider has it no more, or never gave it
NOT_FETCHED: Final = "not_fetched"  # still at the provider; it is fetched later
MISSING: Final = "missing"  # an id that is unknown, too old, or another complaint's

KEPT: Final = frozenset({CLEAN, NOT_DECODED})
