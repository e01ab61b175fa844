"""Dates as people speak: "minggu lalu", "awal bulan", "kmrn", "tadi malam", "Senin kemarin"."""

from __future__ import annotations

from datetime import date, timedelta

from normalizer.dates.lasting import back
from normalizer.dates.sentence import (
    GAP,
    Phrase,
    Sentence,
    latest,
    monday,
    months_back,
    year_at,
)
from normalizer.dates.words import (
    AGO,
    DATED,
    DAY,
    DAYTIME,
    EARLIER,
    MONTH,
    MONTHS,
    NIGHT,
    ORDINALS,
    PART,
    SINCE,
    SUNDAY,
    THIS,
    TO_COME,
    UNITS,
    WEEK,
    WEEKDAYS,
    listed,
)

_LATELY = frozenset({"terakhir", "trakhir", "trkhr", "terahir", "belakangan", "sebelumnya"})
_AFTER_WEEKDAY = DAYTIME | NIGHT | listed("yang yg legi pahing pon wage kliwon")
_SCHOOL = listed("ajaran pelajaran anggaran akademik fiskal depan")
_WEEKS_OF_A_MONTH = 5
_SCHEDULE = listed("sampai hingga s d sd smp dan")


def unit_ago(sentence: Sentence, index: int) -> Phrase | None:
    """Read "minggu lalu", "bulan ini", "awal bulan", "tahun kemarin"; `index` is at the unit."""
    unit = UNITS[sentence.words[index]]
    if unit == "week" and sentence.word(index - 1) in DAY | NIGHT:
        return None  # a Sunday
    at = index + 1
    while sentence.word(at) in ("yang", "yg", "sing", "nu"):
        at += 1
    part = sentence.word(index - 1) in PART
    first = index - 1 if part else index
    strong = sentence.word(first - 1) in SINCE
    today = sentence.today
    if sentence.word(at) in AGO - _LATELY and sentence.near(at - 1):
        if unit == "week":
            value = monday(today) - timedelta(7)
            return _in_week(sentence, first, at + 1, value, strong=strong)
        told = back(sentence, unit, 1) if unit in ("month", "year") else None
    elif sentence.word(at) in THIS and unit in ("week", "month", "year"):
        told = back(sentence, unit, 0) if unit != "year" or part or strong else None
        at = at if unit != "year" or told else index
    elif part and sentence.word(index - 1) in ("awal", "pertengahan") and unit in ("month", "year"):
        named = sentence.word(index + 1)
        if named in MONTHS or named.isdigit() or named in _SCHOOL:
            return None
        told, at = back(sentence, unit, 0), index
    else:
        return None
    return Phrase(first, at + 1, *told, strong=strong) if told else None


def week_of_month(sentence: Sentence, index: int) -> Phrase | None:
    """Read "minggu ke-2 Juli", "minggu pertama bulan lalu"; `index` is at the week."""
    at = index + 1 if sentence.word(index + 1) != "ke" else index + 2
    word = sentence.word(at)
    count = (
        int(word) if at > index + 1 and word.isdigit() and len(word) == 1 else ORDINALS.get(word)
    )
    if count is None or not 1 <= count <= _WEEKS_OF_A_MONTH or not sentence.near(at):
        return None
    first, last = _first_of_month(sentence, at + 1)
    if first is None:
        return None
    return Phrase(index, last, monday(first) + timedelta(weeks=count - 1), "week", strong=True)


def _first_of_month(sentence: Sentence, at: int) -> tuple[date | None, int]:
    """Give the first of the month that is named at `at`, and the word after it."""
    named = at + 1 if sentence.word(at) in MONTH else at
    month = MONTHS.get(sentence.word(named))
    if month is not None:
        year, last = year_at(sentence, named + 1)
        return latest(sentence.today, 1, month, year), last
    if named == at:
        return None, at
    if sentence.word(named) in THIS:
        return months_back(sentence.today, 0), named + 1
    if sentence.word(named) in AGO:
        return months_back(sentence.today, 1), named + 1
    return None, at


def _in_week(sentence: Sentence, first: int, last: int, start: date, *, strong: bool) -> Phrase:
    """Give the week, or its day where one follows ("minggu lalu hari Selasa")."""
    at = last + 1 if sentence.word(last) in DAY else last
    day = WEEKDAYS.get(sentence.word(at))
    if day is not None and sentence.near(at - 1):
        return Phrase(first, at + 1, start + timedelta(day), "day", strong=True)
    return Phrase(first, last, start, "week", strong=strong)


