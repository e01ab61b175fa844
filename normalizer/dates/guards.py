"""What makes a date another date than the incident's: birth, law, letter, deadline, street."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from normalizer.dates.filing import is_filing
from normalizer.dates.sentence import Phrase, Sentence
from normalizer.dates.words import (
    AGO,
    BEGAN,
    DATED,
    EARLIER,
    LASTED,
    MONTHS,
    NOT,
    NOW,
    PART,
    SINCE,
    THIS,
    WEEKDAYS,
    listed,
)

# Within three words before.
_OTHER = listed(
    "menikah menikahkan lahir ttl kelahiran lhr ultah lambat lambatnya tempo batas deadline"
    " berlaku sebelum selambatnya tiket besok rencana rencananya dijanjikan janji janjinya"
    " dibanding dibandingkan dibandingin ketimbang beda berbeda bedanya dijadwalkan undangan bukan"
    " seharusnya harusnya mestinya semestinya"
)
# Papers bear a date of their own, unless something began or was done then.
_PAPERS = listed(
    "surat suratnya nota kwitansi kuitansi resi faktur sk akta putusan keputusan perda uu"
    " perpres permen pergub perbup perwali inpres keppres pasal undang peraturan edaran"
    " sertifikat ijazah tracking id nomor pp kepmen kepgub permendagri permenkes permendikbud"
    " terbit sppt struk invoice kontrak kontraknya perjanjian mou spk"
)
_PRICES = listed("tarif harga kenaikan retribusi biaya iuran pungutan karcis ongkos")
_ISSUED = listed(
    "diterbitkan ditandatangani dikeluarkan ditetapkan dibuat dicetak diterima dikirim tertanggal"
    " bertanggal tertulis disahkan diundangkan menteri bernomor mengenai tentang"
)
# Right before.
_CLOSE = listed(
    "sampai hingga smp sampe ampe sampek sd maksimal tiap setiap saban unggal sebelum jelang"
    " menjelang seperti kayak kyk padahal pdhl pdahal"
)
# Right before a date of the calendar, not "kemarin": what it numbers, names or closes.
_CALENDAR = listed(
    "nikah kawin habis expired kadaluarsa buka nomor no rt rw km blok pasar gg gang stadion"
    " universitas kampus lapangan jl jln perum taman hut dirgahayu depan"
)
# Within two words before: what comes round, is to come, or is an age.
_ANY_TIME = listed("tiap setiap saban unggal tiap2 ben akan umur usia berumur berusia")
# Right before a day of the week: when one may come.
_ON_DAYS = listed("tutup libur bisa bisanya bs khusus cuma hanya jadwal jadwalnya")
_SCHEDULED = listed("jadwal jadwalnya dijadwalkan jadual")
_STREETS = listed("jl jln jalan")
_MENDED = listed(
    "diperbaiki perbaikan ditambal diaspal dibetulin dibenerin dibetulkan dibenarkan dibenahi"
    " direnovasi diservis dikeruk dicor ditambalin didandani"
)
_BUILT = _MENDED | listed("dibangun diresmikan selesai pembangunan")
_HELPERS = listed("pernah sudah sdh udah baru br sempat habis abis dah telah juga sih itu")
_PLANS = listed(
    "jadwal jadwalnya acara agenda pendaftaran peringatan dirayakan perayaan persiapan lomba"
    " menyambut mulai mau hut upacara buat untuk utk"
)
_NOWADAYS = listed("sekarang skrg skr skrng skarang kini saiki ayeuna")
_ASKED = listed("jadwal jadwalnya info informasi kapan dimana apakah mangkal mana")
_BEEN = listed(
    "honorer pns asn penerima peserta pelanggan anggota pegawai karyawan terdaftar menjabat"
    " berdiri menikah tinggal bekerja kerja mengajar beroperasi pensiun pensiunan"
    " lulus lulusan angkatan buatan keluaran produksi kurikulum"
)
_DAYS = timedelta(5)
_NEAR = 3  # words
_SOON, _LATER, _YEAR = timedelta(14), timedelta(62), timedelta(365)


def is_another(sentence: Sentence, phrase: Phrase) -> bool:
    """Tell whether the words around a date make it something other than the incident's."""
    before = _words_before(sentence, phrase)
    after = sentence.after(phrase.last, 3)
    if after and after[0] in ("nanti", "mendatang", "depan", "besok"):
        return True
    return (
        _is_led(sentence, phrase, before)
        or _is_mending(sentence, phrase, before, after)
        or _is_better_past(sentence, phrase)
        or _is_timetable(sentence, phrase)
        or _is_a_life(sentence, phrase)
        or _is_to_come(sentence, phrase, before)
        or is_filing(sentence, phrase)
    )


def _words_before(sentence: Sentence, phrase: Phrase) -> list[str]:
    """Give the three words before that are no numbers and no part of one ("021/GP/XI/2026")."""
    found = []
    for back, word in enumerate(sentence.before(phrase.first, 10), 1):
        at = phrase.first - back
        if not (word[0].isdigit() or sentence.gap(at) == "/" or sentence.gap(at - 1) == "/"):
            found.append(word)
            if len(found) == _NEAR:
                break
    return found


