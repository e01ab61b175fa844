"""What the form needs of attachments: keep a file, show what was kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import IO, Any

from channels.web.given import Uploaded
from gateway.assembly import Gateway, Native, utc_now
from gateway.attachments.http import count_upload


class FormFiles:
    """The uploads of the form. One address may send so many a day, through whatever door."""

    def __init__(self, gateway: Gateway, native: Native[Any]):
        self._gateway = gateway
        self._native: Callable[[Callable[[], Any]], Any] = native
        self.most = gateway.settings.attachments.most
        self.largest = gateway.settings.attachments.largest

    def keep(
        self, stream: IO[bytes], name: str | None, media_type: str | None, client_address: str
    ) -> str:
        """Keep a file and give its id. Raises TooLarge, TooManyRequests and Overloaded."""
        self._native(lambda: count_upload(self._gateway, client_address, utc_now()))
        return self._gateway.attachments.receive(stream, name, media_type).id

    def find(self, ids: Sequence[str]) -> list[Uploaded]:
        """Give what these uploads are, as long as no complaint has them."""
        if not ids:
            return []
        found = self._native(lambda: self._gateway.attachments.find(ids))
        return [Uploaded(of.id, of.name or "", of.size, of.verdict) for of in found]
