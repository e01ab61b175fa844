"""A text cut once into words and numbers, and what its neighbours say."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from normalizer.dates.words import AGO, NOW, NUMBERS, PART, SINCE, TEENS, TENS, THIS, UNTIL
from normalizer.dates.words import YEAR as YEAR_WORDS

Precision = Literal["day", "week", "month", "year"]

GAP = 3  # characters between two words of one phrase
YEAR = 12  # months
_SHORT, _FULL = 2, 4  # digits of a year
# Handles and hashtags are no words. Every spelling of a date is in ASCII letters.
_TOKEN = re.compile(r"[a-z]+(?:['`\u2019][a-z]+)*|[0-9]+|[@#]\w+")
_ABBREVIATED = frozenset(
    "jl jln gg no nmr kec kab kel ds dsn dk prov rt rw yth bpk sdr hj dr drs ir tgl tg pkl jm st km"
    " th thn bln hr pt cv nik pd dg dgn sd jam".split()
)
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_STOP = re.compile(r"[.;!?,\n]\s|\n")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A date in words: tokens [first, last), what it says, whether it is surely one (`strong`).

    What is `lasting` goes on until now, however long ago it began; a `yearless` day and month
    is the latest one not after the message.
    """

    first: int
    last: int
    value: date
    precision: Precision
    strong: bool = False
    lasting: bool = False
    yearless: bool = False


class Sentence:
    """The words of a text in lower case, with their places in it."""

    def __init__(self, text: str, at: datetime) -> None:
        """Cut `text`, sent at `at`."""
        # str.lower() may change the length, and with it every place.
        lowered = text.lower() if text.isascii() else text.translate(_LOWER)
        spans = [match.span() for match in _TOKEN.finditer(lowered)]
        self.text = lowered
        self.words = [lowered[start:end] for start, end in spans]
        self.starts = [start for start, _ in spans]
        self.ends = [end for _, end in spans]
        self.at = at
        self.today = at.date()

    def word(self, index: int) -> str:
        """Give a word, or nothing beyond either end."""
        return self.words[index] if 0 <= index < len(self.words) else ""

    def gap(self, index: int) -> str:
        """Give what stands between a word and the next one."""
        if not 0 <= index < len(self.words) - 1:
            return "\n\n"
        return self.text[self.ends[index] : self.starts[index + 1]]

    def near(self, index: int) -> bool:
        """Tell whether the next word follows in the same breath."""
        gap = self.gap(index)
        return (
            len(gap) <= GAP and "\n" not in gap and gap.strip(" ") in ("", "-", ".", ",", "/", "'")
        )

    def stops(self, index: int) -> bool:
        """Tell whether a clause ends with a word that is no abbreviation ("jl.")."""
        gap = self.gap(index)
        if not _STOP.match(gap):
            return False
        return gap[0] != "." or self.words[index] not in _ABBREVIATED

    def before(self, index: int, reach: int) -> list[str]:
        """Give up to `reach` words before, nearest first, within the sentence."""
        found = []
        for one in range(index - 1, max(-1, index - 1 - reach), -1):
            if self.gap(one) != " " and self.stops(one):  # most gaps are a blank
                break
            found.append(self.words[one])
        return found

    def after(self, index: int, reach: int) -> list[str]:
        """Give up to `reach` words from `index` on, within the sentence."""
        found = []
        for one in range(index, min(len(self.words), index + reach)):
            gap = self.gap(one - 1)
            if gap != " " and _STOP.match(gap):
                break
            found.append(self.words[one])
        return found

    def number(self, index: int) -> tuple[int, int] | None:
        """Give a number of at most three digits or in words, and the word after it."""
        word = self.word(index)
        if word.isdigit():
            return (int(word), index + 1) if len(word) <= GAP else None
        value = NUMBERS.get(word)
        if value is None:
            return None
        following = self.word(index + 1)
        if following == TEENS:
            return value + 10, index + 2
        if following == TENS:
            ones = NUMBERS.get(self.word(index + 2), 0)
            return value * 10 + ones, index + 3 if ones else index + 2
        return value, index + 1


def monday(day: date) -> date:
    """Give the Monday of a day's week."""
    return day - timedelta(day.weekday())


def months_back(day: date, count: int) -> date | None:
    """Give the first of the month `count` months before."""
    months = day.year * YEAR + day.month - 1 - count
    return date(months // YEAR, months % YEAR + 1, 1) if months >= YEAR else None


def on(year: int, month: int, day: int) -> date | None:
    """Give a day of the calendar, or nothing where there is none."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def latest(today: date, day: int, month: int | None, year: int | None) -> date | None:
    """Give the day as written; what is not written makes it the latest one not after `today`."""
    if month is not None and year is not None:
        return on(year, month, day)
    if month is not None:
        tried = [on(today.year - back, month, day) for back in range(5)]
    else:
        firsts = [months_back(today, back) for back in range(3)]
        tried = [on(first.year, first.month, day) for first in firsts if first]
    return next((one for one in tried if one and one <= today), None)


def until_now(sentence: Sentence, at: int) -> bool:
    """Tell whether "sampai sekarang" and the like follow."""
    if sentence.word(at) in UNTIL:
        at += 1
        if sentence.word(at) == "d":  # "s/d sekarang"
            at += 1
    elif sentence.gap(at - 1).strip() not in ("-", "\u2013"):
        return False
    return sentence.word(at) in NOW or (
        sentence.word(at) in ("saat", "hari", "detik") and sentence.word(at + 1) in THIS
    )


def year_at(sentence: Sentence, index: int) -> tuple[int | None, int]:
    """Give the year that stands at `index`, and the word after it."""
    at = index + 1 if sentence.word(index) in YEAR_WORDS else index
    word = sentence.word(at)
    if at > index and (word in AGO or word in THIS) and sentence.near(index - 1):
        return sentence.today.year - (word in AGO), at + 1  # "Maret tahun lalu"
    if not word.isdigit() or not sentence.near(at - 1) or not sentence.near(index - 1):
        return None, index
    if len(word) == _FULL and word[:2] in ("19", "20"):
        return int(word), at + 1
    if len(word) == _SHORT and sentence.gap(at)[:1] not in (":", "."):
        year = 2000 + int(word)
        if sentence.today.year - 2 <= year <= sentence.today.year:
            return year, at + 1
    return None, index


def is_since(sentence: Sentence, index: int) -> bool:
    """Tell whether "sejak" stands before `index`, or before "awal" there."""
    lead = sentence.word(index - 1)
    return lead in SINCE or (lead in PART and sentence.word(index - 2) in SINCE)
