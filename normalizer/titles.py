"""A title for what came without one: the sentence that says what is wrong, not the greeting."""

from __future__ import annotations

import re
from dataclasses import dataclass

from normalizer.trouble_words import ASKING, INTRODUCTION, MATTER, TROUBLE

LONGEST_TITLE = 100
LOOKED_AT = 2_000  # characters; who has not come to the point by then is called by the beginning
SENTENCES = 15
_ABBREVIATED = (
    "jl jln gg no nmr kec kab kel ds dsn prov rt rw yth bpk sdr sdri hj h dr drs ir prof tgl "
    "pkl pt cv dll dsb dkk an telp hp rp st km lt blok perum kep ny tn"
).split()
_END = re.compile(r"[.!?…]+(?=\s|$)|\n+")
_LAST_WORD = re.compile(r"[^\W_]+$")
_WORD = re.compile(r"[^\W\d_]+")
_NOT_SAID = re.compile(r"\([^()\n]{0,200}\)|https?://\S+|(?<!\w)@\w+|#lapor\b", re.IGNORECASE)
_WELCOME = (
    r"(?:lapor|yth|kepada|kpd|hal+o+|hai|hi|permisi|(?:mohon\s+)?maaf\s+(?:meng)?ganggu(?:\s+waktu\w*)?|punten(?:nya)?|sampurasun|mohon\s+maaf|maaf"
    r"|ter?ima\s*kasih(?:\s+sebelumnya)?"
    r"|ass?al+am\w*(?:[\s']*al+aikum)?|salam(?:\s+sejahtera)?|wr|wb|warahmatul\w*|wabarakatuh"
    r"|selamat\s+(?:pagi|siang|sore|malam))\b"
)
_ADDRESSED = r"(?:pagi|siang|sore|malam|bapak|ibu|pak|bu|bpk|min|mimin|admin|saudara|sdr)\b"
# Every word that could be a greeting, to tell whether a sentence says anything else.
_POLITE = re.compile(rf"^\W*(?:(?:{_WELCOME}|{_ADDRESSED})[\W_]*)+", re.IGNORECASE)
# What surely is one: "Bu," and "Selamat siang Bu", but not the mother of "Ibu saya ditolak".
_GREETING = re.compile(
    rf"^\W*(?:{_WELCOME}(?:\s+{_ADDRESSED})*[\W_]*|{_ADDRESSED}(?!\s*[\w-])[\W_]*)+",
    re.IGNORECASE,
)
_GREETING_BEGINS = frozenset(
    "la yt ke kp ha hi pe pu sa mo ma te tr as wr wb wa se pa si so ba ib bu bp mi ad sd".split()
)
# Where a clause of a long sentence may begin to stand alone.
_CLAUSE = re.compile(
    r"[,;:]\s+|\s(?=(?:bahwa|karena|krn|tapi|tp|padahal|dimana|sejak|mengenai|atas|di\s+depan)\s)"
    r"|\b(?:bahwa|melaporkan|mengadukan|menyampaikan|mau\s+lapor|ingin\s+lapor)\s+",
    re.IGNORECASE,
)
_EDGES = " .,;:-"
_NEGATIONS = frozenset(
    "nggak gak ga tak tidak blm belum blum ora durung teu kagak kaga ndak".split()
)


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    score: float


def headline(text: str) -> str:
    """Give what a report is about in at most 100 characters, cut at a word.

    A text that is nothing but a greeting is its own headline; an empty one has none.
    """
    said = [
        sentence
        for of in _sentences(_NOT_SAID.sub(" ", text[:LOOKED_AT]))
        if (sentence := " ".join(of.split()))
    ]
    telling = [
        of
        for at, sentence in enumerate(said[:SENTENCES])
        if (of := _judged(sentence, at)) is not None
    ]
    if telling:
        best = max(telling, key=lambda of: of.score)
        return _cut(_to_the_point(best.text))
    return _cut(said[0]) if said else _cut(" ".join(text[:LOOKED_AT].split()))


def _sentences(text: str) -> list[str]:
    """Split at full stops, but for those of abbreviations ("Jl.", "Kec.", "Hj.")."""
    found, start = [], 0
    for match in _END.finditer(text):
        before = _LAST_WORD.search(text[max(start, match.start() - 12) : match.start()])
        if match[0] == "." and before and before[0].lower() in _ABBREVIATED:
            continue
        found.append(text[start : match.end()])
        start = match.end()
    return [*found, text[start:]]


def _judged(sentence: str, at: int) -> _Sentence | None:
    """Weigh a sentence; None when it is nothing but a greeting."""
    said = sentence
    first = _WORD.search(sentence)
    if first is None or first[0][:2].lower() in _GREETING_BEGINS:  # the patterns cost more
        if len(re.findall(r"\w+", _POLITE.sub("", sentence))) <= 1:
            return None
        said = _GREETING.sub("", sentence).strip()
    elif len(sentence.split(None, 2)) == 1:
        return None
    words = set(_WORD.findall(said.lower()))
    # A negation is trouble, but says the least.
    plain = words & TROUBLE
    score = 1.0 * len(plain - _NEGATIONS) + (0.5 if plain & _NEGATIONS else 0.0)
    score = min(score, 2.0) + min(0.5 * len(words & MATTER), 1.0) + (1.0 if words & ASKING else 0)
    score -= 0.25 * at
    if INTRODUCTION.match(said):
        score -= 1.5
    if said.endswith("?") or said.isdigit() or len(words) < 3:  # noqa: PLR2004 - says too little
        score -= 0.5
    return _Sentence(said, score)


def _to_the_point(sentence: str) -> str:
    """Leave out the beginning of a sentence that says what is wrong only after 100 characters."""
    first = next(
        (
            match.start()
            for match in _WORD.finditer(sentence)
            if (word := match[0].lower()) in TROUBLE and word not in _NEGATIONS
        ),
        0,
    )
    if len(sentence) <= LONGEST_TITLE or first < LONGEST_TITLE * 2 // 3:
        return sentence
    starts = [match.end() for match in _CLAUSE.finditer(sentence, 0, first)]
    start = next((of for of in starts if first - of <= LONGEST_TITLE // 2), None)
    if start is None:
        start = sentence.find(" ", first - LONGEST_TITLE // 2) + 1
    return sentence[start:]


def _cut(sentence: str) -> str:
    whole = sentence.strip().rstrip(_EDGES)
    if len(whole) <= LONGEST_TITLE:
        return whole[:1].upper() + whole[1:]
    short = whole[: LONGEST_TITLE - 1].rsplit(" ", 1)[0].rstrip(_EDGES)
    return f"{short[:1].upper()}{short[1:]}…"
