"""A post of X, as the API and the webhook spell it, read into a message.

X renames its fields (OpenAPI 2.167 says post, live payloads and tweepy say tweet): both spellings
are read. Large numbers may come as numbers, or as strings in a twin named `<field>_str`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from typing import Any

from channels.base import Attachment, InboundMessage, Malformed, Post, Sender
from channels.commands import read_command, read_short_command
from channels.submission import clean
from channels.twitter.text import Entities, plain_text

_ID = re.compile(r"[0-9]{1,20}")
_LONGEST_NAME = 64
_MOST_MEDIA = 10
_MOST_VERSIONS = 20  # five edits are allowed
_MEDIA_TYPES = {"photo": "image/jpeg", "video": "video/mp4", "animated_gif": "video/mp4"}
_SUFFIXES = {"png": "image/png", "webp": "image/webp", "gif": "image/gif"}


@dataclass(frozen=True, slots=True)
class Includes:
    """What posts of an answer refer to, by id."""

    users: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    media: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def read(cls, *told: object) -> Includes:
        """Read `includes` objects; what is not in their shape is not there."""
        users: dict[str, Mapping[str, Any]] = {}
        media: dict[str, Mapping[str, Any]] = {}
        for one in told:
            for user in _objects(one, "users"):
                users[str(user.get("id_str") or user.get("id"))] = user
            for file in _objects(one, "media"):
                media[str(file.get("media_key"))] = file
        return cls(users, media)


@dataclass(frozen=True, slots=True)
class Account:
    """Whose mentions these are, and what they must say."""

    source: str
    handle: str
    account_id: str = ""
    required_hashtag: str = ""


def read_post(
    told: Mapping[str, Any], includes: Includes, account: Account, received_at: datetime
) -> InboundMessage | None:
    """Read a post; None for our own, pure retweets and what lacks the required hashtag.

    Raises Malformed without an id, an author or a text: never guesses.
    """
    post_id, author = _id(told, "id"), _id(told, "author_id")
    if author == account.account_id:
        return None
    references = _references(told)
    if "retweeted" in references:
        return None
    text, entities = _long_text(told)
    replies_to = references.get("replied_to")
    wanted = _has_hashtag(account.required_hashtag, text, entities)
    if not wanted and replies_to is None:
        return None
    said = clean(plain_text(text, entities, account.handle, is_reply=replies_to is not None))
    user = includes.users.get(author, {})
    return InboundMessage(
        source=account.source,
        channel="twitter",
        provider="x",
        provider_id=post_id,
        sender=Sender("x", author, proven=True, name=_name(user)),
        text=said,
        received_at=received_at,
        attachments=_attachments(told, includes),
        sent_at=_created_at(told),
        command=read_command(said) or (read_short_command(said) if replies_to else None),
        post=Post(
            post_id=post_id,
            versions=_versions(told, post_id),
            conversation_id=_optional_id(told, "conversation_id"),
            replies_to=replies_to,
            quotes=references.get("quoted"),
            in_thread_only=not wanted,
        ),
    )


def read_deletion(
    told: Mapping[str, Any], account: Account, received_at: datetime
) -> InboundMessage:
    """Read that a post is no longer there."""
    post_id = _id(told, "id")
    author = _optional_id(told, "author_id") or _optional_id(told, "user_id")
    return InboundMessage(
        source=account.source,
        channel="twitter",
        provider="x",
        provider_id=f"deleted:{post_id}",
        sender=Sender("x", author, proven=True) if author else None,
        text="",
        received_at=received_at,
        post=Post(post_id, _versions(told, post_id), deleted=True),
    )


def _objects(told: object, key: str) -> list[Mapping[str, Any]]:
    found = told.get(key) if isinstance(told, Mapping) else None
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _either(told: Mapping[str, Any], old: str, new: str) -> Any:
    return told[old] if old in told else told.get(new)


def _optional_id(told: Mapping[str, Any], name: str) -> str | None:
    # The twin first: as a number an id may have lost its last digits on the way.
    for value in (told.get(f"{name}_str"), told.get(name)):
        if isinstance(value, str | int) and not isinstance(value, bool):
            try:
                spelled = str(value)
            except ValueError:  # more digits than Python turns into text
                return None
            if _ID.fullmatch(spelled) and spelled.isascii():
                return spelled
    return None


def _id(told: Mapping[str, Any], name: str) -> str:
    found = _optional_id(told, name)
    if found is None:
        raise Malformed(f"twitter: a post without a readable {name}")
    return found


def _references(told: Mapping[str, Any]) -> dict[str, str]:
    """Give the ids of the posts it refers to, by kind (retweeted, quoted, replied_to)."""
    key = "referenced_tweets" if "referenced_tweets" in told else "referenced_posts"
    found: dict[str, str] = {}
    for one in _objects(told, key):
        kind, of = one.get("type"), _optional_id(one, "id")
        if isinstance(kind, str) and of:
            found.setdefault("retweeted" if kind == "reposted" else kind, of)
    return found


def _long_text(told: Mapping[str, Any]) -> tuple[str, Entities]:
    """Give the whole text: over 280 characters it stands in a note, and `text` is cut."""
    note = _either(told, "note_tweet", "note_post")
    of = note if isinstance(note, Mapping) and isinstance(note.get("text"), str) else told
    text = of.get("text")
    if not isinstance(text, str):
        raise Malformed("twitter: a post without a text")
    entities = Entities.read(of.get("entities"), told.get("entities"))
    return unescape(text), entities


def _has_hashtag(required: str, text: str, entities: Entities) -> bool:
    if not required:
        return True
    wanted = required.casefold()
    in_text = re.search(rf"#{re.escape(wanted)}(?!\w)", text.casefold())
    return in_text is not None or wanted in entities.hashtags


def _versions(told: Mapping[str, Any], post_id: str) -> tuple[str, ...]:
    history = _either(told, "edit_history_tweet_ids", "edit_history_post_ids")
    ids = [_optional_id({"id": one}, "id") for one in history] if isinstance(history, list) else []
    # Ids grow with time: what is younger than the post itself is no earlier version of it.
    earlier = {one for one in ids if one and int(one) < int(post_id)}
    return (*sorted(earlier, key=int)[:_MOST_VERSIONS], post_id)


def _created_at(told: Mapping[str, Any]) -> datetime | None:
    written = told.get("created_at")
    if not isinstance(written, str):
        return None
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return None
    try:
        return moment.astimezone(UTC) if moment.tzinfo else None
    except OverflowError:
        return None


def _name(user: Mapping[str, Any]) -> str | None:
    name = user.get("name") or user.get("username")
    return clean(name).strip()[:_LONGEST_NAME] or None if isinstance(name, str) else None


def _attachments(told: Mapping[str, Any], includes: Includes) -> tuple[Attachment, ...]:
    """List media still at X; it is fetched later. A video is its largest file."""
    attached = told.get("attachments")
    keys = attached.get("media_keys") if isinstance(attached, Mapping) else None
    files = [includes.media.get(str(key)) for key in keys] if isinstance(keys, list) else []
    found = (_attachment(file) for file in files[:_MOST_MEDIA] if file)
    return tuple(attachment for attachment in found if attachment)


def _attachment(file: Mapping[str, Any]) -> Attachment | None:
    kind = file.get("type")
    of_kind = _MEDIA_TYPES.get(kind) if isinstance(kind, str) else None
    if of_kind == "video/mp4":
        variants = [one for one in _objects(file, "variants") if one.get("content_type") == of_kind]
        best = max(variants, key=_bit_rate, default=file)
        url = best.get("url") or file.get("preview_image_url")
        media_type = of_kind if best is not file else "image/jpeg"
    else:
        url = file.get("url")
        suffix = url.rpartition(".")[2].lower() if isinstance(url, str) else ""
        media_type = _SUFFIXES.get(suffix, of_kind or "application/octet-stream")
    return Attachment(media_type, clean(url)) if isinstance(url, str) and url else None


def _bit_rate(variant: Mapping[str, Any]) -> int:
    rate = variant.get("bit_rate")
    return rate if isinstance(rate, int) else 0
