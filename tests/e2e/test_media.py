"""Files at a provider, with the real web and worker processes."""

from __future__ import annotations

import json
import re
import socket
import threading

import pytest
from support import free_port, real_gateway, wait_until


@pytest.fixture
def canary():
    """A listener that nobody may ever connect to; gives its port and who did."""
    seen = []
    with socket.create_server(("127.0.0.1", free_port())) as listening:

        def watch():
            while True:
                try:
                    connection, address = listening.accept()
                except OSError:
                    return
                connection.close()
                seen.append(address)

        threading.Thread(target=watch, daemon=True).start()
        yield listening.getsockname()[1], seen


def last_record(gateway):
    rows = gateway.ask("SELECT body FROM event ORDER BY id")
    return json.loads(rows[-1][0])["data"]


def test_a_message_leads_the_worker_to_no_address_of_the_machine_itself(tmp_path, canary):
    port, seen = canary
    settings = tmp_path / "lapor.toml"
    # Even a place that is named must be a public address.
    settings.write_text(f'[sources.twilio]\nmedia_from = ["https://localhost:{port}/"]\n')
    addresses = [
        f"https://localhost:{port}/foto.jpg",
        f"https://127.0.0.1:{port}/foto.jpg",
        f"https://[::ffff:127.0.0.1]:{port}/foto.jpg",
        f"http://localhost:{port}/foto.jpg",
        "https://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
    ]
    with real_gateway(tmp_path / "var", LAPOR_CONFIG=str(settings)) as gateway:
        gateway.serve()
        gateway.start("work")
        assert (
            gateway.sms("Jalan rusak di depan SD, fotonya terlampir", media=addresses).status == 200
        )
        wait_until(lambda: gateway.ask("SELECT 1 FROM event"), within=40)
        wait_until(
            lambda: {f["verdict"] for f in last_record(gateway)["attachments"]} == {"unavailable"},
            within=40,
        )
        record = last_record(gateway)
        assert "media_pending" not in record["flags"]
        assert record["revision"] == len(addresses) + 1
        listed = gateway.run("deadletters", "list")
        assert len(re.findall(r"\b[0-9a-f]{8}-[0-9a-f-]{27}\b", listed)) == len(addresses)
        assert "localhost" not in gateway.log_of("work")
        gateway.run("reconcile")
    assert seen == []
