"""Documents of X: pages of the API and events of the webhook, one reader for both."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from channels.base import InboundMessage, Malformed
from channels.twitter.posts import Account, Includes, read_deletion, read_post

_CREATED = frozenset({"post.mention.create", "post.reply.create", "post.quote.create"})
_DELETED = "post.delete"


def json_of(body: bytes | str) -> object:
    """Parse JSON; raises Malformed without a word of it."""
    try:
        return json.loads(body)
    except RecursionError as exc:
        raise Malformed("twitter: the JSON is nested too deeply") from exc
    except ValueError as exc:
        raise Malformed(f"twitter: {type(exc).__name__} in the JSON") from exc


def read_all(told: object, account: Account, received_at: datetime) -> list[InboundMessage]:
    """Read every post and event of a document; raises Malformed where one is unreadable."""
    includes = includes_of(told)
    read = (read_item(item, includes, account, received_at) for item in items_of(told))
    return [message for message in read if message]


def items_of(told: object) -> Iterator[Mapping[str, Any]]:
    """Give the posts and events of a document: a page, an event, a list of either, or one post."""
    if isinstance(told, list):
        for below in told:
            yield from items_of(below)
        return
    if not isinstance(told, Mapping):
        raise Malformed("twitter: neither a post nor an event")
    if "data" not in told:
        if "meta" not in told:  # an empty page has no data
            yield told
        return
    data = told["data"]
    for item in data if isinstance(data, list) else [data]:
        if not isinstance(item, Mapping):
            raise Malformed("twitter: neither a post nor an event")
        yield item


def alone(item: Mapping[str, Any], document: object) -> bytes:
    """Spell an item as a document of its own, with what it refers to: to be read some day."""
    includes = includes_of(document)
    post = item.get("payload", item)
    attached = post.get("attachments") if isinstance(post, Mapping) else None
    keys = attached.get("media_keys") if isinstance(attached, Mapping) else None
    author = post.get("author_id") if isinstance(post, Mapping) else None
    media = [includes.media.get(str(key)) for key in (keys if isinstance(keys, list) else [])]
    users = [includes.users.get(str(author))]
    told = {
        "data": [item],
        "includes": {"users": [*filter(None, users)], "media": [*filter(None, media)]},
    }
    return json.dumps(told, sort_keys=True).encode()


def includes_of(told: object) -> Includes:
    """Give what the posts of a document refer to."""
    pages = told if isinstance(told, list) else [told]
    return Includes.read(*(page.get("includes") for page in pages if isinstance(page, Mapping)))


def read_item(
    item: Mapping[str, Any], includes: Includes, account: Account, received_at: datetime
) -> InboundMessage | None:
    """Read a post or an event; None for what is not for us."""
    if "event_type" not in item and "event_uuid" not in item:
        return read_post(item, includes, account, received_at)
    kind, payload = item.get("event_type"), item.get("payload")
    if not isinstance(kind, str):
        raise Malformed("twitter: an event without an event_type")
    if kind not in _CREATED and kind != _DELETED:
        return None
    if not isinstance(payload, Mapping):
        raise Malformed("twitter: an event without a payload")
    if kind == _DELETED:
        return read_deletion(payload, account, received_at)
    if _is_of(item.get("filter"), payload):
        return None
    own = Includes.read(item.get("includes"))
    joined = Includes({**includes.users, **own.users}, {**includes.media, **own.media})
    return read_post(payload, joined, account, received_at)


def _is_of(watched: object, payload: Mapping[str, Any]) -> bool:
    """Tell whether the account that is watched wrote this itself, whatever `account_id` says."""
    of = watched.get("user_id") if isinstance(watched, Mapping) else None
    return of is not None and of == payload.get("author_id")
