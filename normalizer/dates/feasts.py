"""Feasts as dates: "sejak Lebaran", "malam takbiran", "H+2 Lebaran", "pas 17-an".

Only where the feast is when something happened; "THR Lebaran" and "lomba 17-an" name no day.
The movable ones are those of the yearly joint decree on public holidays (SKB tiga menteri tentang
hari libur nasional dan cuti bersama; 2026: 1497/2025, 2/2025, 5/2025). A year that is not in the
table yet gives nothing rather than the feast of the year before.
"""

from __future__ import annotations

from datetime import date, timedelta

from normalizer.dates.sentence import Phrase, Sentence, on, year_at
from normalizer.dates.words import AGO, DAY, LINKS, NIGHT, ORDINALS, SINCE, THIS, YEAR, listed

_MOVABLE = {
    "fitri": (date(2023, 4, 22), date(2024, 4, 10), date(2025, 3, 31), date(2026, 3, 21)),
    "adha": (date(2023, 6, 29), date(2024, 6, 17), date(2025, 6, 6), date(2026, 5, 27)),
    "nyepi": (date(2023, 3, 22), date(2024, 3, 11), date(2025, 3, 29), date(2026, 3, 19)),
    "imlek": (date(2023, 1, 22), date(2024, 2, 10), date(2025, 1, 29), date(2026, 2, 17)),
    "waisak": (date(2023, 6, 4), date(2024, 5, 23), date(2025, 5, 12), date(2026, 5, 31)),
}
_FIXED = {"natal": (12, 25), "kemerdekaan": (8, 17), "baru": (1, 1)}
_NAMES = {
    word: feast
    for feast, row in {
        "fitri": "lebaran lebaranan takbiran takbir idulfitri riyaya bakda",
        "adha": "iduladha kurban qurban",
        "nyepi": "nyepi pengerupukan",
        "imlek": "imlek",
        "waisak": "waisak",
        "natal": "natal natalan",
        "kemerdekaan": "agustusan tujuhbelasan",
    }.items()
    for word in row.split()
}
_EID = listed("idul idhul ied eid")
_ADHA = listed("adha haji kurban qurban idul")
_OTHER_NEW_YEAR = listed("islam hijriah hijriyah imlek china cina jawa saka muharram")
WORDS = frozenset(_NAMES) | _EID | YEAR | {"raya"}
COUNTED = frozenset({"h"})
# Within two words before: what tells that it happened then.
_AT = (
    SINCE | NIGHT | listed("pas waktu wkt saat ketika ktk hari hr pada pd sewaktu tepat raya momen")
)
# Right before: what the feast only gives its name to, or a time around it.
_NAMING = listed(
    "libur liburan cuti mudik thr arus jelang menjelang sebelum habis abis setelah stlh usai"
    " sesudah bada tunjangan pasar baju tiket angkutan pasca musim lomba"
)
_NOT_YET = listed("depan nanti besok mendatang ntar")
_EVES = listed("takbiran takbir pengerupukan")
_KNOWN_FOR = timedelta(340)  # after the last day of the table; the next one comes after 354
_LATELY = timedelta(30)
_MOST_DAYS = 10


def feast(sentence: Sentence, index: int) -> Phrase | None:
    """Read a feast that something happened on or since; `index` is at its name."""
    told = _named(sentence, index)
    if told is None:
        return None
    name, last = told
    before = sentence.before(index, 2)
    if not _NAMING.isdisjoint(before):
        return None
    if _AT.isdisjoint(before):
        return _recent(sentence, index, told)
    eve = sentence.words[index] in _EVES or not NIGHT.isdisjoint(before[:2])
    shift, last = _which_day(sentence, index, last)
    return _phrase(sentence, (index, last), name, -1 if eve else shift)


def _recent(sentence: Sentence, index: int, told: tuple[str, int]) -> Phrase | None:
    """Read "lebaran kmrn" as a day where it was one of the last weeks."""
    name, last = told
    if sentence.word(last) not in AGO:
        return None
    phrase = _phrase(sentence, (index, last), name, 0)
    return phrase if phrase and sentence.today - phrase.value <= _LATELY else None


