"""How gunicorn serves the gateway: `gunicorn -c config/gunicorn.conf.py gateway.wsgi:app`."""

from config.settings import load

_web = load().web
bind = f"0.0.0.0:{_web.port}"
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

# The access log has the path and never the query, where senders and tokens are.
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
