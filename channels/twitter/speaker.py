"""Replies on X. There is no idempotency key: what may have been posted is looked up first.

X refuses to post the same text twice (403), and every text of ours ends with when it is about. So
even a blind second try cannot post twice: it is refused, and then found.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import requests
import tweepy

from channels.base import Malformed, NotNow, Outgoing, Refused, Sent, Unknown
from channels.outward import never_left
from channels.twitter.client import SERVER_ERROR, TOO_MANY, ask, make_client, reason_of
from channels.twitter.documents import items_of

FORBIDDEN = 403
# These may be mended (keys, credits, a limit); any other 4xx is about this post and stays.
_MENDED = frozenset({401, 402, 408, TOO_MANY})
_DUPLICATE = "duplicate content"
# Own posts show up in the list some time after they were made.
SETTLED = timedelta(seconds=60)
_MOST_PAGES = 5
_SLACK = timedelta(seconds=60)


class XSpeaker:
    """The Speaker of one account."""

    def __init__(self, settings: Mapping[str, Any]):
        self._client = make_client(settings)
        self._account_id = settings["account_id"]
        self._pace = 60 / settings["replies_a_minute"]

    @property
    def pace(self) -> float:
        """Tell how many seconds to rest between two."""
        return float(self._pace)

    def send(self, message: Outgoing, now: datetime) -> Sent | Refused | Unknown:
        """Post a reply; see `channels.base.Speaker`."""
        try:
            answer = self._client.create_tweet(
                text=message.text, in_reply_to_tweet_id=message.answers, user_auth=True
            )
        except tweepy.HTTPException as exc:
            return self._refused(message, exc.response, now)
        except requests.RequestException as exc:
            if never_left(exc):
                return Refused(f"x is away: {type(exc).__name__}")
            return Unknown(f"x did not answer: {type(exc).__name__}")
        except ValueError:  # tweepy, over the reset header of a 429 that is no number
            return Refused("rate limit")
        return Sent(_id_of(answer))

    def look_up(self, message: Outgoing, now: datetime) -> Sent | Refused | Unknown:
        """Search our own posts for it. Not there counts only once X has had time to show it."""
        tried_at = message.first_tried_at or now
        try:
            found = self._find(message, tried_at - _SLACK, now)
        except (NotNow, Malformed) as exc:
            return Unknown(str(exc))
        if found is not None:
            return Sent(found)
        if now - tried_at < SETTLED:
            return Unknown("not there, yet")
        return Refused("not there")

    def _refused(
        self, message: Outgoing, answer: requests.Response, now: datetime
    ) -> Sent | Refused | Unknown:
        status = answer.status_code
        reason, retry_after = reason_of(answer, now)
        if status >= SERVER_ERROR:
            return Unknown(reason)
        if status == FORBIDDEN and _DUPLICATE in answer.text:
            found = self.look_up(message, now)
            if isinstance(found, Refused):
                return Refused("the same text stands elsewhere", final=True)
            return found
        if status in _MENDED:
            return Refused(reason, retry_after=retry_after)
        return Refused(reason, final=True)

    def _find(self, message: Outgoing, since: datetime, now: datetime) -> str | None:
        token: str | None = None
        for _ in range(_MOST_PAGES):
            told = self._own_posts(since, token, now)
            for post in items_of(told):
                if _is_it(post, message):
                    return str(post.get("id"))
            token = told.get("meta", {}).get("next_token")
            if not token:
                return None
        raise NotNow("too many posts to search")

    def _own_posts(self, since: datetime, token: str | None, now: datetime) -> dict[str, Any]:
        more = {"pagination_token": token} if token else {}
        answer = ask(
            lambda: self._client.get_users_tweets(
                self._account_id,
                max_results=100,
                start_time=since,
                tweet_fields=["id", "text", "note_tweet", "referenced_tweets"],
                user_auth=True,
                **more,
            ),
            now,
        )
        try:
            told = answer.json()
        except ValueError as exc:
            raise NotNow("x is unreadable") from exc
        if not isinstance(told, dict) or not isinstance(told.get("meta", {}), dict):
            raise NotNow("x is unreadable")
        return told


def _is_it(post: Mapping[str, Any], message: Outgoing) -> bool:
    """Tell whether a post says this in answer to that: X puts whom it answers before the text."""
    references = post.get("referenced_tweets")
    answers = {
        str(one.get("id"))
        for one in (references if isinstance(references, list) else [])
        if isinstance(one, Mapping) and one.get("type") == "replied_to"
    }
    return message.answers in answers and unescape(str(post.get("text"))).endswith(message.text)


def _id_of(answer: requests.Response) -> str | None:
    """Give the new post's id. It is posted, even if the answer cannot be read."""
    try:
        told = answer.json()
        return str(told["data"]["id"])
    except (ValueError, TypeError, KeyError):
        return None
