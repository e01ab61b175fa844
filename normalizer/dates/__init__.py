"""When it happened, as a citizen wrote it: every date of a text, and the incident's among them.

A small grammar over words: the text is cut once, each word that can begin a date is read by the
rules for it, the words around a date tell whether it is another one (a birth, a law, a letter).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from normalizer.complaint import IncidentDate
from normalizer.dates import days, feasts, lasting, spoken, written, years
from normalizer.dates.clock import spoken_zone, time_of_day
from normalizer.dates.guards import is_another, is_calendars
from normalizer.dates.sentence import Phrase, Sentence
from normalizer.dates.words import (
    BEGAN,
    BESIDE,
    CLOCK,
    DATED,
    DAY,
    MONTH,
    MONTHS,
    SINCE,
    UNITS,
    WEEK,
    WEEKDAYS,
    listed,
)

__all__ = ["incident_date", "spoken_zone"]

LONGEST_ONSET = timedelta(days=20 * 365)
_PAID = listed("bayar membayar dibayar lunas melunasi dilunasi transfer ditransfer setor")
OLDEST = timedelta(days=731)  # an incident is not older than two years

_Rule = Callable[[Sentence, int], Phrase | None]
_LENGTH = {"day": 1, "week": 7, "month": 31, "year": 366}
_ON_NUMBER: tuple[_Rule, ...] = (
    feasts.independence,
    written.numeric,
    written.day_and_month,
    written.day_slash_month,
    years.year_alone,
    lasting.duration,
)


def _rules() -> dict[str, tuple[_Rule, ...]]:
    """Give the rules by the word that each begins with, the first that reads it wins."""
    rules: dict[str, tuple[_Rule, ...]] = {}
    for words, rule in (
        (feasts.WORDS, feasts.feast),
        (feasts.COUNTED, feasts.counted),
        (DATED, written.after_marker),
        (lasting.DURATIONS, lasting.duration),
        (MONTH, written.month_by_number),
        (WEEK, spoken.week_of_month),
        (CLOCK, days.since_hour),
        (UNITS, spoken.unit_ago),
        (("baru",), days.just_now),
        (WEEKDAYS, spoken.weekday),
        (MONTHS, written.month_alone),
        (DAY, days.nth_day),
        (days.DAY_WORDS, days.day_word),
    ):
        for word in words:
            rules[word] = (*rules.get(word, ()), rule)
    return rules


_RULES = _rules()


def incident_date(text: str, at: datetime) -> IncidentDate:
    """Give when it happened as told in `text`, sent at `at` (aware, in the offset to read in)."""
    sentence = Sentence(text, at)
    phrases = list(_possible(sentence))
    if not phrases:
        return IncidentDate()
    chosen = max(phrases, key=lambda one: _rank(sentence, one))
    return IncidentDate(
        value=chosen.value.isoformat(),
        precision=chosen.precision,
        origin="extracted",
        candidates=tuple(_candidate(text, sentence, one) for one in phrases),
        time=time_of_day(text),
    )


def _phrases(sentence: Sentence) -> list[Phrase]:
    found: list[Phrase] = []
    done = 0
    for index, word in enumerate(sentence.words):
        if index < done:
            continue
        rules = _RULES.get(word) or (_ON_NUMBER if word[0] in "0123456789" else ())
        for rule in rules:
            phrase = rule(sentence, index)
            if phrase:
                found.append(phrase)
                done = phrase.last
                break
    return found


def _possible(sentence: Sentence) -> Iterator[Phrase]:
    """Give what may be the incident; a date that goes on a list of others is one of them."""
    other_to = -1
    for phrase in _phrases(sentence):
        listed = sentence.word(phrase.first - 1) in ("dan", "serta", "tgl", "tanggal")
        if phrase.first - listed == other_to and is_calendars(sentence, phrase):
            other_to = phrase.last
        elif _is_possible(sentence, phrase):
            yield phrase
        elif is_calendars(sentence, phrase):
            other_to = phrase.last


def _is_possible(sentence: Sentence, phrase: Phrase) -> bool:
    # "Sejak 2019" tells of what goes on, however long.
    since = phrase.lasting or (
        phrase.precision == "year" and not SINCE.isdisjoint(sentence.before(phrase.first, 3))
    )
    most = LONGEST_ONSET if since else OLDEST
    oldest: date = sentence.today - most - timedelta(_LENGTH[phrase.precision])
    return oldest <= phrase.value <= sentence.today and not is_another(sentence, phrase)


def _rank(sentence: Sentence, phrase: Phrase) -> tuple[bool, date, int]:
    """The first beside its marker; without one, the most recent; hours that it took come last."""
    if phrase.lasting and UNITS.get(sentence.words[phrase.last - 1]) in ("hour", "minute"):
        return False, date.min, -phrase.first
    if phrase.precision != "year" and _is_beside(sentence, phrase):
        began = sentence.word(phrase.first - 1) in BEGAN or sentence.word(phrase.first - 2) in BEGAN
        return True, date.max if began else date.max - timedelta(1), -phrase.first
    return False, phrase.value, -phrase.first


def _is_beside(sentence: Sentence, phrase: Phrase) -> bool:
    if sentence.word(phrase.first - 1) in SINCE:
        return True
    if not _PAID.isdisjoint(sentence.before(phrase.first, 3)):
        return False  # "air keruh, padahal sudah bayar tgl 2"
    first = phrase.first - (sentence.word(phrase.first - 1) in WEEKDAYS)  # "sejak Ahad, 2 Agustus"
    return phrase.strong or any(word in BESIDE for word in sentence.before(first, 2))


def _candidate(text: str, sentence: Sentence, phrase: Phrase) -> dict[str, object]:
    start = sentence.starts[phrase.first]
    end = sentence.ends[min(phrase.last, len(sentence.words)) - 1]
    return {
        "value": phrase.value.isoformat(),
        "precision": phrase.precision,
        "text": text[start:end],
        "start": start,
        "end": end,
    }
