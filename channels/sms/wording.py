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


_HELP = (
    "Tulis laporan Anda, lalu kirim. CEK (nomor): status. "
    "TAMBAH (nomor) (teks): tambah keterangan. BATAL (nomor): batalkan laporan."
)


def reply_text(receipt: Receipt) -> str:
    """Say what became of a message; an empty string is silence."""
    number = receipt.number
    if receipt.kind == "new" and receipt.command == "add":
        return (
            f"Laporan {receipt.first_number} sudah ditutup. Keterangan Anda menjadi laporan baru "
            f"dengan nomor {number}."
        )
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
    return _command_text(receipt) if receipt.kind == "command" else ""


def _command_text(receipt: Receipt) -> str:
    number = receipt.number
    if receipt.command == "help":
        return _HELP
    if number is None:
        return (
            "Nomor laporan tidak ditemukan untuk nomor HP ini. "
            "Periksa lagi nomornya, lalu balas CEK diikuti nomor laporan."
        )
    if receipt.command == "add":
        return f"Terima kasih. Keterangan Anda sudah ditambahkan ke laporan {number}."
    if receipt.command == "withdraw" and receipt.status == "withdrawn":
        return f"Laporan {number} sudah dibatalkan sesuai permintaan Anda. Terima kasih."
    words = STATUS_WORDS.get(receipt.status or "", "sedang diproses")
    return f"Laporan {number} {words}. Terima kasih."
