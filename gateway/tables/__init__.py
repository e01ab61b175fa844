"""The store's tables. The migrations build exactly these; a test compares them.

Keys are uuid7 where order matters: new rows go to the end of the index.
"""

from gateway.tables.base import UtcTime, metadata
from gateway.tables.files import LOST, UNCLAIMED, UNFETCHED, attachment, media
from gateway.tables.intake import (
    ABOUT,
    CLAIMED,
    OPEN,
    PARKED,
    PENDING,
    SUPPORTER,
    SUPPORTS,
    delivery,
    journal,
    number,
    owner,
    part,
    part_set,
)
from gateway.tables.matters import judgement, matter, matter_key
from gateway.tables.posts import cursor, post
from gateway.tables.queues import queue, queue_binding, queue_exchange, queue_message
from gateway.tables.records import REFUSED, UNPUBLISHED, complaint, event, status_change
from gateway.tables.replies import UNANSWERED, UNHEARD, UNSAID, pace, question, reply
from gateway.tables.upkeep import audit, counter, fact, lease, quarantine, tally, web_draft

__all__ = [
    "ABOUT",
    "CLAIMED",
    "LOST",
    "OPEN",
    "PARKED",
    "PENDING",
    "REFUSED",
    "SUPPORTER",
    "SUPPORTS",
    "UNANSWERED",
    "UNCLAIMED",
    "UNFETCHED",
    "UNHEARD",
    "UNPUBLISHED",
    "UNSAID",
    "UtcTime",
    "attachment",
    "audit",
    "complaint",
    "counter",
    "cursor",
    "delivery",
    "event",
    "fact",
    "journal",
    "judgement",
    "lease",
    "matter",
    "matter_key",
    "media",
    "metadata",
    "number",
    "owner",
    "pace",
    "part",
    "part_set",
    "post",
    "quarantine",
    "question",
    "queue",
    "queue_binding",
    "queue_exchange",
    "queue_message",
    "reply",
    "status_change",
    "tally",
    "web_draft",
]
