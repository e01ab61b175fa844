"""Sorts the words of a text into names, places, numbers, dates and matters."""

from __future__ import annotations

import re
from functools import cache

from normalizer.lexicon import (
    NAME,
    area_words,
    is_derived,
    kind,
    matters,
    may_name,
    rarity,
    stem,
    weight_of_matter,
)

LONGEST_PHRASE = 3
_DIGITS = frozenset("0123456789")
_VOWELS = frozenset("aiueoy")
_CAPITAL = re.compile(r"(?<=[a-zA-Z0-9,] )[\"'\u201c\u2018(]?([A-Z][a-z]{2,})")
_SHORTEST_WORD = 3
_SHORT_NUMBER = 3  # digits of a house, a school
_TYPED_NUMBER = 6
_LAST_DAY, _LAST_MONTH = 31, 12
_MONTHS = {
    "januari": 1,
    "februari": 2,
    "maret": 3,
    "april": 4,
    "mei": 5,
    "juni": 6,
    "juli": 7,
    "agustus": 8,
    "september": 9,
    "oktober": 10,
    "november": 11,
    "desember": 12,
}
# A cut name may look like a month: Margasari, Desa, Janti, Sepanjang.
_HALVES = frozenset(("mar", "des", "jan", "sep", "mei", "jun", "jul"))
_DAYS = frozenset(("senin", "selasa", "rabu", "kamis", "jumat", "sabtu"))
_HOURS_OF_DAY = frozenset(("pagi", "siang", "sore", "malam", "subuh"))
_MEASURES = frozenset(("orang", "warga", "km", "kali"))
_SPANS = frozenset(("hari", "minggu", "pekan", "bulan", "tahun", "jam", "menit"))
_HALF_A_DAY = 12
_LATE = "ktp.lama"
_NAME_CUES = frozenset(("nama", "namanya", "bernama"))
_HONORIFICS = frozenset("bapak pak ibu bu mas mbak bang kak haji".split())
_OURSELVES = frozenset(("sp4n",))  # looks like a code
_KIN = frozenset("anak suami istri ibu bapak ayah adik kakak mertua nenek kakek cucu".split())
_HOURS = {"pukul": "jam", "pkl": "jam"}
_SCHOOLS = frozenset(("sd", "smp", "sma", "smk"))


@cache
def places() -> dict[str, str]:
    """Give word -> the kind of place whose name is expected after it."""
    cues = {word: name for name in _AREAS for word in kind(name)}
    spots = {word: word for word in kind("spot") | kind("thing")}
    return cues | spots | dict.fromkeys(kind("hospital"), "rs")


_AREAS = ("street", "village", "district", "regency")


def capitals(text: str) -> frozenset[str]:
    """Give words that begin with a capital within a sentence of a text that has small letters."""
    return frozenset(word.casefold() for word in _CAPITAL.findall(text))


