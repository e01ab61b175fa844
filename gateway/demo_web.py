"""The web form, filled over HTTP as a browser without scripts does."""

from __future__ import annotations

import http.client
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

_TOKEN = re.compile(r'name="draft" value="([^"]+)"')


@dataclass(slots=True)
class Browser:
    """Follows one citizen through the form of the gateway on a port."""

    port: int
    least_seconds: float
    cookie: str = field(default="", init=False)

    def send(self, typed: Mapping[str, str]) -> tuple[int, str]:
        """Fill the form, check it, and send it; gives the status and where the last step led."""
        token = self._draft("/")
        time.sleep(self.least_seconds)  # nobody fills a form faster
        status, where = self._post({**typed, "draft": token, "langkah": "periksa"})
        if status != http.HTTPStatus.SEE_OTHER:
            return status, "the form was not taken"
        token = self._draft(where)
        return self._post({"draft": token, "langkah": "kirim"})

    def _draft(self, path: str) -> str:
        _, _, page = self._ask("GET", path)
        found = _TOKEN.search(page)
        return found[1] if found else ""

    def _post(self, form: Mapping[str, str]) -> tuple[int, str]:
        status, where, _ = self._ask("POST", "/laporan", urlencode(form))
        return status, where

    def _ask(self, method: str, path: str, body: str = "") -> tuple[int, str, str]:
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            page = answer.read().decode()
        finally:
            connection.close()
        if given := answer.getheader("Set-Cookie"):
            self.cookie = given.partition(";")[0]
        return answer.status, answer.getheader("Location", ""), page