def weekday(sentence: Sentence, index: int) -> Phrase | None:
    """Read "hari Senin", "Senin kmrn", "malam Minggu", "Rabu minggu lalu"."""
    day = WEEKDAYS[sentence.words[index]]
    before = sentence.word(index - 1)
    night = before in NIGHT and sentence.near(index - 1)
    last = index + 1
    while sentence.word(last) in _AFTER_WEEKDAY and not sentence.stops(last - 1):
        last += 2 if sentence.word(last + 1) in DAY and sentence.word(last) == "dini" else 1
    named = before in DAY or night or last > index + 1 or sentence.words[index] == "ahad"
    listed_to = _list_ago(sentence, index)
    if listed_to:
        return _counted_back(sentence, index, listed_to, day)
    if (
        (day == SUNDAY and not named)
        or _schedule(sentence, index)
        or _elsewhen(sentence, index, last)
    ):
        return None
    first = index - 1 if night or before in DAY else index
    strong = before in DAY or sentence.word(first - 1) in SINCE
    weeks, end = _weeks_ago(sentence, last)
    if weeks:
        value = monday(sentence.today) - timedelta(7 * weeks - day)
        return Phrase(first, end, value, "day", strong=strong)
    this = sentence.word(last) in THIS | EARLIER and not sentence.stops(last - 1)
    back = (sentence.today.weekday() - day) % 7
    back = back + 1 if night else back or (0 if this else 7)
    after = last + 1 if this or sentence.word(last) in AGO else last
    return Phrase(first, after, sentence.today - timedelta(back), "day", strong=strong)


def _list_ago(sentence: Sentence, index: int) -> int:
    """Give the word after "Senin dan Selasa kemarin", days that have been; 0 for others."""
    last, joined = index, False
    for at in range(index + 1, index + 7):
        joined = joined or sentence.gap(at - 1).strip() != "" or sentence.word(at) in _SCHEDULE
        if joined and sentence.word(at) in WEEKDAYS:
            last = at
        elif sentence.word(at) not in _SCHEDULE | DAY:
            break
    past = last > index and sentence.word(last + 1) in AGO and not sentence.stops(last)
    return last + 2 if past else 0


def _counted_back(sentence: Sentence, index: int, last: int, day: int) -> Phrase:
    back = (sentence.today.weekday() - day) % 7 or 7
    return Phrase(index, last, sentence.today - timedelta(back), "day", strong=True)


def _weeks_ago(sentence: Sentence, at: int) -> tuple[int, int]:
    """Give how many weeks before this one, and the word after ("[Rabu] dua minggu yang lalu")."""
    number = sentence.number(at)
    count, at = number or (1, at)
    if sentence.word(at) not in WEEK:
        return 0, at
    at += 1
    while number and sentence.word(at) in ("yang", "yg"):
        at += 1
    return (count, at + 1) if sentence.word(at) in AGO else (0, at)


def _elsewhen(sentence: Sentence, index: int, last: int) -> bool:
    """Tell whether a day of the week is to come, or followed by its date."""
    word = sentence.word(last)
    if word in THIS and WEEKDAYS.get(sentence.words[index], 0) > sentence.today.weekday():
        return True  # "Sabtu ini" on a Wednesday
    return word in TO_COME or (word.isdigit() and sentence.word(last + 1) in MONTHS)


def _schedule(sentence: Sentence, index: int) -> bool:
    """Tell whether days of the week are a timetable, or only name the day of a date."""
    at = index + 1
    gap = sentence.gap(index)
    if sentence.word(at) in DATED:
        return True
    if sentence.word(at).isdigit() and len(gap) <= GAP:
        return sentence.word(at + 1) in MONTHS or sentence.gap(at) in ("/", "-", ".")
    while sentence.word(at) in _SCHEDULE:
        at += 1
    return _linked(sentence, index, at) or _linked(sentence, index - 1, index)


def _linked(sentence: Sentence, one: int, other: int) -> bool:
    """Tell whether two days of the week stand side by side ("senin-jumat", "senin s/d jumat")."""
    while one > 0 and other - one <= GAP and sentence.word(one) in _SCHEDULE:
        one -= 1
    joined = sentence.word(one + 1) in _SCHEDULE or sentence.gap(one).strip() != ""
    pair = joined and sentence.word(one) in WEEKDAYS and sentence.word(other) in WEEKDAYS
    return pair and other - one <= GAP and len(sentence.gap(one)) <= GAP
