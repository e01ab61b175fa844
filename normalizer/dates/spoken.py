"""Dates as people speak: "3 hari lalu", "sdh 2 minggu", "kmrn", "tadi malam", "Senin kemarin"."""

from __future__ import annotations

from datetime import date, timedelta

from normalizer.dates.sentence import GAP, Phrase, Precision, Sentence, monday, months_back
from normalizer.dates.words import (
    AGO,
    DATED,
    DAY,
    DAYTIME,
    EARLIER,
    LASTED,
    LINKS,
    MONTHS,
    NIGHT,
    NOT,
    NUMBERS,
    ONE,
    PART,
    SINCE,
    SUNDAY,
    THIS,
    UNITS,
    WEEK,
    WEEKDAYS,
    YESTERDAY,
    listed,
)

_FEASTS = listed(
    "lebaran idul natal puasa ramadan ramadhan pilkada pemilu libur liburan agustusan nyepi"
    " haji musim pandemi covid banjir gempa"
)
_TO_COME = listed(
    "lagi kerja depan kedepan mendatang nanti penjara sekali dtg datang berikutnya besok kali"
)
_LATELY = frozenset({"terakhir", "trakhir", "trkhr", "terahir", "belakangan", "sebelumnya"})
_OVER = frozenset({"lebih", "lbh", "an"})
_AFTER_WEEKDAY = DAYTIME | NIGHT | {"yang", "yg"}
_NOT_AFTER_YESTERDAY = YESTERDAY | DATED | {"2", "nya"}
_NOT_BEFORE_YESTERDAY = _FEASTS | YESTERDAY | {"besok"}
_SCHEDULE = listed("sampai hingga s d sd smp dan")


# "jam 9 malam" is a time of day, not nine nights.
_CLOCK = frozenset(("jam", "jm", "pukul", "pkl"))


def duration(sentence: Sentence, index: int) -> Phrase | None:
    """Read "3 hari yg lalu", "sudah 3 hari", "seminggu ini", "2 bulan terakhir"."""
    span = _span(sentence, index)
    if span is None or sentence.word(index - 1) in _CLOCK:
        return None
    count, unit, at = span
    last = at
    while sentence.word(last) in LINKS and last < at + GAP:
        last += 1
    if sentence.word(at) in _TO_COME or sentence.word(last) in _TO_COME:
        return None
    ago = sentence.word(last) in AGO or sentence.word(last - 1) in THIS
    lasted = any(word in LASTED for word in sentence.before(index, 2))
    if not (ago or lasted or _goes_on(sentence, index, at, unit)):
        return None
    told = _back(sentence, unit, count)
    if told is None:
        return None
    return Phrase(index, last + 1 if ago else at, *told, strong=lasted or ago)


def _span(sentence: Sentence, index: int) -> tuple[int, str, int] | None:
    """Give count, unit and the word after: "3 hari", "dua bulan", "seminggu"."""
    unit = ONE.get(sentence.words[index])
    if unit is not None:
        return 1, unit, index + 1
    if sentence.words[index] == "setengah" and UNITS.get(sentence.word(index + 1)) == "year":
        return 6, "month", index + 2
    number = sentence.number(index)
    if number is None:
        return None
    count, at = number
    unit = UNITS.get(sentence.word(at))
    return (count, unit, at + 1) if unit is not None and sentence.near(at - 1) else None


def _goes_on(sentence: Sentence, index: int, at: int, unit: str) -> bool:
    """Tell whether a bare span is one since when something fails ("3 hari air mati")."""
    if sentence.word(at) in _OVER:
        return True
    around = [*sentence.after(at, 2), *sentence.before(index, 1)]
    return unit in ("day", "week", "month") and not NOT.isdisjoint(around)


def _back(sentence: Sentence, unit: str, count: int) -> tuple[date, Precision] | None:
    today = sentence.today
    if unit in ("hour", "minute"):
        return (sentence.at - timedelta(**{unit + "s": count})).date(), "day"
    if unit == "day":
        return today - timedelta(count), "day"
    if unit == "week":
        return monday(today - timedelta(weeks=count)), "week"
    if unit == "month":
        month = months_back(today, count)
        return (month, "month") if month else None
    return (date(today.year - count, 1, 1), "year") if count < today.year else None


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
        told = _back(sentence, unit, 1) if unit in ("month", "year") else None
    elif sentence.word(at) in THIS and unit in ("week", "month", "year"):
        told = _back(sentence, unit, 0) if unit != "year" or part or strong else None
        at = at if unit != "year" or told else index
    elif part and sentence.word(index - 1) in ("awal", "pertengahan") and unit in ("month", "year"):
        if sentence.word(index + 1) in MONTHS or sentence.word(index + 1).isdigit():
            return None
        told, at = _back(sentence, unit, 0), index
    else:
        return None
    return Phrase(first, at + 1, *told, strong=strong) if told else None


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
    return word in _TO_COME or (word.isdigit() and sentence.word(last + 1) in MONTHS)


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
        return Phrase(index, index + 1, today, "day", strong=True)
    if word == "barusan" or (after in THIS and sentence.gap(index) == " "):
        return Phrase(index, index + 1 + (after in THIS), today, "day")
    return None


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
    if before in NIGHT or before in DAYTIME or before in ("hari", "dari", "sejak", "dr"):
        return Phrase(index, index + 1, value, "day")
    if after in ("jam", "pukul", "pkl", "jm", "sekitar") and sentence.words[index] != "mau":
        return Phrase(index, index + 1, value, "day")
    return None


_LAST_NIGHT = listed("semalam smlm smalam semalem smalem semlm samalam smlem")
DAY_WORDS = YESTERDAY | _LAST_NIGHT | EARLIER | {"barusan"} | DAY | DAYTIME | NIGHT
DURATIONS = frozenset(NUMBERS) | frozenset(ONE) | {"setengah"}
