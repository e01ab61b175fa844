"""What was written, in canonical words: for matching only, never to show or to publish.

Case, accents, abbreviations, stretched letters, doubled words and the many ways to write a number
or an amount are folded, so that two spellings of one thing are one word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from importlib.resources import files

from normalizer.gazetteer import REGENCY, gazetteer
from normalizer.gazetteer import plain as plain_name
from normalizer.places.aliases import aliases

_LINK_OR_HANDLE = re.compile(r"https?://\S+|www\.\S+|[@#]\w*|\blapor ?1708\b")
_GLOTTAL = re.compile(r"(?<=[a-z])['\u2019`](?=[a-z])")  # Je'ne, Ma'rang, Jum'at
_RT_RW = re.compile(
    r"\b(?:rt\W{0,3}rw\W{0,3}([0-9]{1,3})|rt\W{0,3}([0-9]{1,3}))\s*[/-]\s*(?:rw\W{0,3})?([0-9]{1,3})\b"
)
_PRICE = re.compile(r"\brp\W{0,2}(?=[0-9])|(?<=[0-9]{3}),(?:-|00\b)")
_GLUED = re.compile(r"\b(rt|rw|km|no|nomor|blok|blk|gg|jl|jln|jam|tgl|pkl)[.:]?(?=[0-9])")
_FULL_DATE = re.compile(r"\b([0-3]?[0-9])([/.-])([01]?[0-9])\2(20)?([0-9]{2})\b")
_RANGE = re.compile(r"\b([0-9]{1,3}) ?- ?([0-9]{1,3}) ?(ribu|rebu|rb|juta|jt|k)\b")
_HOUR = r"(?:jam |pukul |pkl )?([01]?[0-9]|2[0-4])[.:]([0-5][0-9])"
_HOURS = re.compile(rf"\b{_HOUR} ?(?:-|s/?d|sampai|smp|hingga) ?{_HOUR}\b")
_LETTER_NUMBER = re.compile(r"\b([a-z]{1,2})-([0-9]{2,})\b")
_HYPHENATED = re.compile(r"\b[0-9]{2,}(?:-[0-9]{2,})+\b")
_ROMAN = re.compile(
    r"\b(?:viii|vii|vi|iv|ix|iii|ii|xii|xi)\b"
    r"|(?<=\bkelas )[ivx]\b|(?<=\bkls )[ivx]\b|(?<=\bdusun )[ivx]\b|(?<=\bdsn )[ivx]\b"
    r"|(?<=\btahap )[ivx]\b|(?<=\blingkungan )[ivx]\b|(?<=\brw )[ivx]\b|(?<=\brt )[ivx]\b"
)
_ROMANS = "0 i ii iii iv v vi vii viii ix x xi xii".split()
# Letters of a Regional Office before the number, as in B 1234 XYZ.
_PLATE = re.compile(
    r"\b(a[abdeg]?|b[abdeghklmnp]?|d[abcdeghklmnrtw]?|e[abd]?|f|g|h|k[bhtu]?|l|m|n|p[ab]?|r|s|t|w|z)"
    r"[ .-]?([0-9]{3,4})[ .-]?([a-z]{2,3})\b"
)
_NO_SERIES = frozenset(
    "rb rbu rebu jt jta jut kg km cm mm ha org hr bln thn th mnt jam kk rt rw wib wita wit dan di"
    " ke yg dr dg dgn per rp ribu juta kali ini itu ada rmh kpm mtr ltr pcs unit ekor".split()
)
_GLUED_UNIT = re.compile(
    r"(?<=[0-9])(?=(?:kg|m2|m|km|cm|x|kali|l|liter|ha|orang|org|hr|hari|jam|bln|thn|th|menit|mnt)\b)"
)
_ABOUT = re.compile(r"(?<=[0-9])([ -]?(?:rb|ribu|jt|juta))?-?an\b")  # "50an", "2 jutaan"
_LETTERED = frozenset("blok blk tipe gedung pintu gerbang peron jalur lorong".split())
_KIND = re.compile(r"^(?:kabupaten|kota)(?: administrasi)? ")
_MEASURES = frozenset(("cm",))  # after a number; elsewhere it is "cuma"
_SHORTEST_CODE = 7
_TOKEN = re.compile(
    r"[0-9]+(?:[.,:/][0-9]+)*[^\W\d_]*(?:[^\W_]*)|[^\W\d_]+[0-9][^\W_]*|[^\W\d_]+", re.UNICODE
)
_NUMBER = re.compile(r"([0-9]+(?:[.,:/][0-9]+)*)([^\W_]*)")
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:[.,][0-9]{3})+")
_PLAIN = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_PLURAL = re.compile(r"(?<=[a-z])2(?=(?:nya|ku|mu|an)?$)")
_STRETCHED = re.compile(r"(.)\1{2,}")
_UNITS = {
    "puluh": 10,
    "ratus": 100,
    "ribu": 1_000,
    "juta": 1_000_000,
    "miliar": 1_000_000_000,
}
_GLUED_UNITS = {"k": "ribu", "rb": "ribu", "rebu": "ribu", "ribu": "ribu", "jt": "juta"} | {
    "jta": "juta",
    "juta": "juta",
}
_COUNTED = {
    "satu": "1",
    "dua": "2",
    "tiga": "3",
    "empat": "4",
    "lima": "5",
    "enam": "6",
    "tujuh": "7",
    "delapan": "8",
    "sembilan": "9",
    "sepuluh": "1 puluh",
    "sebelas": "11",
    "seratus": "1 ratus",
    "seribu": "1 ribu",
    "sejuta": "1 juta",
}
_LONGEST_NUMBER = 24


@cache
def abbreviations() -> dict[str, str]:
    """Give the table: short or misspelt form -> canonical words, separated by blanks."""
    table: dict[str, str] = {}
    for name in ("regional.txt", "abbreviations.txt"):
        for short, long in _equations(name):
            table |= dict.fromkeys(short.split(), long)
    for short, long in _areas():
        table.setdefault(short, " ".join(table.get(word, word) for word in long.split()))
    return table


def _areas() -> Iterator[tuple[str, str]]:
    """Give short names of one regency or province alone: "muba" is musi banyuasin."""
    for short, codes in aliases().items():
        if len(codes) == 1 and codes[0].count(".") <= REGENCY and " " not in short:
            yield short, _KIND.sub("", plain_name(gazetteer().name(codes[0])))


@cache
def _phrases() -> dict[str, list[tuple[tuple[str, ...], str]]]:
    """Give first word -> (all words, the one word for them), the longest first."""
    table: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for long, short in _equations("phrases.txt"):
        said = tuple(long.split())
        table.setdefault(said[0], []).append((said, short))
    for of in table.values():
        of.sort(key=lambda phrase: -len(phrase[0]))
    return table


def _equations(name: str) -> Iterator[tuple[str, str]]:
    """Give both sides of the lines of a table."""
    for line in (files("normalizer.data") / name).read_text("utf-8").splitlines():
        left, equals, right = line.partition("=")
        if equals and not line.startswith("#"):
            yield left.strip(), right.strip()


def fold(text: str) -> str:
    """Drop case, accents, apostrophes within words, links and handles."""
    plain = text.casefold()
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
        plain = "".join(c for c in plain if not unicodedata.combining(c))
    return _LINK_OR_HANDLE.sub(" ", _GLOTTAL.sub("", plain))


def words(text: str) -> tuple[str, ...]:
    """Give canonical words; those of the result, joined by blanks, are the result again."""
    plain = fold(text)
    plain = _RT_RW.sub(lambda m: f"rt {m[1] or m[2]} rw {m[3]} ", plain)
    plain = _PRICE.sub(" ", plain)
    plain = _GLUED.sub(r"\1 ", plain)
    plain = _FULL_DATE.sub(lambda m: f" {m[1]}/{m[3]}/20{m[5]} ", plain)
    plain = _HOURS.sub(r"jam \1.\2 jam \3.\4", plain)
    plain = _RANGE.sub(r"\1\3 \2\3", plain)
    plain = _LETTER_NUMBER.sub(r"\1\2", plain)
    plain = _PLATE.sub(_plate, plain)
    plain = _HYPHENATED.sub(_join, plain)
    plain = _ROMAN.sub(lambda m: str(_ROMANS.index(m[0])), plain)
    plain = _GLUED_UNIT.sub(" ", _ABOUT.sub(r"\1", plain))
    found: list[str] = []
    before = ""
    for token in _TOKEN.findall(plain):
        if len(token) == 1 and before in _LETTERED:
            found.append(token)  # Blok G, not "tidak"
        elif token in _MEASURES and before[:1].isdigit():
            found.append(token)
        else:
            found += _number(token) if token[0] in "0123456789" else _word(token)
        before = token
    return tuple(_without_doubles(_joined(_without_doubles(_amounts(found)))))


def _joined(found: Sequence[str]) -> list[str]:
    """Take "rumah sakit" for one word."""
    out: list[str] = []
    index = 0
    while index < len(found):
        for said, short in _phrases().get(found[index], ()):
            if tuple(found[index : index + len(said)]) == said:
                out.append(short)
                index += len(said)
                break
        else:
            out.append(found[index])
            index += 1
    return out


def _join(match: re.Match[str]) -> str:
    """Take "2411-0551" for one number and "45-50" for two."""
    joined = match[0].replace("-", "")
    return joined if len(joined) >= _SHORTEST_CODE else match[0]


def _plate(match: re.Match[str]) -> str:
    """Take "AD 8821 KF" for one word, but not "B 150 rb" or "dr 2000 kl"."""
    short = abbreviations()
    is_word = match[3] in short and (len(match[1]) == 1 or match[1] in short)
    is_series = match[3] not in _NO_SERIES and not is_word
    return f"{match[1]}{match[2]}{match[3]}" if is_series else match[0]


@lru_cache(maxsize=50_000)
def _word(written: str) -> tuple[str, ...]:
    table, before, word = abbreviations(), "", written
    while word != before:
        before = word
        word = _STRETCHED.sub(r"\1", word)
        word = table.get(word, word)
        if len(word) > len("a2"):
            word = _PLURAL.sub("", word)  # "anak2", "teman2nya"
        if len(word) > len("rat") and word.isalpha() and word[-1] == word[-2]:  # "jalann"
            word = word[:-1]
    if word == "rp":
        return ()
    return tuple(_COUNTED.get(word, word).split())


def _number(token: str) -> list[str]:
    match = _NUMBER.fullmatch(token)
    if match is None:
        return [token]
    digits, tail = match[1], match[2]
    if tail and tail not in _GLUED_UNITS:
        return [token.replace(",", ".").replace(":", ".")]
    canonical = _canonical(digits, is_whole=not tail)
    return [canonical, _GLUED_UNITS[tail]] if tail else [canonical]


def _canonical(digits: str, *, is_whole: bool) -> str:
    if is_whole and _THOUSANDS.fullmatch(digits):
        digits = re.sub(r"[.,]", "", digits)
    if "/" in digits:
        return "/".join(part.lstrip("0") or "0" for part in re.split(r"[/.,:]", digits))
    parts = re.split(r"[.,:]", digits)
    if len(parts) == 2 and len(parts[1]) <= 2:  # noqa: PLR2004 - 10.30, 3,5; 7.00 is 7
        parts = parts[:1] if not parts[1].strip("0") else parts
    return ".".join([parts[0].lstrip("0") or "0", *parts[1:]])


def _amounts(found: list[str]) -> list[str]:
    """Multiply "3.5 juta" out, and add "dua ratus lima puluh satu" up."""
    out: list[str] = []
    scales: list[int] = []  # the unit that made the number; 0 for what was no amount
    for word in found:
        number = out[-1] if out and out[-1][0] in "0123456789" else ""
        if len(number) > _LONGEST_NUMBER:
            number = ""
        if number and word in _UNITS and _PLAIN.fullmatch(number):
            _scale(out, scales, _UNITS[word])
            continue
        if number and word == "belas" and len(number) == 1:
            out[-1] = f"1{number}"
        elif number and scales[-1] == _UNITS["puluh"] and len(word) == 1 and word in "123456789":
            out[-1], scales[-1] = str(int(number) + int(word)), 1
        else:
            _add_up(out, scales)
            out.append(word)
            scales.append(0)
    _add_up(out, scales)
    return out


def _scale(out: list[str], scales: list[int], unit: int) -> None:
    """Multiply the last number; what is before it in hundreds and tens is a part of it."""
    while len(out) > 1 and 0 < scales[-1] < scales[-2] < unit:
        _add_last(out, scales)
    out[-1], scales[-1] = _times(out[-1], unit), unit


def _add_up(out: list[str], scales: list[int]) -> None:
    while len(out) > 1 and 0 < scales[-1] < scales[-2] and int(out[-1]) < scales[-2]:
        _add_last(out, scales)


def _add_last(out: list[str], scales: list[int]) -> None:
    least, scale = out.pop(), scales.pop()
    out[-1], scales[-1] = str(int(out[-1]) + int(least)), scale


def _times(number: str, by: int) -> str:
    whole, _, part = number.partition(".")
    return str((int(whole + part) * by) // 10 ** len(part))


def _without_doubles(found: list[str]) -> list[str]:
    """Take "anak-anak" and a stammer for one word."""
    return [
        token
        for index, token in enumerate(found)
        if not (index and token == found[index - 1] and token.isalpha())
    ]
