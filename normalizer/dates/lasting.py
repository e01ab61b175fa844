"""How long it has been: "sdh 3 hari", "blm gajian 2 bln", "dibiarkan 3 tahun", "5 hari lalu"."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from normalizer.dates.sentence import GAP, Phrase, Precision, Sentence, monday, months_back
from normalizer.dates.words import (
    AGO,
    EARLIER,
    LASTED,
    LINKS,
    NOT,
    NUMBERS,
    ONE,
    STUCK,
    THIS,
    TO_COME,
    UNITS,
    listed,
)

_OVER = frozenset({"lebih", "lbh", "an"})
# "jam 9 malam" is a time of day, "3 kali sebulan" and "1 x 24 jam" are none of onset.
_NO_SPAN = listed("jam jm pukul pkl x kali per baru tiap setiap")
_TIMES = listed("kali x kl")
# A term, an age or a promise: within two words before a span that nothing calls lasting.
_TERMS = listed(
    "umur usia kontrak garansi sewa masa jabatan magang hukuman denda durasi cicilan angsuran tenor"
    " paling minimal min maksimal katanya kata estimasi janji janjinya bayi balita anak cucu adik"
    " nenek kakek lansia janda proses prosesnya normalnya harusnya seharusnya cuti libur bayar"
    " membayar pelatihan kurungan paket kuota tagihan tunggakan rekening iuran syarat untuk utk"
    " buat cuma hanya cm bertahan tahan awet hamil mengandung kandungan"
)
_TOLD_TO = listed("disuruh disuruhnya suruh diminta harus wajib kudu dijanjiin dijanjikan")
_PREGNANT = listed("hamil mengandung kandungan kehamilan")
_AGE = 15  # a bare "67 tahun" is the age of somebody
_PAPERS = listed("stnk sim pajak pajaknya kir plat")
_LAPSED = listed("mati telat nunggak terlambat")
_FULL_YEAR = 4
_DONE = listed("jadi selesai kelar beres rampung sembuh")
# Years of living and working are a reporter's own, not the trouble's.
_LIVED = listed(
    "tinggal bekerja kerja jualan berjualan berdagang dagang mengabdi ngabdi menetap berdiri"
    " menikah nikah mengajar ngajar menghuni menempati menjadi berlangganan langganan garap digarap"
    " menggarap pensiun merantau jadi"
)
_OUT = listed("mati padam lampu macet pareum")
_WAYS = listed("jl jln jalan tol depan terminal rute jalur aplikasi wa web telepon email online")
_SHORT_OF = listed("sampai sampe nyampe smp genap ada lebih")


def duration(sentence: Sentence, index: int) -> Phrase | None:
    """Read "3 hari yg lalu", "sudah 3 hari", "seminggu ini", "2 bulan terakhir"."""
    span = _span(sentence, index)
    if span is None or _is_no_span(sentence, index, span[2]):
        return None
    count, unit, at = span
    last = at
    while sentence.word(last) in LINKS and last < at + GAP:
        last += 1
    if sentence.word(at) in TO_COME or sentence.word(last) in TO_COME:
        return None
    ago = _is_ago(sentence, last) or sentence.word(last - 1) in THIS
    lasted = _is_said_to_last(sentence, index)
    if not (ago or lasted or _goes_on(sentence, index, at, unit)):
        return None
    if not ago and (_is_rate(sentence, at) or (unit == "year" and _is_a_life(sentence, index, at))):
        return None
    told = back(sentence, unit, count)
    if told is None:
        return None
    end = last + 1 if ago else at
    return Phrase(index, end, *told, strong=lasted or ago, lasting=not ago)


def _span(sentence: Sentence, index: int) -> tuple[float, str, int] | None:
    """Give count, unit and the word after: "3 hari", "dua bulan", "seminggu", "1,5 tahun"."""
    unit = ONE.get(sentence.words[index])
    if unit is not None:
        return 1, unit, index + 1
    following = UNITS.get(sentence.word(index + 1))
    if sentence.words[index] == "sak" and following:
        return 1, following, index + 2
    if sentence.words[index] == "setengah":
        return (6, "month", index + 2) if following == "year" else None
    number = sentence.number(index)
    if number is None:
        return None
    count: float
    count, at = number
    if sentence.gap(index) in (",", ".") and sentence.word(at) == "5":
        count, at = count + 0.5, at + 1
    unit = UNITS.get(sentence.word(at))
    # "triwulan 2 tahun 2026" is no two years.
    year = sentence.word(at + 1)
    of_a_year = unit == "year" and len(year) == _FULL_YEAR and year.isdigit()
    near = unit is not None and sentence.near(at - 1) and not of_a_year
    return (count, unit, at + 1) if unit is not None and near else None


def _is_ago(sentence: Sentence, at: int) -> bool:
    """Tell whether "lalu", "terakhir" and the like stand at `at`, and no way through a street."""
    through = sentence.word(at) in ("lewat", "liwat") and sentence.word(at + 1) in _WAYS
    return sentence.word(at) in AGO and not through


def _is_no_span(sentence: Sentence, index: int, at: int) -> bool:
    before = sentence.before(index, 3)
    if sentence.word(at) == "pun" or _is_past_hours(sentence, at):  # "satu hari pun"
        return True
    if before[:2] == ["kali", "ada"]:  # "ada kali 2 minggu"
        return False
    return sentence.word(index - 1) in _NO_SPAN or not _PREGNANT.isdisjoint(before)


def _is_past_hours(sentence: Sentence, at: int) -> bool:
    """Tell whether hours were over then: "padam 2 jam tadi malam"."""
    return UNITS.get(sentence.words[at - 1]) == "hour" and sentence.word(at) in EARLIER


def _is_rate(sentence: Sentence, at: int) -> bool:
    """Tell whether what follows says how often ("seminggu 3 kali", "sehari bisa mati 5x")."""
    after = sentence.after(at, 5)
    return any(
        word in _TIMES and (one.isdigit() or one in NUMBERS) for one, word in pairwise(after)
    )


def _is_said_to_last(sentence: Sentence, index: int) -> bool:
    before = sentence.before(index, 3)
    if before[:1] and before[0] in _SHORT_OF and not NOT.isdisjoint(before[1:2]):
        return False  # "belum genap sebulan" is no onset
    return any(word in LASTED for word in before[:2]) or _is_about(before)


def _is_about(before: list[str]) -> bool:
    """Tell whether the reporter reckons: "ada 2 minggu", "ada kali sebulan"."""
    return before[:1] == ["ada"] or before[:2] in (["kali", "ada"], ["kira", "ada"])


def _goes_on(sentence: Sentence, index: int, at: int, unit: str) -> bool:
    """Tell whether a bare span is one since when something fails ("3 hari air mati")."""
    if sentence.word(at) in _OVER:
        return True
    after = sentence.after(at, 3)
    # At the end of a clause, what fails may stand before a long name.
    before = sentence.before(index, 4 if after else 8)
    if _is_a_term(before, after) or unit == "minute":
        return False
    if unit == "hour":
        return not _OUT.isdisjoint(before[:2])
    word = sentence.words[index]
    if unit == "year" and word.isdigit() and int(word) >= _AGE:
        return False
    around = {*before, *after}
    return not (NOT.isdisjoint(around) and STUCK.isdisjoint(around))


def _is_a_term(before: list[str], after: list[str]) -> bool:
    if not (_TERMS.isdisjoint(before[:2]) and _DONE.isdisjoint(after[:1])):
        return True
    short = before[:1] and (before[0] in _SHORT_OF or before[0] in NOT)  # "belum 3 bulan"
    lapsed = not (_PAPERS.isdisjoint(before) or _LAPSED.isdisjoint(before[:2]))
    return bool(short) or lapsed or not _TOLD_TO.isdisjoint(before[:4]) or _is_once(before)


def _is_once(before: list[str]) -> bool:
    """Tell whether it only ever happened: "pernah mati 3 hari", not "tidak pernah ... 3 hari"."""
    if "pernah" not in before:
        return False
    return NOT.isdisjoint(before[before.index("pernah") + 1 :][:1])


def _is_a_life(sentence: Sentence, index: int, at: int) -> bool:
    around = {*sentence.before(index, 3), *sentence.after(at, 2)}
    return not _LIVED.isdisjoint(around)


def back(sentence: Sentence, unit: str, count: float) -> tuple[date, Precision] | None:
    """Give the day, Monday, first of the month or of the year so many units before."""
    today = sentence.today
    if unit in ("hour", "minute"):
        return (sentence.at - timedelta(**{unit + "s": count})).date(), "day"
    if unit == "day":
        return today - timedelta(int(count)), "day"
    if unit == "week":
        return monday(today - timedelta(weeks=count)), "week"
    if count != int(count):  # a year and a half is told in months, a month and a half in days
        months = int(count * 12) if unit == "year" else int(count)
        unit, count = "month", months
    if unit == "month":
        month = months_back(today, int(count))
        return (month, "month") if month else None
    return (date(today.year - int(count), 1, 1), "year") if count < today.year else None


DURATIONS = frozenset(NUMBERS) | frozenset(ONE) | {"setengah", "sak"}
