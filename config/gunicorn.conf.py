"""How gunicorn serves the gateway: `gunicorn -c config/gunicorn.conf.py gateway.wsgi:app`."""

import os
import re
import shutil

from gunicorn.glogging import Logger

from config.settings import load

_settings = load()
_web = _settings.web
# Where the workers of this server count together; prometheus_client reads it when imported.
_counts = _settings.var_dir / "metrics" / str(_web.port)
_COUNTED_IN = 65_536  # bytes; as large as prometheus_client makes a file
raw_env = [
    f"PROMETHEUS_MULTIPROC_DIR={_counts}",
    # Under gevent psycopg would wait in the event loop; it is called in native threads instead.
    "PSYCOPG_WAIT_FUNC=wait_c",
]
bind = f"{_web.bind}:{_web.port}"
workers = _web.workers
worker_class = _web.worker_class
threads = _web.threads
# Without it one worker can end up with every keep-alive connection.
reuse_port = True
# gunicorn 27 opens ~/.gunicorn/gunicorn.ctl by default, shared by all instances of a user.
control_socket_disable = True
# Engines and connections belong to one process: nothing is made before the fork.
preload_app = False
timeout = 30
graceful_timeout = 30
keepalive = 65
limit_request_line = 8190


def on_starting(_server: object) -> None:
    """Begin to count afresh: the files are by process id, and ids come again."""
    shutil.rmtree(_counts, ignore_errors=True)
    _counts.mkdir(parents=True)


def post_fork(_server: object, worker: object) -> None:
    """Reserve the disk a worker counts on.

    prometheus_client writes to it as to memory, and on a full disk that kills the process. A
    worker that finds no room counts alone.
    """
    try:
        for kind in ("counter", "histogram"):
            with (_counts / f"{kind}_{worker.pid}.db").open("ab") as file:  # type: ignore[attr-defined]
                os.posix_fallocate(file.fileno(), 0, _COUNTED_IN)
    except OSError:
        os.environ.pop("PROMETHEUS_MULTIPROC_DIR")


class Discreet(Logger):
    """Keeps out of the access log what opens a page: secret links, and tokens of drafts."""

    def atoms(self, *told: object) -> dict[str, object]:
        """Give what a line may hold."""
        found: dict[str, object] = super().atoms(*told)
        return {**found, "U": _OPENS.sub(r"\1-", str(found["U"]))}


# The access log has the path, but for what opens a citizen's own page, and never the query, where
# senders and tokens are.
_OPENS = re.compile(r"^(/+laporan/+[^/]+/).*", re.DOTALL)
logger_class = Discreet
accesslog = "-"
access_log_format = (
    '{"event": "request", "method": "%(m)s", "path": "%(U)s", "status": %(s)s, "us": %(D)s}'
)
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "config.logging.formatter"},
        "plain": {"format": "%(message)s"},
    },
    "handlers": {
        "error": {
            "class": "logging.StreamHandler",
            "formatter": "json",
            "stream": "ext://sys.stdout",
        },
        "access": {
            "class": "logging.StreamHandler",
            "formatter": "plain",
            "stream": "ext://sys.stdout",
        },
    },
    "root": {"level": "WARNING", "handlers": ["error"]},
    "loggers": {
        "gunicorn.error": {"level": "INFO", "handlers": ["error"], "propagate": False},
        "gunicorn.access": {"level": "INFO", "handlers": ["access"], "propagate": False},
    },
}
