"""`lapor mentions` for real: killed at any moment, taken over, and beside the webhook."""

from __future__ import annotations

import hmac
import json
import random
import signal
import sqlite3
import threading
import time
from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from support import real_gateway, wait_until
from x_server import ACCOUNT, BEARER, a_mention, x_server

SECRET = "rahasia-x-percobaan"
MANY = 60


@pytest.fixture
def x():
    with x_server() as served:
        yield served


@pytest.fixture
def gateway(tmp_path, x):
    config = tmp_path / "lapor.toml"
    config.write_text(
        f"""
[sources.twitter]
adapter = "twitter"
consumer_secrets = ["{SECRET}"]
account_id = "{ACCOUNT}"
bearer_token = "{BEARER}"
api_url = "{x.url}"
poll_seconds = 0.5
"""
    )
    with real_gateway(tmp_path / "var", LAPOR_CONFIG=str(config)) as made:
        yield made


def a_recent_mention(n, **changed):
    at = datetime.now(UTC) - timedelta(seconds=200 - n)
    written = f"{at:%Y-%m-%dT%H:%M:%S}.000Z"
    return a_mention(1000 + n, f"lampu nomor {n} padam", **({"created_at": written} | changed))


def accepted(gateway):
    return sorted(int(key) for (key,) in gateway.ask("SELECT key FROM delivery"))


def end_lease(gateway):
    """Let the lease of a dead process end now; `LEASE_FOR` is tested with a clock."""
    with sqlite3.connect(gateway.store_path, timeout=10) as connection:
        connection.execute("DELETE FROM lease WHERE name LIKE 'pull:%'")
    connection.close()


def test_killed_at_any_moment_no_mention_is_lost_and_none_taken_twice(gateway, x):
    chance = random.Random(17)  # noqa: S311 - a moment, not a secret
    x.mentions, x.per_page = [a_recent_mention(n) for n in range(MANY)], 4
    served = threading.Semaphore(0)

    def slowly(_):
        served.release()
        time.sleep(0.02)

    x.before_page = slowly
    for round_no in range(4):
        puller = gateway.start("mentions", name=f"mentions-{round_no}")
        for _ in range(chance.randrange(1, 5)):
            assert served.acquire(timeout=30)
        time.sleep(chance.uniform(0, 0.06))
        puller.send_signal(signal.SIGKILL)
        puller.wait()
        end_lease(gateway)
    gateway.start("mentions")
    wait_until(lambda: len(accepted(gateway)) == MANY, within=30)
    assert accepted(gateway) == [1000 + n for n in range(MANY)]
    assert gateway.ask("SELECT count(*) FROM journal") == [(MANY,)]
    assert gateway.ask("SELECT count(DISTINCT root) FROM number") == [(MANY,)]


def test_another_goes_on_when_the_first_is_stopped_and_both_ways_in_meet(gateway, x):
    x.mentions = [a_recent_mention(1)]
    first = gateway.start("mentions", name="first")
    wait_until(lambda: accepted(gateway) == [1001], within=30)
    gateway.start("mentions", name="second")
    first.send_signal(signal.SIGTERM)
    assert first.wait(timeout=20) == 0
    x.mentions.append(a_recent_mention(2))
    wait_until(lambda: accepted(gateway) == [1001, 1002], within=30)

    gateway.serve()
    gateway.start("work")
    by_event = {"event_type": "post.mention.create", "payload": a_recent_mention(2)}
    answer = push(gateway, {"data": by_event}, SECRET)
    assert (answer.status, answer.body) == (200, b"")
    assert accepted(gateway) == [1001, 1002]
    wait_until(lambda: gateway.ask("SELECT count(*) FROM event") == [(2,)])


def test_forged_events_and_challenges_are_refused_and_quarantined(gateway):
    gateway.serve()
    forged = {"data": {"event_type": "post.mention.create", "payload": a_mention(5)}}
    assert push(gateway, forged, "rahasia-orang-lain").status == 403
    assert gateway.get("/in/twitter?crc_token=%7B%22data%22%3A1%7D").status == 403
    assert gateway.get("/in/twitter?crc_token=abc").json()["response_token"].startswith("sha256=")
    assert accepted(gateway) == []
    assert gateway.ask("SELECT count(*) FROM quarantine") == [(2,)]


def test_a_look_keeps_nothing_and_a_file_of_mentions_is_imported_once(gateway, x, tmp_path):
    x.mentions = [a_recent_mention(n) for n in range(3)]
    assert "twitter: 3 on the next page" in gateway.run("mentions", "--dry-run")
    assert accepted(gateway) == []
    posts = [a_recent_mention(n) for n in range(150)]
    page, lines = tmp_path / "page.json", tmp_path / "lines.jsonl"
    page.write_text(json.dumps({"data": posts[:120], "meta": {"result_count": 120}}))
    rest = [json.dumps(post) for post in posts[100:]]
    lines.write_text("\n".join([*rest, '{"id": "7"}', "bukan JSON", ""]))

    looked = gateway.run("mentions", "--import", str(page), "--dry-run")
    assert "would be accepted: 120" in looked
    assert accepted(gateway) == []
    assert "accepted: 120, there already: 0" in gateway.run("mentions", "--import", str(page))
    done = gateway.run("mentions", "--import", str(lines), "--source", "twitter")
    assert "accepted: 30, there already: 20, parked: 2, not for us: 0" in done
    assert gateway.ask("SELECT count(*) FROM number") == [(150,)]
    page.write_text("bukan JSON")
    assert "neither JSON" in gateway.run("mentions", "--import", str(page), expect=1)


def push(gateway, told, secret):
    body = json.dumps(told).encode()
    mac = b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()
    headers = {"X-Twitter-Webhooks-Signature": f"sha256={mac}", "Content-Type": "application/json"}
    return gateway.request("POST", "/in/twitter", body, headers)