def _is_led(sentence: Sentence, phrase: Phrase, before: list[str]) -> bool:
    close = before[0] if before else ""
    if close in PART and len(before) > 1:
        close = before[1]
    if close in ("dalam", "dlm"):  # "dalam 3 hari kerja", but "dalam seminggu terakhir"
        return not phrase.strong
    return (
        close in _CLOSE
        or before[:2] == ["d", "s"]  # "s/d", until
        or not (
            _OTHER.isdisjoint(_but_in_force(sentence, phrase, before))
            and _ANY_TIME.isdisjoint(before[:2])
        )
        or (close not in SINCE and not phrase.lasting and _is_on_paper(sentence, phrase, before))
        or _is_named(sentence, phrase, close)
        or (not _SCHEDULED.isdisjoint(before) and is_calendars(sentence, phrase))
    )


def _but_in_force(sentence: Sentence, phrase: Phrase, before: list[str]) -> list[str]:
    """Leave out that a price is in force, which is the trouble: "tarif baru berlaku sejak"."""
    is_price = not _PRICES.isdisjoint(sentence.before(phrase.first, 6))
    is_since = bool(BEGAN.intersection(before[:1])) and is_price
    return [word for word in before if not (is_since and word == "berlaku")]


def _is_named(sentence: Sentence, phrase: Phrase, close: str) -> bool:
    """Tell whether a street, a closing day or a promise bears the date."""
    if close in _ON_DAYS:
        return sentence.words[phrase.last - 1] in WEEKDAYS
    if close in _CALENDAR:
        return is_calendars(sentence, phrase)
    if close in ("untuk", "utk", "buat"):
        return phrase.yearless
    if close in NOW | {"sudah", "sdh", "udah", "udh"}:  # "skrg sdh tgl 19, belum juga"
        named = sentence.words[phrase.first] in DATED
        return named and sentence.today - phrase.value <= _DAYS
    if close in _STREETS:
        return is_calendars(sentence, phrase) and sentence.words[phrase.first].isdigit()
    promised = phrase.precision == "month" or is_calendars(sentence, phrase)
    return close == "katanya" and promised


def is_calendars(sentence: Sentence, phrase: Phrase) -> bool:
    """Tell whether a date is one of the calendar, not counted back from today."""
    first, last = sentence.words[phrase.first], sentence.words[phrase.last - 1]
    named = first[0].isdigit() or first in DATED or first in MONTHS or first in WEEKDAYS
    return named and last not in AGO | THIS | EARLIER and not phrase.lasting


def _is_on_paper(sentence: Sentence, phrase: Phrase, before: list[str]) -> bool:
    """Tell whether a paper's own date follows, not that of what was done about the paper."""
    if not BEGAN.isdisjoint(sentence.before(phrase.first, 5)):  # "sejak surat kami masuk 20 Juli"
        return False
    for word, led in pairwise([*before, ""]):
        if word in _PAPERS:
            return led not in ("tanpa", "tnp")
        if len(word) > len("diurus") and word[:2] in ("di", "me") and word not in _ISSUED:
            return False
    return False


def _is_mending(sentence: Sentence, phrase: Phrase, before: list[str], after: list[str]) -> bool:
    """Tell whether it was mended then, which is history: "terakhir diaspal 2023"."""
    led = [*before, ""][0]
    if led in LASTED or phrase.lasting or not BEGAN.isdisjoint(before):
        return False
    told = _BUILT if phrase.precision == "year" else _MENDED
    mended = bool(told.intersection(before[:2]))
    follows = [one for one in after if one not in _HELPERS][:1]
    if not mended and not told.intersection(follows):
        return False
    return NOT.isdisjoint([*sentence.before(phrase.first, 4), *after[:1]])


def _is_better_past(sentence: Sentence, phrase: Phrase) -> bool:
    """Tell whether it was well then: "tahun lalu masih dapat", "tahun lalu 5 ribu skrg 9 ribu"."""
    if phrase.precision == "day" or phrase.strong:
        return False
    after = sentence.after(phrase.last, 4)
    return after[:1] in (["masih"], ["msh"]) or not _NOWADAYS.isdisjoint(after[1:])


def _is_timetable(sentence: Sentence, phrase: Phrase) -> bool:
    """Tell whether somebody asks for a timetable: "info jadwal SIM keliling bulan ini"."""
    if phrase.precision == "day" or sentence.words[phrase.last - 1] not in THIS:
        return False
    around = [*sentence.before(phrase.first, 6), *sentence.after(phrase.last, 4)]
    return not _ASKED.isdisjoint(around)


def _is_a_life(sentence: Sentence, phrase: Phrase) -> bool:
    """Tell whether the reporter has been something since: "penerima PKH sejak 2019"."""
    if phrase.precision != "year":
        return False
    words = sentence.before(phrase.first, 6)
    since = next((at for at, word in enumerate(words) if word in SINCE), 0)
    return not _BEEN.isdisjoint(words[since:])


def _is_to_come(sentence: Sentence, phrase: Phrase, before: list[str]) -> bool:
    """Tell whether a day and month without a year are soon to come, not a year ago."""
    if not phrase.yearless:
        return False
    ahead = phrase.value + _YEAR - sentence.today
    if timedelta(0) < ahead <= _SOON:
        return BEGAN.isdisjoint(before[:2])
    if phrase.precision == "month":
        return timedelta(0) < ahead <= _LATER
    return timedelta(0) < ahead <= _LATER and not _PLANS.isdisjoint(
        sentence.before(phrase.first, 6)
    )
