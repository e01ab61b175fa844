"""Whether a date beside "lapor" is when somebody reported, or when what they report happened."""

from __future__ import annotations

from normalizer.dates.sentence import Phrase, Sentence
from normalizer.dates.words import NOT, listed

_VERBS = listed(
    "lapor melapor melaporkan laporkan ngelapor mengadu adukan mengadukan lapuran dilaporkan"
    " ngadu lapurkan melaporken dilaporin laporin bersurat menyurati disurati"
)
_REPORTS = _VERBS | listed("laporan pengaduan aduan laporannya aduannya")
# Who is about to report tells of another time: "mau lapor tadi siang ...".
_INTENT = listed(
    "mau mo ingin pengen pingin pgn izin ijin hendak numpang mohon bermaksud menyampaikan"
    " sampaikan membuat mengajukan cuma sekadar sekedar arep badhe bade ini nak kepengen handak"
    " pengin perlu"
)
_WHEN = listed("saat ketika ktk waktu wkt pas sewaktu tatkala begitu ketika2 nalika basa")
_PAST = listed(
    "sudah sdh udah udh dah telah tlh pernah prnh sempat wis wes uwis geus tos atos parantos"
    " terakhir"
)
_CONTENT = listed("bahwa bahwasanya kalau kalo klo adanya kejadian soal perihal tentang karena")
_UNANSWERED = NOT | listed("tapi tp tetapi namun sampai hingga cuma blom dijawab direspon")
_SENT = listed(
    "kirim kirimkan dikirim dikirimkan mengirim mengirimkan sampaikan disampaikan menyampaikan"
    " ajukan diajukan mengajukan layangkan dilayangkan serahkan diserahkan masukkan dimasukkan"
)
# What is applied for is not there yet.
_APPLIED = listed("ajukan diajukan mengajukan diusulkan mengusulkan usulkan")
_SENDABLE = _REPORTS | listed(
    "usulan usul permohonan surat aspirasi proposal permintaan keberatan masukan pertanyaan"
)
_BEFORE, _AFTER, _SENT_WITHIN = 3, 3, 8  # words between a report and its date


def is_filing(sentence: Sentence, phrase: Phrase) -> bool:
    """Tell whether a date is when a report was made."""
    return (
        _after_report(sentence, phrase)
        or _before_report(sentence, phrase)
        or _is_sending(sentence, phrase)
    )


def _is_sending(sentence: Sentence, phrase: Phrase) -> bool:
    """Tell whether a paper went off then: "usulan ini kami sampaikan pada rapat 20 Juli"."""
    before = sentence.before(phrase.first, _SENT_WITHIN)
    sent = next((at for at, word in enumerate(before[: _BEFORE + 1]) if word in _SENT), None)
    if not _APPLIED.isdisjoint(before[:_BEFORE]):
        return True
    return sent is not None and not _SENDABLE.isdisjoint(before[sent + 1 :])


def _after_report(sentence: Sentence, phrase: Phrase) -> bool:
    """Look at the three words before that are no numbers."""
    seen = 0
    for back, word in enumerate(sentence.before(phrase.first, 7), 1):
        if word[0].isdigit():
            continue
        if word in _REPORTS:
            return not _is_this_report(sentence, phrase.first - back, phrase)
        seen += 1
        if seen == _BEFORE:
            break
    return False


def _before_report(sentence: Sentence, phrase: Phrase) -> bool:
    if phrase.strong and phrase.precision != "day":
        return False
    for ahead, word in enumerate(sentence.after(phrase.last, _AFTER)):
        if word in _VERBS:
            lead = sentence.before(phrase.last + ahead, 2)
            return _WHEN.isdisjoint(lead) and _INTENT.isdisjoint(lead)
    return False


def _is_this_report(sentence: Sentence, at: int, phrase: Phrase) -> bool:
    """Tell whether the report at `at` is the message itself, or an errand on which it happened."""
    lead = sentence.before(at, 3)
    if not _WHEN.isdisjoint(lead[:2]):
        return True
    if not _PAST.isdisjoint(lead):
        return False
    if not _INTENT.isdisjoint(lead) or sentence.gap(at).strip() == ":":
        return True
    if sentence.word(at + 1) in _CONTENT:
        return True
    return not lead and sentence.words[at] in _VERBS and not _is_unanswered(sentence, phrase)


def _is_unanswered(sentence: Sentence, phrase: Phrase) -> bool:
    """Tell whether "lapor tgl 3" goes on with what did not come of it."""
    ahead = range(phrase.last, min(phrase.last + 4, len(sentence.words)))
    return any(sentence.words[at] in _UNANSWERED for at in ahead)
