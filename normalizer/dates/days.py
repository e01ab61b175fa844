"""The days that people count from today: "kmrn", "tadi malam", "hari ini", "sejak jam 3 pagi"."""

from __future__ import annotations

from datetime import date, timedelta

from normalizer.dates.clock import NOON
from normalizer.dates.sentence import Phrase, Sentence, until_now
from normalizer.dates.words import (
    BEGAN,
    CLOCK,
    DATED,
    DAY,
    DAYTIME,
    EARLIER,
    LASTED,
    NIGHT,
    NOT,
    ORDINALS,
    SINCE,
    THIS,
    UNTIL,
    WEEKDAYS,
    YESTERDAY,
    listed,
)

_FEASTS = listed(
    "lebaran idul natal puasa poso ramadan ramadhan pilkada pemilu libur liburan agustusan nyepi"
    " haji musim pandemi covid banjir gempa nataru natalan takbiran kurban qurban imlek waisak"
    " maulid galungan kuningan"
)
_NOT_AFTER_YESTERDAY = YESTERDAY | DATED | {"2", "nya"}
_NOT_BEFORE_YESTERDAY = _FEASTS | YESTERDAY | {"besok"}
_BEFORE_NOW = listed("tadi td tdi cako")
_HAPPENED = listed(
    "jam pukul pkl jm sekitar ada saya sy aku kami terjadi kejadian waktu pas ketika di lewat kena"
)
_LATEST = listed("terakhir trakhir terahir kejadian kejadiannya baru")
_NOT_STILL = UNTIL | YESTERDAY | frozenset(WEEKDAYS)
_ZONES = listed("wib wita wit")
_PARTS = DAYTIME | NIGHT | _ZONES | {"tadi", "td", "hari"}
_AFTER_NOON = listed("siang sore malam mlm malem")
_LAST_NIGHT = listed("semalam buklam smlm smalam semalem smalem semlm samalam smlem")
_MOST_DAYS = 31
DAY_WORDS = YESTERDAY | _LAST_NIGHT | EARLIER | {"barusan"} | DAY | DAYTIME | NIGHT


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
    is_of_today = after not in THIS | EARLIER | YESTERDAY
    if word in DAYTIME and sentence.word(index - 1) in SINCE and is_of_today:
        stretch = _is_stretch(sentence, index + 1)
        return None if stretch else Phrase(index, index + 1, today, "day", strong=True)
    if word == "barusan" or (after in THIS and sentence.gap(index) == " "):
        return Phrase(index, index + 1 + (after in THIS), today, "day")
    return None


def nth_day(sentence: Sentence, index: int) -> Phrase | None:
    """Read "ini hari ke-3", "sudah hari ketiga", from the first on; `index` is at "hari"."""
    at = index + 1
    if sentence.word(at) == "ke":
        at += 1
    word = sentence.word(at)
    count = int(word) if word.isdigit() and at > index + 1 else ORDINALS.get(word, 0)
    lead = sentence.word(index - 1)
    if not 1 < count <= _MOST_DAYS or lead not in LASTED | THIS | {"memasuki"}:
        return None
    first = sentence.today - timedelta(count - 1)
    return Phrase(index, at + 1, first, "day", strong=True, lasting=True)


def _is_stretch(sentence: Sentence, at: int) -> bool:
    """Tell whether another part of the day follows ("dari pagi sampai malam"): a habit."""
    end = sentence.word(at + 1)
    return sentence.word(at) in UNTIL and (end in DAYTIME or end in NIGHT or end == "ke")


def _yesterday(sentence: Sentence, index: int) -> Phrase | None:
    after, before = sentence.word(index + 1), sentence.word(index - 1)
    if after == "lusa":
        return Phrase(index, index + 2, sentence.today - timedelta(2), "day")
    named = sentence.word(index + 2) if after in DAY else after
    hourly = _FEASTS if after in DAYTIME | NIGHT else frozenset()  # "banjir kemarin siang"
    if (
        named in WEEKDAYS
        or after in _NOT_AFTER_YESTERDAY
        or before in _NOT_BEFORE_YESTERDAY - hourly
    ):
        return None
    if after in NIGHT | DAYTIME and sentence.word(index + 2) in WEEKDAYS:
        return None
    if before == "lusa":
        return Phrase(index - 1, index + 1, sentence.today - timedelta(2), "day")
    if after == "dulu":
        return Phrase(index, index + 2, sentence.today - timedelta(2), "day")
    return Phrase(index, index + 1, sentence.today - timedelta(1), "day")


def _earlier(sentence: Sentence, index: int, value: date) -> Phrase | None:
    after, before = sentence.word(index + 1), sentence.word(index - 1)
    if after in NIGHT or after in DAYTIME:
        return Phrase(index, index + 2, value, "day")
    if before in NIGHT or before in DAYTIME:
        return Phrase(index - 1, index + 1, value, "day")
    if (
        _is_at_end(sentence, index)
        or before in ("hari", "dari", "sejak", "dr")
        or _is_hour(sentence, index - 1)
    ):
        return Phrase(index, index + 1, value, "day")
    if sentence.words[index] in _BEFORE_NOW and (after in _HAPPENED or before in _LATEST):
        return Phrase(index, index + 1, value, "day")
    return None


def _is_at_end(sentence: Sentence, index: int) -> bool:
    """Tell whether nothing follows or "disuruh", "ditolak": "saya ke puskesmas tadi"."""
    after = sentence.after(index + 1, 1)
    return sentence.words[index] in _BEFORE_NOW and (not after or after[0].startswith("di"))


def _is_hour(sentence: Sentence, at: int) -> bool:
    """Tell whether the number at `at` is of an hour: "jam 9", "pukul 09.30"."""
    if sentence.word(at) in _ZONES:
        at -= 1
    if not sentence.word(at).isdigit():
        return False
    return sentence.word(at - 1) in CLOCK or sentence.word(at - 2) in CLOCK


def just_now(sentence: Sentence, index: int) -> Phrase | None:
    """Read "baru saja terjadi"; `index` is at "baru"."""
    if sentence.word(index + 1) not in ("saja", "aja", "sj", "ae", "wae"):
        return None
    if sentence.word(index + 2) not in _HAPPENED:
        return None
    return Phrase(index, index + 2, sentence.today, "day")


def _is_still_so(sentence: Sentence, index: int, at: int) -> bool:
    """Tell whether it goes on since an hour that no other day and no closing hour follow."""
    word = sentence.word(at)
    if word in _NOT_STILL or word[:1].isdigit() or sentence.gap(at - 1) == "-":
        return False
    after = sentence.after(at, 3)
    suffers = any(word.startswith("di") and len(word) > len("disana") for word in after)
    return sentence.word(index - 1) in BEGAN or suffers or not NOT.isdisjoint(after)


def since_hour(sentence: Sentence, index: int) -> Phrase | None:
    """Read "dari jam 2 siang sampai sekarang"; `index` is at "jam"."""
    word = sentence.word(index + 1)
    if sentence.word(index - 1) not in SINCE or not word.isdigit() or len(word) > len("24"):
        return None
    at = index + 2
    if sentence.gap(index + 1) in (".", ":") and sentence.word(at).isdigit():
        at += 1
    afternoon = NOON if int(word) < NOON and sentence.word(at) in _AFTER_NOON else 0
    while sentence.word(at) in _PARTS:
        at += 1
    if not (until_now(sentence, at) or _is_still_so(sentence, index, at)):
        return None
    late = int(word) + afternoon > sentence.at.hour
    return Phrase(index, at, sentence.today - timedelta(late), "day", strong=True)
