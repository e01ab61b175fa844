"""The child process in which a file is opened: little memory, little time, no secrets.

The upload is its standard input, the copy its standard output, what it found its standard error.
"""

from __future__ import annotations

import json
import resource
import sys
from dataclasses import asdict

from gateway.attachments import verdicts

MOST_MEMORY = 640 * 1024 * 1024
MOST_CPU_SECONDS = 10
MOST_WRITTEN = 16 * 1024 * 1024


def main() -> None:
    """Rewrite one file; prints a Found as JSON. Dies of its limits."""
    for what, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_CPU, MOST_CPU_SECONDS),
        (resource.RLIMIT_FSIZE, MOST_WRITTEN),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    # Under the limits already: the parsers are what is to be limited.
    from gateway.attachments.rewriting import Found, rewrite  # noqa: PLC0415

    try:
        found, copy = rewrite(sys.stdin.buffer)
    except MemoryError:
        found, copy = Found(verdicts.TOO_HEAVY), b""
    except Exception:  # noqa: BLE001 - whatever a parser dies of, the file cannot be read
        found, copy = Found(verdicts.UNREADABLE), b""
    if len(copy) > MOST_WRITTEN:
        found, copy = Found(verdicts.TOO_HEAVY), b""
    sys.stdout.buffer.write(copy)
    sys.stdout.buffer.flush()
    sys.stderr.write(json.dumps(asdict(found)))


if __name__ == "__main__":
    main()
