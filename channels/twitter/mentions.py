"""Mentions pulled from X, page by page.

`since_id` alone loses mentions: X's index shows some later than younger ones. So each round reads
again what is younger than the beginning of the round before, less an overlap; what was read
before is a redelivery. A round goes on from page to page, each committed with its cursor, and a
process that dies in between goes on at the same page. X shows the latest 800 mentions, no more: a
round that meets that end may have missed some.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import requests
import tweepy

from channels.base import InboundMessage, Malformed, NotNow, Page, RawInbound, Unreadable
from channels.twitter.client import ask, make_client, wait_after
from channels.twitter.documents import alone, includes_of, items_of, read_item
from channels.twitter.posts import Account

PER_PAGE = 100
MOST_REACHABLE = 800
RESTART_PAUSE = 30.0  # seconds
_FIELDS: Mapping[str, list[str]] = {
    "expansions": ["author_id", "attachments.media_keys"],
    "media_fields": ["media_key", "type", "url", "preview_image_url", "variants"],
    "tweet_fields": [
        *("id", "text", "note_tweet", "author_id", "created_at", "conversation_id", "entities"),
        *("attachments", "referenced_tweets", "edit_history_tweet_ids"),
    ],
    "user_fields": ["id", "name", "username"],
}


@dataclass(frozen=True, slots=True)
class _Round:
    """Where a round stands: reads what is younger than `since`; `token` is its next page."""

    since: datetime
    begun: datetime
    token: str | None = None
    count: int = 0

    @classmethod
    def read(cls, cursor: str) -> _Round:
        told = json.loads(cursor)
        since, begun = (datetime.fromisoformat(told[name]) for name in ("since", "begun"))
        return cls(since, begun, told["token"], told["count"])

    def spelled(self) -> str:
        told = asdict(self) | {"since": self.since.isoformat(), "begun": self.begun.isoformat()}
        return json.dumps(told)


class Mentions:
    """The Poller of one account's mentions."""

    def __init__(self, settings: Mapping[str, Any], account: Account):
        self._client = make_client(settings)
        self._account = account
        self._overlap = timedelta(seconds=settings["overlap_seconds"])
        self._pace = float(settings["poll_seconds"])

    @property
    def pace(self) -> float:
        """Tell how many seconds to rest between two rounds."""
        return self._pace

    def fetch(self, cursor: str | None, now: datetime) -> Page:
        """Get the next page; see `channels.base.Poller`."""
        at = self._where(cursor, now)
        try:
            answer = ask(lambda: self._ask(at), now)
        except NotNow as exc:
            if at.token is None or not isinstance(exc.__cause__, tweepy.BadRequest):
                raise
            # The page is no longer there: read the round from its beginning.
            again = _Round(at.since, at.begun)
            return Page((), again.spelled(), more=True, wait=RESTART_PAUSE)
        return self._page(at, answer, now)

    def _where(self, cursor: str | None, now: datetime) -> _Round:
        if cursor is None:
            return _Round(now - self._overlap, now)
        at = _Round.read(cursor)
        return at if at.token else _Round(at.since, now)

    def _ask(self, at: _Round) -> requests.Response:
        given: dict[str, Any] = {"start_time": at.since, "max_results": PER_PAGE, **_FIELDS}
        if at.token:
            given["pagination_token"] = at.token
        answer: requests.Response = self._client.get_users_mentions(
            self._account.account_id, **given
        )
        return answer

    def _page(self, at: _Round, answer: requests.Response, now: datetime) -> Page:
        told = _told(answer)
        messages, unreadable, count = self._read(told, now)
        token = _next_token(told)
        count += at.count
        more = token is not None and token != at.token
        following = (
            _Round(at.since, at.begun, token, count)
            if more
            else _Round(max(at.since, at.begun - self._overlap), at.begun)
        )
        return Page(
            messages=tuple(messages),
            cursor=following.spelled(),
            unreadable=tuple(unreadable),
            more=more,
            gap=not more and count >= MOST_REACHABLE,
            wait=wait_after(answer.headers, now),
        )

    def _read(
        self, told: Mapping[str, Any], now: datetime
    ) -> tuple[list[InboundMessage], list[Unreadable], int]:
        """Read posts one by one: an unreadable one is parked, and costs no other."""
        messages: list[InboundMessage] = []
        unreadable: list[Unreadable] = []
        count, includes = 0, includes_of(told)
        for post in items_of(told):
            count += 1
            try:
                message = read_item(post, includes, self._account, now)
            except Malformed as exc:
                unreadable.append(_aside(post, told, now, str(exc)))
            except Exception as exc:  # noqa: BLE001 - a parser's bug must cost no citizen's report
                failed = f"parser failed: {type(exc).__name__}"
                unreadable.append(_aside(post, told, now, failed))
            else:
                messages += [message] if message else []
        return messages, unreadable, count


def _aside(post: Mapping[str, Any], page: object, now: datetime, reason: str) -> Unreadable:
    """Set a post aside as a request of its own, which parses like any other."""
    return Unreadable(RawInbound("POST", "", b"", (), alone(post, page), "", now), reason)


def _told(answer: requests.Response) -> Mapping[str, Any]:
    try:
        told = answer.json()
    except (ValueError, RecursionError) as exc:
        raise NotNow(f"x is unreadable: {type(exc).__name__}") from exc
    if not isinstance(told, dict) or not {"data", "meta"} & set(told):
        raise NotNow("x is unreadable: neither data nor meta")
    posts = told.get("data", [])
    if not isinstance(posts, list) or not all(isinstance(post, dict) for post in posts):
        raise NotNow("x is unreadable: data is no list of posts")
    return told


def _next_token(told: Mapping[str, Any]) -> str | None:
    meta = told.get("meta")
    token = meta.get("next_token") if isinstance(meta, Mapping) else None
    return token if isinstance(token, str) and token else None
