"""What is said in public on X: at most 280 characters, no link, nothing about anybody.

X refuses to post the same text twice, so each ends with when it is about. A link would make a post
cost twenty times as much.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

from channels.base import AskedFor, Receipt, Saying
from channels.statuses import found_to_join, joined_words, status_words

LONGEST = 280
_WIB = timezone(timedelta(hours=7))
_HELP = (
    "Tulis laporan Anda dan sebut akun ini. Balas CEK (nomor) untuk status, TAMBAH (nomor) (teks) "
    "untuk keterangan, BATAL (nomor) untuk membatalkan. Data pribadi: pakai formulir di situs "
    "SP4N-LAPOR!."
)
_QUESTIONS: Mapping[AskedFor, str] = {
    "incident_location": (
        "Di mana kejadiannya? Balas di sini dengan nama jalan, desa atau kecamatannya, bukan "
        "alamat rumah Anda."
    ),
    "incident_date": "Kapan kejadiannya? Balas di sini dengan tanggalnya, atau misalnya: kemarin.",
}
_CONFIDENTIAL = (
    "Ada kabar tentang laporan Anda. Laporan ini rahasia, jadi tidak kami bahas di sini: lihat di "
    "situs SP4N-LAPOR!."
)


def say(saying: Saying) -> str:
    """Put into one post what is said by ourselves, with a question where there is one.

    What is confidential is not spoken of in public, not even by its number.
    """
    if saying.confidential:
        return _dated(_CONFIDENTIAL, saying.at)
    if saying.asks is None:
        return "" if saying.told else reply_text(saying.receipt, saying.at)
    number, question = saying.receipt.number, _QUESTIONS[saying.asks]
    if saying.told:
        return _dated(f"Laporan {number}: {question}", saying.at)
    return _dated(
        f"Terima kasih. Laporan Anda diterima dengan nomor {number}. {question}", saying.at
    )


def reply_text(receipt: Receipt, at: datetime) -> str:
    """Say what became of a post that came `at`; an empty string is silence."""
    said = _said(receipt)
    return _dated(said, at) if said else ""


def _dated(said: str, at: datetime) -> str:
    return f"{said} ({at.astimezone(_WIB):%d/%m %H.%M.%S})"


def _said(receipt: Receipt) -> str:
    number = receipt.number
    if receipt.kind == "new" and receipt.command == "add":
        return (
            f"Laporan {receipt.first_number} sudah ditutup. Keterangan Anda menjadi laporan baru "
            f"dengan nomor {number}. Balas CEK untuk status."
        )
    if receipt.kind == "new":
        return (
            f"Terima kasih. Laporan Anda diterima dengan nomor {number}. Balas CEK untuk status. "
            "Jangan tulis NIK, nomor HP atau alamat rumah di sini; pakai formulir di situs "
            "SP4N-LAPOR!."
        )
    if found_to_join(receipt):
        return joined_words(receipt)
    if receipt.kind == "repeat":
        return (
            f"Laporan ini sudah kami terima dan sedang diproses dengan nomor {number}. "
            "Balas CEK untuk status."
        )
    return _command_text(receipt) if receipt.kind in {"command", "answer"} else ""


def _command_text(receipt: Receipt) -> str:
    number = receipt.number
    if receipt.command == "help":
        return _HELP
    if number is None:
        return (
            "Nomor laporan tidak ditemukan untuk akun Anda. Periksa lagi nomornya, lalu balas CEK "
            "diikuti nomor laporan."
        )
    if receipt.command == "add" or receipt.kind == "answer":
        return f"Terima kasih. Keterangan Anda sudah ditambahkan ke laporan {number}."
    if receipt.command == "separate":
        return f"Baik. Laporan {number} kami proses sebagai laporan tersendiri. Terima kasih."
    if receipt.command == "withdraw" and receipt.status == "withdrawn":
        return f"Laporan {number} sudah dibatalkan sesuai permintaan Anda. Terima kasih."
    return f"Laporan {number} {status_words(receipt.status)}. Terima kasih."
