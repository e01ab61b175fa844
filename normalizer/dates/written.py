"""Dates as a calendar names them: "3 Agustus 2026", "3/8/26", "tgl 3", "bulan Juli"."""

from __future__ import annotations

import re
from dataclasses import replace

from normalizer.dates.sentence import (
    GAP,
    Phrase,
    Sentence,
    is_since,
    latest,
    months_back,
    on,
    until_now,
    year_at,
)
from normalizer.dates.words import (
    AGO,
    BEGAN,
    DATED,
    LINKS,
    MONTH,
    MONTHS,
    PART,
    PLAIN_MONTHS,
    SINCE,
    THIS,
    WEEKDAYS,
    listed,
)

_NUMERIC = re.compile(
    r"(\d{1,2})[ ]?([/.\-])[ ]?(\d{1,2})[ ]?\2[ ]?((?:19|20)\d\d|\d\d)(?!\w|[/.\-:]\d)"
    r"|(20\d\d)[-/.](\d\d?)[-/.](\d\d?)(?!\d)"
)
_SHORT = re.compile(r"(\d{1,2})[ ]?[/.-][ ]?(\d{1,2})(?!\w|[/.\-:]\d)")
TWO, FOUR, DECEMBER, LONGEST = 2, 4, 12, 31  # digits of a day and of a year; months, days
_NUMBERED = listed("rt rw no nomor blok km jl jln jalan ukuran skor")
_TO = listed("sampai hingga dan d sd smp serta")
_MONTH_LEAD = SINCE | PART | MONTH | {"pada", "pd", "per", "di", "medio", "sekitar"}


def numeric(sentence: Sentence, index: int) -> Phrase | None:
    """Read "3/8/2026", "3-8-26", "2026-08-03" where a number stands."""
    start = sentence.starts[index]
    if (
        start
        and sentence.text[start - 1] in "/.-_:"
        and sentence.text[start - 2 : start - 1].isdigit()
    ):
        return None
    match = _NUMERIC.match(sentence.text, start)
    if match is None:
        return None
    if match[5]:
        value = on(int(match[5]), int(match[6]), int(match[7]))
    else:
        year = int(match[4]) + (2000 if len(match[4]) == TWO else 0)
        day, month = int(match[1]), int(match[3])
        value = on(year, month, day) or on(year, day, month)
    return Phrase(index, _token_at(sentence, index, match.end()), value, "day") if value else None


def day_and_month(sentence: Sentence, index: int) -> Phrase | None:
    """Read "3 Agustus [2026]", also the first day of "3-5 Agustus"; `index` is at the day."""
    word = sentence.words[index]
    if len(word) > TWO or not 1 <= int(word) <= LONGEST:
        return None
    last = _last_day(sentence, index)
    named = last + 1
    if sentence.word(named) in MONTH and sentence.near(last):
        named += 1
    month = MONTHS.get(sentence.word(named))
    if month is None or not sentence.near(named - 1):
        return None
    year, after = year_at(sentence, named + 1)
    value = latest(sentence.today, int(word), month, year)
    if value is None:
        return None
    last = _past_ago(sentence, after)
    return Phrase(index, last, value, "day", yearless=year is None and last == after)


def _last_day(sentence: Sentence, index: int) -> int:
    """Give the last number of "3, 4 dan 5" or "3-5", else the number itself."""
    last = index
    for _ in range(4):
        following = last + 1
        while sentence.word(following) in _TO or sentence.word(following) == "s":
            following += 1
        word = sentence.word(following)
        gap = sentence.gap(last)
        linked = following > last + 1 or gap.strip() in ("-", ",", "&", "\u2013", "/")
        if not (linked and len(word) <= TWO and word.isdigit() and len(gap) <= GAP):
            break
        last = following
    return last


def after_marker(sentence: Sentence, index: int) -> Phrase | None:
    """Read what follows "tgl": "3", "3/8", "3 bln 8", or a date in full."""
    at = index + 1
    word = sentence.word(at)
    if len(sentence.gap(index)) > GAP:
        return None
    if not word.isdigit():
        return _spelled(sentence, index)
    full = numeric(sentence, at) or day_and_month(sentence, at) or day_slash_month(sentence, at)
    if full:
        return replace(full, first=index, strong=True)
    if len(word) > TWO:
        return None
    last = _last_day(sentence, at) + 1
    return _day_alone(sentence, index, int(word), last)


def _spelled(sentence: Sentence, index: int) -> Phrase | None:
    """Read "tanggal dua puluh Juni"."""
    number = sentence.number(index + 1)
    if number is None:
        return None
    day, last = number
    month = MONTHS.get(sentence.word(last))
    if month is None:
        return _day_alone(sentence, index, day, last)
    year, last = year_at(sentence, last + 1)
    value = latest(sentence.today, day, month, year)
    if value is None:
        return None
    end = _past_ago(sentence, last)
    return Phrase(index, end, value, "day", strong=True, yearless=year is None and end == last)


