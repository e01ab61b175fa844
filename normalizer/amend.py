"""Changes to a complaint that is there already: more words, other words, or its withdrawal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from channels.base import Attachment
from normalizer.complaint import AttachedFile
from normalizer.identifiers import mask
from normalizer.text import tidy

MEDIA_PENDING = "media_pending"
_BREAK = "\n\n"  # between what was said first and what was added
# What a reading of the words decides, each with the key that tells whether it was found there.
_READ = {
    "incident_date": "value",
    "incident_location": "text",
    "agency": "text",
    "category": "code",
}


def amended(
    record: Mapping[str, Any], text: str, files: Sequence[Attachment] = ()
) -> dict[str, Any]:
    """Append what the reporter added, masked like the rest; the next revision."""
    body, identifiers = mask(tidy(text))
    return {
        **record,
        "revision": record["revision"] + 1,
        "body": f"{record['body']}\n\n{body}".strip(),
        "identifiers": [*record["identifiers"], *map(asdict, identifiers)],
        **_files_instead(record, files, {}),
    }


def answered(
    record: Mapping[str, Any],
    text: str,
    tells: str,
    reading: Mapping[str, Any],
    files: Sequence[Attachment] = (),
) -> dict[str, Any]:
    """Append the answer to a question, and put what it tells where it belongs; the next revision.

    What is still missing is filled from the answer alone (`reading`). Where it tells a place, and
    none is recognised in it, its words are the place as the reporter says it.
    """
    after = amended(record, text, files)
    missing = [name for name in record["missing"] if name in _READ]
    found = {name: reading[name] for name in missing if reading[name][_READ[name]] is not None}
    place = "incident_location"
    if tells == place and place in missing and place not in found and "incident_date" not in found:
        said, _ = mask(tidy(text))
        found[place] = {**record[place], "text": said, "origin": "reporter"}
    left = [name for name in record["missing"] if name not in found]
    return {**after, **found, "missing": left}


def corrected(
    record: Mapping[str, Any],
    text: str,
    before: str,
    reading: Mapping[str, Any],
    files: Sequence[Attachment] = (),
    former: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Put words and files in the place of those that the reporter has changed; the next revision.

    `former` are the files that earlier versions brought, ids with their URLs: what the new one has
    no more goes, what it has still stays as it is. Empty words take the others away. Where the
    first words change, what was read from them is read anew (`reading`); what was typed into a
    field stays, and so does what the new words do not tell.
    """
    (body, identifiers), (old, _) = mask(tidy(text)), mask(tidy(before))
    changed, opens = _instead(str(record["body"]), old, body)
    known = list(map(asdict, identifiers))
    after = {
        **record,
        "revision": record["revision"] + 1,
        "body": tidy(changed),
        "identifiers": [
            *record["identifiers"],
            *(one for one in known if one not in record["identifiers"]),
        ],
        **_files_instead(record, files, former or {}),
    }
    return after | _read_anew(record, reading) if opens else after


def _instead(whole: str, old: str, new: str) -> tuple[str, bool]:
    """Put words in the place of others; tells whether they were the first ones.

    What was added stands by itself, between blank lines. The first words are never taken away: to
    take those back is to withdraw.
    """
    before, found, after = f"{whole}{_BREAK}".rpartition(f"{_BREAK}{old}{_BREAK}")
    if old and found:
        return f"{before}{_BREAK}{new}{_BREAK}{after}", False
    if old and new and whole.startswith(old):
        return f"{new}{whole.removeprefix(old)}", True
    return f"{whole}{_BREAK}{new}", False


def _files_instead(
    record: Mapping[str, Any], files: Sequence[Attachment], former: Mapping[str, str]
) -> dict[str, Any]:
    """Give attachments and flags with these files in the place of the `former` ones."""
    urls = {one.url for one in files}
    kept = [
        one for one in record["attachments"] if one["id"] not in former or former[one["id"]] in urls
    ]
    there = {former[one["id"]] for one in kept if one["id"] in former}
    added = [
        asdict(AttachedFile(one.id, None, one.media_type, None, one.name, one.verdict))
        for one in files
        if one.url is None or one.url not in there
    ]
    flags = record["flags"]
    if any(one["verdict"] == "not_fetched" for one in added):
        flags = _with(flags, MEDIA_PENDING)
    changed = {**record, "attachments": [*kept, *added], "flags": flags}
    return {name: with_files(changed, {})[name] for name in ("attachments", "flags")}


def fetched(record: Mapping[str, Any], file: Mapping[str, Any]) -> dict[str, Any]:
    """Put what became of a file that was still at the provider in its place; the next revision.

    `file` has the keys of an attachment; its `id` tells which one. Its name stays as told first. A
    file that is there already, brought by the same words once more, goes. Of one that its author
    has taken back meanwhile nothing changes: the very same record is given.
    """
    if all(one["id"] != file["id"] for one in record["attachments"]):
        return record  # type: ignore[return-value]
    others = [one for one in record["attachments"] if one["id"] != file["id"]]
    if file["sha256"] and any(one["sha256"] == file["sha256"] for one in others):
        record = {**record, "attachments": others}
    after = with_files(record, {str(file["id"]): file})
    return {**after, "revision": record["revision"] + 1}


def with_files(record: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Put what is known of files, by their ids, in their places; the same revision."""
    files = [
        {**one, **known[one["id"]], "name": one["name"]} if one["id"] in known else one
        for one in record["attachments"]
    ]
    flags = record["flags"]
    if not any(one["verdict"] == "not_fetched" for one in files):
        flags = [flag for flag in flags if flag != MEDIA_PENDING]
    return {**record, "attachments": files, "flags": flags}


def withdrawn(record: Mapping[str, Any]) -> dict[str, Any]:
    """Say that the reporter took it back; the next revision."""
    return {**record, "revision": record["revision"] + 1, "status": "withdrawn"}


def _with(flags: Sequence[str], flag: str) -> list[str]:
    return [*(one for one in flags if one != flag), flag]


def _read_anew(record: Mapping[str, Any], reading: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        name: reading[name]
        for name, told_by in _READ.items()
        if record[name]["origin"] != "reporter" and reading[name][told_by] is not None
    }
    if record["title"]["origin"] != "reporter":
        found["title"] = reading["title"]
    found["missing"] = [name for name in record["missing"] if name not in found]
    return found
