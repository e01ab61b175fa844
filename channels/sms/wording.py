"""What a phone receives: one GSM-7 SMS of at most 160 septets, in plain Indonesian."""

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


def reply_text(receipt: Receipt) -> str:
    """Say what became of a message; an empty string is silence."""
    number = receipt.number
    if receipt.kind == "new":
        return (
            f"Terima kasih. Laporan Anda diterima dengan nomor {number}. "
            f"Balas CEK {number} untuk status."
        )
    if receipt.kind == "repeat":
        return (
            f"Laporan ini sudah kami terima dan sedang diproses dengan nomor {number}. "
            f"Balas CEK {number} untuk status."
        )
    if receipt.kind == "command":
        return _status_text(receipt)
    return ""


def _status_text(receipt: Receipt) -> str:
    if receipt.number is None:
        return (
            "Nomor laporan tidak ditemukan untuk nomor HP ini. "
            "Periksa lagi nomornya, lalu balas CEK diikuti nomor laporan."
        )
    words = STATUS_WORDS.get(receipt.status or "", "sedang diproses")
    return f"Laporan {receipt.number} {words}. Terima kasih."
