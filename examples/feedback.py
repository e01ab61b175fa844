"""Tell the gateway how a complaint stands: plain kombu, one event on the queue `lapor.status`.

    python examples/feedback.py lapor+sqlite:////absolute/var/lapor.db 7T3K-9QX-M4C in_progress
    python examples/feedback.py amqp://user:password@broker// 7T3K-9QX-M4C resolved "Lampu diganti"

Keep the event with your own change of status, in one transaction, and send it until this succeeds:
the same id is taken once, however often it comes. The sequence must grow with every change; here a
clock does, in yours a counter is better.
"""

import json
import sys
import time
import uuid
from datetime import UTC, datetime

from kombu import Connection

url, number, status, *note = sys.argv[1:]
if url.startswith("lapor+"):
    import gateway.embedded  # noqa: F401 - registers the embedded transport with kombu

event = {
    "specversion": "1.0",
    "type": "id.lapor.complaint.status.v1",
    "source": "kementerian",  # who tells it
    "id": str(uuid.uuid4()),
    "subject": number,
    "sequence": str(time.time_ns()),
    "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
    "datacontenttype": "application/json",
    "data": {"status": status, **({"note": note[0]} if note else {})},
}

# The broker confirms what it has, and refuses what no queue takes.
with Connection(url, transport_options={"confirm_publish": True}) as connection:
    connection.Producer(auto_declare=False).publish(
        json.dumps(event),
        exchange="",
        routing_key="lapor.status",
        content_type="application/cloudevents+json",
        content_encoding="utf-8",
        delivery_mode=2,
        mandatory=True,
        message_id=event["id"],
    )
print(event["id"])
