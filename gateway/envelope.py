"""CloudEvents 1.0, structured JSON: how a complaint travels."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

CONTENT_TYPE = JSONFormat.CONTENT_TYPE
RECEIVED = "id.lapor.complaint.received.v1"
AMENDED = "id.lapor.complaint.amended.v1"
WITHDRAWN = "id.lapor.complaint.withdrawn.v1"
SUPPORTED = "id.lapor.complaint.supported.v1"
SEPARATED = "id.lapor.complaint.separated.v1"
MERGED = "id.lapor.complaint.merged.v1"
SCHEMA_PATH = "/schema/complaint-v1.json"
_FORMAT = JSONFormat()


@dataclass(frozen=True, slots=True)
class Envelope:
    """An event ready to publish. `id` is stable over redelivery; `body` is the whole JSON."""

    id: uuid.UUID
    type: str
    number: str
    revision: int
    body: str


def seal(
    record: Mapping[str, Any],
    *,
    kind: str,
    event_id: uuid.UUID,
    public_url: str,
    now: datetime,
) -> Envelope:
    """Wrap the full current record. `sequence` sorts as text: the revision, zero-padded."""
    number, revision = record["number"], record["revision"]
    event = CloudEvent(
        {
            "specversion": "1.0",
            "id": str(event_id),
            "source": public_url,
            "type": kind,
            "subject": number,
            "time": now,
            "datacontenttype": "application/json",
            "dataschema": f"{public_url}{SCHEMA_PATH}",
            "sequence": f"{revision:010d}",
        },
        dict(record),
    )
    return Envelope(event_id, kind, number, revision, _FORMAT.write(event).decode())
