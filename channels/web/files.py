"""The files of a draft: kept between two steps by their ids, in the draft itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import IO, Protocol

from channels.base import ChannelError, TooLarge
from channels.web import wording
from channels.web.given import Files

FIELD = "attachments"


class Sent(Protocol):
    """A file as the browser sent it; `filename` is empty where none was chosen."""

    @property
    def filename(self) -> str | None: ...  # noqa: D102 - the class says it
    @property
    def content_type(self) -> str | None: ...  # noqa: D102
    @property
    def stream(self) -> IO[bytes]: ...  # noqa: D102


def ids(typed: Mapping[str, str]) -> tuple[str, ...]:
    """Give the ids of a draft's files."""
    return tuple(typed.get(FIELD, "").split())


def chosen(sent: Sequence[Sent]) -> list[Sent]:
    """Leave out the empty file of a field in which none was chosen."""
    return [file for file in sent if file.filename]


def keep(
    files: Files,
    earlier: Sequence[str],
    removed: Collection[str],
    sent: Sequence[Sent],
    client_address: str,
) -> tuple[dict[str, str], dict[str, str]]:
    """Keep what was sent beside what was kept earlier; gives what the draft notes, and mistakes.

    A file that cannot be taken costs neither the others nor the words.
    """
    kept = [of for of in earlier if of not in removed]
    wrong: list[str] = []
    if len(kept) + len(sent) > files.most:
        wrong.append(wording.too_many_files(files.most))
        sent = ()
    for file in sent:
        try:
            kept.append(files.keep(file.stream, file.filename, file.content_type, client_address))
        except TooLarge:
            wrong.append(wording.too_large(file.filename or "", files.largest))
        except ChannelError:
            wrong.append(wording.NO_ROOM)
            break
    noted = {FIELD: " ".join(kept)} if kept else {}
    return noted, {FIELD: ". ".join(wrong)} if wrong else {}
