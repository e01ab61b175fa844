"""`lapor <command>` with one thing changed: changed.py short-lease|deadly <command>."""

from __future__ import annotations

import os
import sys

from gateway import embedded
from gateway.cli import main
from gateway.reading import Reader

POISON = "racunmematikan"


def short_lease() -> None:
    """Let what a dead consumer held come back after a second, not a minute."""
    init = embedded.Channel.__init__

    def impatient(channel, connection, **kwargs) -> None:
        connection.client.transport_options.setdefault("lease", 1)
        init(channel, connection, **kwargs)

    embedded.Channel.__init__ = impatient


def deadly() -> None:
    """Die of a word at once, as of a crash in a library; nothing is tidied up."""

    ordinarily = Reader.__call__

    def read(reader, message, **kwargs):
        if POISON in message.text:
            os._exit(139)
        return ordinarily(reader, message, **kwargs)

    Reader.__call__ = read


if __name__ == "__main__":
    {"short-lease": short_lease, "deadly": deadly}[sys.argv.pop(1)]()
    main()
