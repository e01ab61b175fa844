"""What a phone receives: one GSM-7 SMS of at most 160 septets, in plain Indonesian."""

from __future__ import annotations

from collections.abc import Mapping

from channels.base import AskedFor, Receipt, Saying
from channels.statuses import found_to_join, joined_words, status_words

_HELP = (
    "Tulis laporan Anda, lalu kirim. CEK (nomor): status. "
    "TAMBAH (nomor) (teks): tambah isi. BATAL/BEDA (nomor): batal/beda laporan."
)
_QUESTIONS: Mapping[AskedFor, str] = {
    "incident_location": "Di mana kejadiannya? Balas dengan nama jalan, desa atau kecamatannya.",
    "incident_date": "Kapan kejadiannya? Balas dengan tanggalnya, atau misalnya: kemarin.",
}


def say(saying: Saying) -> str:
    """Put into one SMS what is said by ourselves, with a question where there is one."""
    if saying.asks is None:
        return "" if saying.told else reply_text(saying.receipt)
    number, question = saying.receipt.number, _QUESTIONS[saying.asks]
    if saying.told:
        return f"Laporan {number}: {question}"
    return f"Terima kasih. Laporan Anda diterima dengan nomor {number}. {question}"


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
    if found_to_join(receipt):
        return joined_words(receipt)
    if receipt.kind == "repeat":
        return (
            f"Laporan ini sudah kami terima dan sedang diproses dengan nomor {number}. "
            f"Balas CEK {number} untuk status."
        )
    if receipt.kind == "answer":
        return (
            f"Terima kasih. Keterangan Anda sudah ditambahkan ke laporan {number}. "
            "Untuk hal lain, awali SMS dengan kata LAPOR."
        )
    return _command_text(receipt) if receipt.kind == "command" else ""


_DONE = {
    "add": "Terima kasih. Keterangan Anda sudah ditambahkan ke laporan {number}.",
    "separate": "Baik. Laporan {number} kami proses sebagai laporan tersendiri. Terima kasih.",
    "claim": (
        "Terima kasih. Laporan {number} kini terhubung dengan nomor HP Anda. "
        "Balas CEK {number} untuk status."
    ),
}


def _command_text(receipt: Receipt) -> str:
    number = receipt.number
    if receipt.command == "help":
        return _HELP
    if number is None:
        return (
            "Nomor laporan tidak ditemukan untuk nomor HP ini. "
            "Periksa lagi nomornya, lalu balas CEK diikuti nomor laporan."
        )
    if receipt.command in _DONE:
        return _DONE[receipt.command].format(number=number)
    if receipt.command == "withdraw" and receipt.status == "withdrawn":
        return f"Laporan {number} sudah dibatalkan sesuai permintaan Anda. Terima kasih."
    return f"Laporan {number} {status_words(receipt.status)}. Terima kasih."
