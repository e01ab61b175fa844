"""Years as dates: "sejak 2025", "2021 sampai sekarang", "proyek 2023 tidak jalan"."""

from __future__ import annotations

from datetime import date

from normalizer.dates.sentence import Phrase, Sentence, is_since, until_now
from normalizer.dates.words import AGO, BEGAN, NOT, PART, SINCE, STUCK, YEAR, listed

_DIGITS = 4
_NUMBERED = listed("rt rw no nomor blok km jl jln jalan ukuran skor")
_ERAS = listed("jaman zaman jamannya zamannya era periode")
_DEEDS = listed("jual jualin beli kejadian kejadiannya bongkar tebang gusur kena jatuh terjadi")
# What is of a year, not done in it.
_OF_A_YEAR = listed(
    "anggaran ta apbd apbn apbdes rapbd dana bos add dd pajak pbb sppt umk umr ump uu perda pergub"
    " perbup permen peraturan nomor no pemilu pilkada pilkades kurikulum ajaran program data"
    " lulusan angkatan produksi keluaran model target visi rencana lahir kelahiran pasal"
    " menteri tentang berdasarkan sesuai"
)


def year_alone(sentence: Sentence, index: int) -> Phrase | None:
    """Read "sejak 2025", "awal tahun 2025", "2025 sampai sekarang"; `index` is at the number."""
    word = sentence.words[index]
    if len(word) != _DIGITS or word[:2] != "20":
        return None
    first = index - 1 if sentence.word(index - 1) in YEAR else index
    lead, last = sentence.word(first - 1), index + 1
    lasting = until_now(sentence, last) or _began(sentence, first) or _is_left(sentence, index)
    led = lead in SINCE or lead in PART or (first < index and lead in ("pada", "pd", "di"))
    if first < index and sentence.word(last) in AGO and sentence.near(index):
        led, last = True, index + 2
    if not (led or lasting or (first < index and _happened(sentence, first))):
        return None
    value, strong = date(int(word), 1, 1), lasting or is_since(sentence, first)
    return Phrase(first, last, value, "year", strong=strong, lasting=lasting)


def _is_left(sentence: Sentence, index: int) -> bool:
    """Tell whether something of a past year is still undone: "proyek 2023 tidak jalan"."""
    after = sentence.after(index + 1, 2)
    if not _OF_A_YEAR.isdisjoint(sentence.before(index, 3)):
        return False
    if int(sentence.words[index]) >= sentence.today.year or sentence.words[index - 1] in _NUMBERED:
        return False
    return "tetapi" not in after and not (NOT.isdisjoint(after) and STUCK.isdisjoint(after))


def _happened(sentence: Sentence, first: int) -> bool:
    """Tell whether something was done in a year: "dijual tahun 2024", no law's and no budget's."""
    before = sentence.before(first, 6)
    if any(word in _OF_A_YEAR or word[0].isdigit() for word in before[:4]):
        return False
    return any(word in STUCK or word in _DEEDS or _is_verb(word) for word in before)


def _is_verb(word: str) -> bool:
    return len(word) > len("dijual") - 1 and word.startswith(("di", "me", "ter", "ber"))


def _began(sentence: Sentence, first: int) -> bool:
    """Tell whether a year is when something began: "semenjak ganti kades tahun 2023"."""
    before = sentence.before(first, 4)
    if before[:1] and before[0] in _ERAS and not SINCE.isdisjoint(before[1:2]):
        return True
    return any(word in BEGAN for word in before) and not any(one[0].isdigit() for one in before)
