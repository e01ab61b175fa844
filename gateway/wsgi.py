"""What gunicorn serves: `gateway.wsgi:app`, made in each worker after the fork."""

from __future__ import annotations

from typing import Any

from config import logging as config_logging
from config.settings import Settings, load
from gateway.app import create_app
from gateway.assembly import PATIENCE, Native, assemble, here, require_ready


def _native(settings: Settings) -> Native[Any]:
    """Under gevent, let what waits for the disk wait in a native thread, not in the event loop."""
    if settings.web.worker_class != "gevent":
        return here
    import gevent  # noqa: PLC0415 - an extra, only needed for this worker class

    pool = gevent.get_hub().threadpool
    return pool.apply  # type: ignore[no-any-return]


config_logging.configure()
_settings = load()
_run = _native(_settings)
_gateway = assemble(_settings, native=_run, patience=PATIENCE)
require_ready(_gateway)
app = create_app(_gateway, native=_run)