class Recognised:
    """The words of a text by kind; each kind is in order of appearance.

    `end` is the index of a word that may be cut: half a date is none. `written` is that word.
    """

    def __init__(
        self,
        tokens: tuple[str, ...],
        capital: frozenset[str],
        *,
        end: int | None = None,
        written: str = "",
    ) -> None:
        self.names: dict[str, None] = {}
        self.proper: dict[str, None] = {}
        self.plain: dict[str, None] = {}
        self.matters: dict[str, float] = {}
        self.numbers: dict[str, None] = {}
        self.lasting: dict[str, None] = {}
        self.days: dict[str, None] = {}
        self.counts: dict[str, dict[str, None]] = {}
        self.codes: dict[str, None] = {}
        self.typed: dict[str, dict[str, None]] = {}
        self.dates: dict[str, None] = {}
        self.places: dict[str, dict[str, None]] = {}
        self.people: dict[str, None] = {}
        self._tokens = tokens
        self._capital = capital
        self._end = end
        self._written = written
        self._cued: set[str] = set()
        self._taken: set[int] = set()
        self._read_cues()
        self._read_words()

    def _read_cues(self) -> None:
        for index, token in enumerate(self._tokens):
            if token in _MONTHS:
                self._month(index)
            elif token in kind("typed"):
                self._typed_number(index)
            elif token in _DAYS or self._is_sunday(index):
                self.days[token] = None
            elif token in _NAME_CUES:
                is_titled = self._at(index + 1) in _HONORIFICS
                self.people |= dict.fromkeys(self._phrase(index + 1 + is_titled))
            elif token in _KIN and self._at(index + 1) == "saya":
                self._relative(index + 2)
            if token in places():
                self._place(index)

    def _read_words(self) -> None:
        for index, token in enumerate(self._tokens):
            if not _DIGITS.isdisjoint(token):
                self._number(index, token)
            elif token not in kind("stop") and token not in _MONTHS and token not in kind("typed"):
                self._word(token)
                if self._at(index - 1) == "belum" and {token, stem(token)} & kind("awaited"):
                    self.matters.setdefault(_LATE, 1.0)

    def _at(self, index: int) -> str:
        return self._tokens[index] if 0 <= index < len(self._tokens) else ""

    def _is_sunday(self, index: int) -> bool:
        """Tell Sunday from a week: both are "minggu"."""
        return self._tokens[index] == "minggu" and self._at(index + 1) in _HOURS_OF_DAY

    def _month(self, index: int) -> None:
        day, month = self._at(index - 1), _MONTHS[self._tokens[index]]
        is_day = _is_within(day, _LAST_DAY)
        if is_day:
            self._taken.add(index - 1)
        if index != self._end or self._written not in _HALVES:
            self.dates[f"{day}/{month}" if is_day else f"/{month}"] = None
        if self._at(index + 1).startswith("20"):
            self._taken.add(index + 1)

    def _typed_number(self, index: int) -> None:
        value = self._at(index + 1)
        is_number = value[:1] in _DIGITS or len(value) == 1
        if value and is_number and len(value) <= _TYPED_NUMBER and "/" not in value:
            self._taken.add(index + 1)
            name = _HOURS.get(self._tokens[index], self._tokens[index])
            self.typed.setdefault(name, {})[_on_a_clock(value) if name == "jam" else value] = None

    def _relative(self, index: int) -> None:
        """Take the name of "anak saya Alesha"."""
        name = self._at(index)
        is_other = name in kind("stop") or name in area_words() or matters(name)
        if name in self._capital and name.isalpha() and not is_other:
            self.people[name] = None

    def _place(self, index: int) -> None:
        token = self._tokens[index]
        name, start = places()[token], index + 1
        if token in kind("thing") and self._at(start) not in self._capital:
            return  # "tiga kali lapor", "jembatan rusak"
        if name not in _AREAS and self._at(start) in kind("district") | kind("regency"):
            start += 1  # the hospital "RSUD Kota Cilegon"
        if name in _SCHOOLS and self._short_number(start, name):
            start += 1
        phrase = self._phrase(start)
        if phrase:
            self.places.setdefault(name, {})[" ".join(phrase)] = None
            self._short_number(start + len(phrase), "nomor" if name == "street" else name)
        elif name == "simpang" and self._at(start).isdecimal():
            self.places.setdefault(name, {})[self._at(start)] = None  # Simpang Lima

    def _short_number(self, index: int, name: str) -> bool:
        """Take a number that belongs to a place: a house, SDN 2."""
        number = self._at(index)
        if not number.isdecimal() or len(number) > _SHORT_NUMBER:
            return False
        self.typed.setdefault(name, {})[number] = None
        self._taken.add(index)
        return True

    def _phrase(self, start: int) -> list[str]:
        phrase: list[str] = []
        for index in range(start, start + LONGEST_PHRASE):
            token = self._at(index)
            is_side = bool(phrase) and token in kind("sides")
            is_inner = token in kind("inner") and self._is_expected(self._at(index + 1))
            if (phrase and self._is_verb(token)) or not (
                is_side or is_inner or self._is_expected(token)
            ):
                break
            phrase.append(token)
            self._cued.add(token)
        return phrase

    def _is_verb(self, token: str) -> bool:
        """Say whether a text goes on after a name: "Desa Seraya menanyakan"."""
        is_long = len(stem(token)) > _SHORTEST_WORD  # Mesir is no verb
        return is_long and is_derived(token) and token not in self._capital

    def _is_expected(self, token: str) -> bool:
        """Say whether a word is a name where one is expected."""
        if not token.isalpha() or len(token) < _SHORTEST_WORD or token in _MONTHS:
            return False
        if token in kind("stop") or token in kind("generic"):
            return False
        if token in kind("typed") or token in places():
            return False
        if token.endswith("nya"):
            return False  # "dibawa ke RS. Gerombolannya ..."
        if token in self._capital and not matters(token):
            return True  # the village "Kedokan", though words are made like that, too
        return may_name(token) or token in area_words()

    def _is_name(self, token: str) -> bool:
        if token in self._cued or token in area_words():
            return True
        if token in kind("regional") or _VOWELS.isdisjoint(token) or not token.isalpha():
            return False
        if token in places() or token in kind("generic") or is_derived(token):
            return False
        return rarity(token) >= NAME or token in self._capital

    def _number(self, index: int, token: str) -> None:
        if "/" in token:
            self._number_with_slash(index, token)
        elif index in self._taken:
            return
        elif self._at(index - 1) == "tanggal" and _is_within(token, _LAST_DAY):
            self.dates |= {} if index == self._end else {f"{token}/": None}
        elif _is_year(token):
            self.typed.setdefault("tahun", {})[token] = None
        elif _is_code(token):
            self.codes[token.replace(".", "")] = None
        elif self._at(index - 1) != "tahun":
            self.numbers[token] = None
            self._count(token, self._at(index + 1))

    def _count(self, number: str, of: str) -> None:
        if of in _SPANS:
            self.lasting[number] = None
        elif of.isalpha() and (of in _MEASURES or of not in kind("stop")):
            self.counts.setdefault(stem(of), {})[number] = None

    def _number_with_slash(self, index: int, token: str) -> None:
        """Take a date, or the number of a file: 4471/2024."""
        day, _, month = token.partition("/")
        month = month.partition("/")[0]
        if index == self._end:
            return
        if _is_within(day, _LAST_DAY) and _is_within(month, _LAST_MONTH):
            self.dates[f"{day}/{month}"] = None
        elif day.isdecimal() and len(day) > _SHORT_NUMBER:
            self.codes[day] = None

    def _word(self, token: str) -> None:
        is_place = token in self._cued or token in area_words()
        about = () if is_place else matters(token)
        for matter in about:
            known = self.matters.get(matter, 0.0)
            self.matters[matter] = known + weight_of_matter(matter) / len(about)
        if about:
            self.plain[stem(token)] = None
        elif len(token) < _SHORTEST_WORD:
            return
        elif self._is_name(token):
            self.names[token] = None
            if token in self._cued or token in self._capital or token in area_words():
                self.proper[token] = None
        elif token not in kind("sides"):
            self.plain[stem(token)] = None


def _is_within(number: str, most: int) -> bool:
    return number.isdecimal() and len(number) < _SHORT_NUMBER and 1 <= int(number) <= most


def _on_a_clock(hour: str) -> str:
    """Take 20.15 and 8.15 in the evening for one time."""
    whole, dot, minutes = hour.partition(".")
    return f"{int(whole) % _HALF_A_DAY}{dot}{minutes}" if whole.isdecimal() else hour


def _is_year(token: str) -> bool:
    return len(token) == len("2026") and token.isdecimal() and token[:2] in {"19", "20"}


def _is_code(token: str) -> bool:
    """Tell the number of a card, a letter or a bus from an amount and a count."""
    if token.count(".") > 1 or not token.replace(".", "").isdecimal():
        return len(token) > len("12a") and token not in _OURSELVES  # "12a" is a house
    if "." in token or len(token) < len("12345"):
        return False
    return bool(int(token) % (1000 if len(token) > len("123456") else 50))
