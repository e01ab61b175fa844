"""Dates as people speak: "minggu lalu", "awal bulan", "kmrn", "tadi malam", "Senin kemarin"."""

from __future__ import annotations

from datetime import date, timedelta

from normalizer.dates.lasting import back
from normalizer.dates.sentence import GAP, Phrase, Sentence, latest, monday, months_back, year_at
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
    UNTIL,
    WEEK,
    WEEKDAYS,
    YESTERDAY,
    listed,
)

_FEASTS = listed(
    "lebaran idul natal puasa ramadan ramadhan pilkada pemilu libur liburan agustusan nyepi"
    " haji musim pandemi covid banjir gempa"
)
_LATELY = frozenset({"terakhir", "trakhir", "trkhr", "terahir", "belakangan", "sebelumnya"})
_AFTER_WEEKDAY = DAYTIME | NIGHT | {"yang", "yg"}
_NOT_AFTER_YESTERDAY = YESTERDAY | DATED | {"2", "nya"}
_NOT_BEFORE_YESTERDAY = _FEASTS | YESTERDAY | {"besok"}
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
        if sentence.word(index + 1) in MONTHS or sentence.word(index + 1).isdigit():
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
    while sentence.word(last) in _AFTER_WEEKDAY:
        last += 1
    named = before in DAY or night or last > index + 1 or sentence.words[index] == "ahad"
    if (day == SUNDAY and not named) or _schedule(sentence, index) or _elsewhen(sentence, last):
        return None
    first = index - 1 if night or before in DAY else index
    strong = before in DAY or sentence.word(first - 1) in SINCE
    if sentence.word(last) in WEEK and sentence.word(last + 1) in AGO:
        value = monday(sentence.today) - timedelta(7 - day)
        return Phrase(first, last + 2, value, "day", strong=strong)
    this = sentence.word(last) in THIS or sentence.word(last) in EARLIER
    back = (sentence.today.weekday() - day) % 7
    back = back + 1 if night else back or (0 if this else 7)
    after = last + 1 if this or sentence.word(last) in AGO else last
    return Phrase(first, after, sentence.today - timedelta(back), "day", strong=strong)


def _elsewhen(sentence: Sentence, last: int) -> bool:
    """Tell whether a day of the week is to come, or followed by its date."""
    word = sentence.word(last)
    return word in TO_COME or (word.isdigit() and sentence.word(last + 1) in MONTHS)


def _schedule(sentence: Sentence, index: int) -> bool:
    """Tell whether days of the week are a timetable, or only name the day of a date."""
    at = index + 1
    gap = sentence.gap(index)
    if sentence.word(at) in DATED:
        return True
    if sentence.word(at).isdigit() and len(gap) <= GAP:
        return sentence.word(at + 1) in MONTHS or len(sentence.gap(at)) == 1
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


def day_word(sentence: Sentence, index: int) -> Phrase | None:
    """Read "kemarin [lusa]", "semalam", "tadi pagi", "hari ini", "barusan"."""
    word, after = sentence.words[index], sentence.word(index + 1)
    today = sentence.today
    if word in YESTERDAY:
        return _yesterday(sentence, index)
    if word in EARLIER:
        night = after in NIGHT or sentence.word(index - 1) in NIGHT
        return _earlier(sentence, index, today - timedelta(1) if night else today)
    if word in _LAST_NIGHT:
        return Phrase(index, index + 1, today - timedelta(1), "day")
    if word in DAYTIME and sentence.word(index - 1) in SINCE and after not in THIS | EARLIER:
        stretch = _is_stretch(sentence, index + 1)
        return None if stretch else Phrase(index, index + 1, today, "day", strong=True)
    if word == "barusan" or (after in THIS and sentence.gap(index) == " "):
        return Phrase(index, index + 1 + (after in THIS), today, "day")
    return None


def _is_stretch(sentence: Sentence, at: int) -> bool:
    """Tell whether another part of the day follows ("dari pagi sampai malam"): a habit."""
    end = sentence.word(at + 1)
    return sentence.word(at) in UNTIL and (end in DAYTIME or end in NIGHT or end == "ke")


def _yesterday(sentence: Sentence, index: int) -> Phrase | None:
    after, before = sentence.word(index + 1), sentence.word(index - 1)
    named = sentence.word(index + 2) if after in DAY else after
    if named in WEEKDAYS or after in _NOT_AFTER_YESTERDAY or before in _NOT_BEFORE_YESTERDAY:
        return None
    if after in ("lusa", "dulu"):
        return Phrase(index, index + 2, sentence.today - timedelta(2), "day")
    return Phrase(index, index + 1, sentence.today - timedelta(1), "day")


def _earlier(sentence: Sentence, index: int, value: date) -> Phrase | None:
    after, before = sentence.word(index + 1), sentence.word(index - 1)
    if after in NIGHT or after in DAYTIME:
        return Phrase(index, index + 2, value, "day")
    if before in NIGHT or before in DAYTIME:
        return Phrase(index - 1, index + 1, value, "day")
    if before in ("hari", "dari", "sejak", "dr"):
        return Phrase(index, index + 1, value, "day")
    if after in ("jam", "pukul", "pkl", "jm", "sekitar") and sentence.words[index] != "mau":
        return Phrase(index, index + 1, value, "day")
    return None


_LAST_NIGHT = listed("semalam smlm smalam semalem smalem semlm samalam smlem")
DAY_WORDS = YESTERDAY | _LAST_NIGHT | EARLIER | {"barusan"} | DAY | DAYTIME | NIGHT
