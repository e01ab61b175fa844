"""The smallest right consumer: plain kombu, at least once in, exactly once applied.

    python examples/consumer.py lapor+sqlite:////absolute/var/lapor.db inbox.db
    python examples/consumer.py amqp://user:password@broker// inbox.db

Deliveries may repeat and may come out of order. So: apply an event and note its number and revision
in one transaction of your own, drop what is not newer, and only then acknowledge. The broker may go
away at any time: connect again and go on, what was not acknowledged comes again.
"""

import json
import signal
import sqlite3
import sys
import time

from kombu import Connection, Consumer, Queue

url, inbox_path = sys.argv[1:3]
is_embedded = url.startswith("lapor+")
if is_embedded:
    import gateway.embedded  # noqa: F401 - registers the embedded transport with kombu

inbox = sqlite3.connect(inbox_path, isolation_level=None)
inbox.execute("PRAGMA journal_mode = WAL")
inbox.execute(
    "CREATE TABLE IF NOT EXISTS complaint "
    "(number TEXT PRIMARY KEY, revision INTEGER, applied INTEGER, record TEXT)"
)


def received(message):
    """Apply an event unless this revision, or a later one, is there already."""
    event = json.loads(message.body)
    record = event["data"]
    inbox.execute(
        "INSERT INTO complaint VALUES (?, ?, 1, ?) ON CONFLICT (number) DO UPDATE "
        "SET revision = excluded.revision, record = excluded.record, applied = applied + 1 "
        "WHERE excluded.revision > complaint.revision",
        (event["subject"], record["revision"], json.dumps(record)),
    )
    message.ack()


def consume(connection):
    """Receive until the connection breaks."""
    with connection.channel() as channel:
        channel.basic_qos(0, 50, False)
        queue = Queue("lapor.complaints", no_declare=True)
        with Consumer(channel, [queue], on_message=received):
            while True:
                try:
                    connection.drain_events(timeout=1)
                except TimeoutError:
                    if connection.heartbeat:  # a broker that is gone without a word is noticed
                        connection.heartbeat_check()


signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # leave through the `with`s above
options = {} if is_embedded else {"heartbeat": 20, "connect_timeout": 5}
pause = 0.1  # seconds
while True:
    try:
        with Connection(url, **options) as broker:
            broker.connect()
            pause = 0.1
            consume(broker)
    except (*Connection(url).connection_errors, *Connection(url).channel_errors) as error:
        pause = min(pause * 2, 5)
        print(f"the broker is away ({error!r}), again in {pause} s", file=sys.stderr)
        time.sleep(pause)
