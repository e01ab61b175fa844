from __future__ import annotations

import pytest
from support import real_gateway


@pytest.fixture
def gateway(tmp_path):
    """A gateway whose leases are short, so that a dead worker's rows come back soon."""
    config = tmp_path / "settings.toml"
    config.write_text(
        'public_url = "http://127.0.0.1:8000"\n'
        "[processing]\nlease_seconds = 2.0\nmost_together = 20\n"
        "[intake]\nreplies_a_day = 1000000\n"
    )
    with real_gateway(tmp_path / "var", LAPOR_CONFIG=str(config)) as running:
        yield running
