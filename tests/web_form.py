"""Fills the web form over HTTP, as a browser without scripts does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from config.settings import load
from gateway import schema
from gateway.assembly import Gateway, assemble

TYPED = {
    "classification": "complaint",
    "title": "Lampu jalan padam",
    "body": "Lampu di depan pasar padam.\r\nSudah seminggu & gelap <sekali>.",
    "incident_date": "2026-01-15",
    "incident_location": "Jalan Melati, Sukamaju",
    "agency": "Dinas Perhubungan",
    "name": "Warga Contoh",
    "phone": "0812-0000-0017",
}


@contextmanager
def form_gateway(
    folder: Path, more: str = "", top: Mapping[str, str] | None = None, **settings: object
) -> Iterator[Gateway]:
    """Give a gateway on a store of its own whose form takes no offence at quick typing."""
    file = folder / "settings.toml"
    lines = [f"{name} = {value}" for name, value in {"least_seconds": 0, **settings}.items()]
    above = [f'{name} = "{value}"' for name, value in (top or {}).items()]
    file.write_text("\n".join([*above, "[form]", *lines, more, ""]))
    made = assemble(load({"LAPOR_VAR_DIR": str(folder / "var"), "LAPOR_CONFIG": str(file)}))
    schema.migrate(made.store, made.identity)
    yield made
    made.store.close_engine()


def token_of(page: Any) -> str:
    """Give the draft's token of a form or check page."""
    return re.search(r'name="draft" value="([^"]+)"', page.text)[1]  # type: ignore[index]


def check(client: Any, path: str = "/", **changed: str) -> Any:
    """Fill the form; gives the answer of the first step."""
    start = client.get(path)
    slug = re.search(r'name="instansi" value="([^"]*)"', start.text)[1]  # type: ignore[index]
    given = {**TYPED, **changed, "draft": token_of(start), "instansi": slug, "langkah": "periksa"}
    return client.post("/laporan", data=given)


def confirm(client: Any, where: str, chosen: Mapping[str, str] | None = None) -> Any:
    """Press "Kirim laporan" on the check page; gives the answer."""
    page = client.get(where)
    data = {"draft": token_of(page), "langkah": "kirim", **(chosen or {})}
    return client.post("/laporan", data=data)


def send(client: Any, **changed: str) -> str:
    """Go all the way; gives the path of the receipt."""
    answer = confirm(client, check(client, **changed).location)
    assert answer.status_code == 303, answer.text
    return str(answer.location)
