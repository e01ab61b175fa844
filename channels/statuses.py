"""How a complaint stands, in words that every door says to its reporter."""

from __future__ import annotations

from collections.abc import Mapping

from channels.base import Receipt

STATUS_WORDS: Mapping[str, str] = {
    "received": "sudah diterima dan menunggu verifikasi",
    "verified": "sudah diverifikasi",
    "forwarded": "sudah diteruskan ke instansi terkait",
    "in_progress": "sedang ditindaklanjuti instansi terkait",
    "awaiting_reporter": "menunggu keterangan tambahan dari Anda",
    "resolved": "sudah selesai ditangani",
    "archived": "sudah diarsipkan",
    "not_authorised": "bukan wewenang instansi pemerintah yang dituju",
    "withdrawn": "sudah dibatalkan",
}


def status_words(status: str | None) -> str:
    """Say how a complaint stands; a status without words is simply in process."""
    return STATUS_WORDS.get(status or "", "sedang diproses")


def found_to_join(receipt: Receipt) -> bool:
    """Tell whether it was found only later to be about what is in process already."""
    near = receipt.kind == "repeat" and receipt.number != receipt.first_number
    return near or receipt.kind == "supported"


def joined_words(receipt: Receipt) -> str:
    """Say so: of another reporter nothing is said, not even a number."""
    number = receipt.number
    if receipt.kind == "supported":
        return (
            "Hal ini sudah dilaporkan warga lain dan sedang diproses. "
            f"Laporan Anda {number} ikut dicatat. Terima kasih."
        )
    return (
        f"Laporan {number} sama dengan laporan Anda {receipt.first_number} yang sedang diproses. "
        f"Bila bukan, balas BEDA {number}."
    )
