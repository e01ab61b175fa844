"""What makes a date another date than the incident's: birth, law, letter, deadline, street."""

from __future__ import annotations

from normalizer.dates.sentence import Phrase, Sentence
from normalizer.dates.words import PART, SINCE, listed

# Within three words before.
_OTHER = listed(
    "lahir ttl kelahiran lhr ultah lambat lambatnya tempo batas deadline berlaku sebelum"
    " selambatnya lapor laporan melapor melaporkan dilaporkan laporkan ngelapor pengaduan"
    " aduan mengadu tiket besok rencana rencananya dijanjikan"
    " janji janjinya"
)
# Papers bear a date of their own, unless something began then.
_PAPERS = listed(
    "surat suratnya nota kwitansi kuitansi resi faktur sk akta putusan keputusan perda uu"
    " perpres permen pergub perbup perwali inpres keppres pasal undang peraturan edaran"
    " sertifikat ijazah tracking id nomor"
)
# Right before.
_CLOSE = listed(
    "sampai hingga smp sampe ampe sampek sd habis expired kadaluarsa buka tutup libur"
    " maksimal tiap setiap saban unggal nomor no rt rw km blok pasar gg gang stadion"
    " universitas kampus lapangan jl jln perum taman hut dirgahayu dalam dlm depan sebelum"
    " jelang menjelang"
)
# Within two words before: what comes round, is to come, or is an age.
_ANY_TIME = listed("tiap setiap saban unggal tiap2 ben akan umur usia berumur berusia")
_STREETS = listed("jl jln jalan")
# Within three words after.
_FILED = listed(
    "lapor melapor melaporkan laporkan ngelapor mengadu adukan mengadukan lapuran dilaporkan"
)


def is_another(sentence: Sentence, phrase: Phrase) -> bool:
    """Tell whether the words around a date make it something other than the incident's."""
    before = [one for one in sentence.before(phrase.first, 7) if not one[0].isdigit()][:3]
    after = sentence.after(phrase.last, 3)
    if after and after[0] in ("nanti", "mendatang", "depan", "besok"):
        return True
    close = before[0] if before else ""
    if close in PART and len(before) > 1:
        close = before[1]
    if close not in SINCE and _PAPERS.intersection(before):
        return True
    if close in _CLOSE or _OTHER.intersection(before) or _ANY_TIME.intersection(before[:2]):
        return True
    if before[:2] == ["d", "s"]:  # "s/d", until
        return True
    if close in _STREETS and sentence.words[phrase.first].isdigit() and phrase.precision == "day":
        return True
    return not (phrase.strong and phrase.precision != "day") and bool(_FILED.intersection(after))
