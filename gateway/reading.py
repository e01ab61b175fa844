"""Reading: the normaliser with this installation's word lists and time zones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from channels.base import InboundMessage
from config import vocabularies
from config.settings import Settings
from normalizer.complaint import Complaint
from normalizer.normalize import WORDS_THAT_CLASSIFY, normalize
from normalizer.vocabulary import Suggestion, Vocabularies, words_of


class Reader:
    """Reads messages into complaints; the same for the worker and for every command."""

    def __init__(self, lists: Vocabularies, zones: Mapping[str, str], time_zone: str):
        self._lists = lists
        self._zones = zones
        self._time_zone = time_zone

    @classmethod
    def of(cls, settings: Settings) -> Reader:
        """Load the word lists; a SettingsError names what is wrong with one."""
        zones = {
            name: str(source.settings["time_zone"]) for name, source in settings.sources.items()
        }
        lists = Vocabularies.read(vocabularies.load(settings.vocabularies))
        return cls(lists, zones, settings.time_zone)

    def __call__(
        self, message: InboundMessage, *, number: str, reporter_ref: str | None, revision: int = 1
    ) -> Complaint:
        """Read a message, dates in the zone of its source where the text tells no other."""
        return normalize(
            message,
            number=number,
            reporter_ref=reporter_ref,
            revision=revision,
            vocabularies=self._lists,
            time_zone=self._zones.get(message.source, self._time_zone),
        )

    def read(self, message: InboundMessage, *, number: str, zone: str) -> Complaint:
        """Read a message that came through none of our sources, in a zone."""
        return normalize(
            message, number=number, reporter_ref=None, vocabularies=self._lists, time_zone=zone
        )

    def suggestions(self, text: str) -> Mapping[str, Sequence[Suggestion]]:
        """Give all that the word lists suggest for a text, best first, by field."""
        words, lists = words_of(text), self._lists
        return {
            "classification": lists.classification.rank(words[:WORDS_THAT_CLASSIFY]),
            "agency": lists.agencies.rank(words),
            "category": lists.categories.rank(words),
        }

    def has_category(self, label: str | None) -> bool:
        """Tell whether a category is of our own list, and no free words."""
        return label is not None and self._lists.categories.typed(label) is not None