def _day_alone(sentence: Sentence, index: int, day: int, last: int) -> Phrase | None:
    """Read "tgl 3" and "tgl 3 bln 8"; `last` is the word after the day."""
    month, year = None, None
    if sentence.word(last) in MONTH:
        following = sentence.word(last + 1)
        if not _is_month(following):
            return _of_month(sentence, index, day, last)
        month = int(following)
        year, last = year_at(sentence, last + 2)
    value = latest(sentence.today, day, month, year)
    if value is None:
        return None
    end = _past_ago(sentence, last)
    yearless = year is None and month is not None and end == last
    return Phrase(index, end, value, "day", strong=True, yearless=yearless)


def _is_month(word: str) -> bool:
    return word.isdigit() and len(word) <= TWO and 1 <= int(word) <= DECEMBER


def day_slash_month(sentence: Sentence, index: int) -> Phrase | None:
    """Read "15/8" (no half, no RT/RW), and "15.8" after "tgl"; `index` is at the day."""
    match = _SHORT.match(sentence.text, sentence.starts[index])
    if match is None or not (_is_month(match[2]) and 1 <= int(match[1]) <= LONGEST):
        return None
    led = sentence.word(index - 1)
    marked = led in DATED or led in ("terakhir", "trakhir", "kejadian", "kejadiannya")
    sure = (
        marked
        or not BEGAN.isdisjoint(sentence.before(index, 4))
        or led in SINCE
        or led in WEEKDAYS
        or led in ("pd", "pada", "hari", "per")
    )
    if "/" not in match[0] and not marked:
        return None
    if not sure and (int(match[1]) <= DECEMBER or match[0] == "24/7" or led in _NUMBERED):
        return None
    value = latest(sentence.today, int(match[1]), int(match[2]), None)
    if value is None:
        return None
    last = _token_at(sentence, index, match.end())
    end = _past_ago(sentence, last)
    return Phrase(index, end, value, "day", strong=sure, yearless=end == last)


def _of_month(sentence: Sentence, index: int, day: int, last: int) -> Phrase | None:
    """Read "tgl 3 bulan lalu" and "tgl 3 bulan ini"; `last` is at "bulan"."""
    after = last + 1
    while sentence.word(after) in ("yang", "yg"):
        after += 1
    back = 0 if sentence.word(after) in THIS else 1 if sentence.word(after) in AGO else None
    if back is None:
        value = latest(sentence.today, day, None, None)
        return Phrase(index, last, value, "day", strong=True) if value else None
    first = months_back(sentence.today, back)
    value = on(first.year, first.month, day) if first else None
    return Phrase(index, after + 1, value, "day", strong=True) if value else None


def month_alone(sentence: Sentence, index: int) -> Phrase | None:
    """Read "Agustus 2026", "sejak Juli", "Juli lalu"; `index` is at the name."""
    before = sentence.word(index - 1)
    word = sentence.words[index]
    led = before in _MONTH_LEAD
    lasting = until_now(sentence, index + 1)
    year, last = year_at(sentence, index + 1)
    after = _past_ago(sentence, last)
    if word not in PLAIN_MONTHS and before not in MONTH and year is None:
        return None
    if not (led or year or after > last or lasting):
        return None
    value = latest(sentence.today, 1, MONTHS[word], year)
    if value is None:
        return None
    first = index - 1 if before in MONTH else index
    strong = lasting or is_since(sentence, first)
    yearless = year is None and after == last and not strong
    return Phrase(first, after, value, "month", strong=strong, yearless=yearless)


def month_by_number(sentence: Sentence, index: int) -> Phrase | None:
    """Read "bulan 8 [tahun 2026]"; `index` is at "bulan"."""
    word = sentence.word(index + 1)
    if not _is_month(word) or sentence.number(index - 1):
        return None
    if not sentence.near(index) or sentence.word(index + 2) in MONTHS:
        return None
    year, last = year_at(sentence, index + 2)
    value = latest(sentence.today, 1, int(word), year)
    if value is None:
        return None
    return Phrase(
        index, _past_ago(sentence, last), value, "month", strong=is_since(sentence, index)
    )


def _past_ago(sentence: Sentence, index: int) -> int:
    """Give the word after "kemarin", "yang lalu" and the like, where they follow."""
    at = index
    while sentence.word(at) in LINKS and at < index + 2:
        at += 1
    past = sentence.word(at) in AGO and sentence.near(at - 1) and not sentence.stops(at - 1)
    return at + 1 if past else index


def _token_at(sentence: Sentence, index: int, place: int) -> int:
    while index < len(sentence.words) and sentence.starts[index] < place:
        index += 1
    return index