def counted(sentence: Sentence, index: int) -> Phrase | None:
    """Read "H+2 Lebaran" and "H-3 Natal"; `index` is at the H."""
    sign, number = sentence.gap(index).strip(), sentence.word(index + 1)
    if sign not in ("+", "-") or not number.isdigit() or int(number[:3]) > _MOST_DAYS:
        return None
    at = index + 2
    while sentence.word(at) in ("hari", "raya", "dari"):
        at += 1
    told = _named(sentence, at) if sentence.word(at) in WORDS else None
    if told is None:
        return None
    name, last = told
    return _phrase(sentence, (index, last), name, int(sign + number))


def independence(sentence: Sentence, index: int) -> Phrase | None:
    """Read "17-an" and "17 Agustusan"; `index` is at the number."""
    if sentence.words[index] != "17" or sentence.word(index + 1) not in ("an", "agustusan"):
        return None
    before = sentence.before(index, 2)
    last = index + 2
    if (_AT.isdisjoint(before) and sentence.word(last) not in AGO) or not _NAMING.isdisjoint(
        before[:1]
    ):
        return None
    return _phrase(sentence, (index, last), "kemerdekaan", 0 if NIGHT.isdisjoint(before) else -1)


def _named(sentence: Sentence, index: int) -> tuple[str, int] | None:
    """Give the feast at `index`, and the word after its name."""
    word, after = sentence.words[index], sentence.word(index + 1)
    if word in YEAR:
        other = sentence.word(index + 2) in _OTHER_NEW_YEAR
        return None if after != "baru" or other else ("baru", index + 2)
    if word in _EID:
        name = "fitri" if after in ("fitri", "fitr", "fithri") else "adha"
        return (name, index + 2) if name == "fitri" or after in _ADHA else None
    if word == "raya":
        return (_last_of_all(sentence), index + 1) if sentence.word(index - 1) in DAY else None
    name = _NAMES[word]
    if name == "fitri" and after in _ADHA:  # "lebaran haji", "lebaran idul adha"
        fitri = after == "idul" and sentence.word(index + 2) == "fitri"
        return "fitri" if fitri else "adha", index + (3 if after == "idul" else 2)
    return name, index + 1


def _last_of_all(sentence: Sentence) -> str:
    """Give the feast that "hari raya" alone means."""
    today = sentence.today
    return max(
        ("fitri", "adha"), key=lambda name: _day_of(name, today, None, timedelta()) or date.min
    )


def _which_day(sentence: Sentence, index: int, last: int) -> tuple[int, int]:
    """Give how many days after the first, and the word after ("lebaran hari kedua")."""
    at = last + 1 if sentence.word(last) in DAY else last
    if sentence.word(at) == "ke" and sentence.word(at + 1).isdigit():
        return min(int(sentence.word(at + 1)[:2]), _MOST_DAYS) - 1, at + 2
    if sentence.word(at) in ORDINALS:
        return ORDINALS[sentence.word(at)] - 1, at + 1
    return ORDINALS.get(sentence.word(index - 1), 1) - 1, last


def _phrase(sentence: Sentence, span: tuple[int, int], name: str, shift: int) -> Phrase | None:
    first, last = span
    year, last = year_at(sentence, last)
    end = last
    while sentence.word(end) in LINKS and end < last + 2:
        end += 1
    if sentence.word(end) in _NOT_YET:
        return None
    if sentence.word(end) in YEAR and sentence.word(end + 1) in AGO | THIS:
        year = sentence.today.year - (sentence.word(end + 1) in AGO)
        end += 1
    value = _day_of(name, sentence.today, year, timedelta(shift))
    if value is None:
        return None
    last = end + 1 if sentence.word(end) in AGO | THIS else last
    return Phrase(first, last, value, "day", strong=True)


def _day_of(name: str, today: date, year: int | None, shift: timedelta) -> date | None:
    """Give the feast of a year, or the last one; nothing where the table does not say."""
    if name in _FIXED:
        month, day = _FIXED[name]
        days = [on(of, month, day) for of in range(max(1, today.year - 2), today.year + 1)]
    else:
        days = [*_MOVABLE[name]]
        if today > _MOVABLE[name][-1] + _KNOWN_FOR and year is None:
            return None
    past = [
        one + shift
        for one in days
        if one and one + shift <= today and (year is None or one.year == year)
    ]
    return past[-1] if past else None
