"""What the form tells a citizen about each field and each mistake."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from channels.submission import LONGEST_BODY, LONGEST_LINE, LONGEST_TITLE

CLASSIFICATIONS = {
    "complaint": "Pengaduan",
    "aspiration": "Aspirasi",
    "information_request": "Permintaan informasi",
}
STATUSES = {
    "received": "Diterima",
    "verified": "Diverifikasi",
    "forwarded": "Diteruskan",
    "in_progress": "Diproses",
    "awaiting_reporter": "Menunggu kelengkapan dari pelapor",
    "resolved": "Selesai",
    "archived": "Diarsipkan",
    "not_authorised": "Bukan wewenang",
    "withdrawn": "Dicabut pelapor",
}
FIELDS = {
    "title": "Judul laporan",
    "body": "Isi laporan",
    "incident_date": "Tanggal kejadian",
    "incident_location": "Lokasi kejadian",
    "agency": "Instansi tujuan",
    "category": "Kategori laporan",
    "attachments": "Lampiran",
}
VERDICTS = {
    "clean": "Siap dikirim",
    "not_decoded": "Siap dikirim",
    "not_allowed": "Jenis berkas ini tidak diterima, jadi tidak ikut terkirim",
    "unreadable": "Berkas rusak atau terkunci, jadi tidak ikut terkirim",
    "too_heavy": "Berkas terlalu berat untuk diperiksa, jadi tidak ikut terkirim",
}
MEGABYTE = 1024 * 1024
_MONTHS = (
    *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
    *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
)
_MISSING = {
    "title": "Tulis judul laporan",
    "body": "Ceritakan isi laporan Anda",
    "incident_date": "Isi tanggal kejadian",
    "incident_location": "Tulis lokasi kejadian",
}
_WRONG = {
    "title": f"Judul paling panjang {LONGEST_TITLE} huruf; persingkat judul Anda",
    "body": f"Isi laporan paling panjang {LONGEST_BODY} huruf; persingkat isinya",
    "incident_date": "Tulis tanggal kejadian lengkap: hari, bulan, dan tahun",
    "incident_location": f"Lokasi paling panjang {LONGEST_LINE} huruf; persingkat lokasinya",
    "classification": "Pilih salah satu jenis laporan",
    "agency": f"Nama instansi paling panjang {LONGEST_LINE} huruf",
    "category": f"Kategori paling panjang {LONGEST_LINE} huruf",
    "name": f"Nama paling panjang {LONGEST_LINE} huruf",
    "phone": "Nomor telepon paling panjang 30 angka",
    "email": "Tulis alamat surel seperti nama@contoh.id",
}
FUTURE = "Tanggal kejadian tidak boleh lebih dari hari ini"
STALE = (
    "Halaman ini sudah terlalu lama terbuka. Isian Anda masih ada; "
    "pilih lagi lampirannya, lalu kirim sekali lagi"
)
NOT_KEPT = "tidak ikut terkirim"
TOO_FAST = "Periksa sekali lagi isian Anda, lalu tekan Lanjutkan"
NO_ROOM = "Lampiran belum dapat disimpan; coba lagi nanti, atau kirim laporan tanpa lampiran"
BUSY = "Sistem sedang sibuk. Isian Anda masih tersimpan; silakan coba lagi sebentar lagi"
TOO_MANY = (
    "Terlalu banyak laporan dikirim hari ini dari kontak atau jaringan ini. "
    "Isian Anda masih tersimpan; silakan kirim lagi besok, atau lewat SMS ke 1708"
)


def size(count: int) -> str:
    """Write bytes as people do: 35 KB, 1,4 MB."""
    if count < MEGABYTE:
        return f"{-(-count // 1024)} KB"
    return f"{count / MEGABYTE:.1f} MB".replace(".", ",").replace(",0", "")


def too_many_files(most: int) -> str:
    """Say how many files one report may have."""
    return f"Lampiran paling banyak {most} berkas; kurangi, lalu pilih lagi"


def too_large(name: str, largest: int) -> str:
    """Say which file is too large, and what would do."""
    return f"Berkas {name[:80]} lebih besar dari {size(largest)}; perkecil, lalu pilih lagi"


def day(of: date) -> str:
    """Write a day as people do: 5 Februari 2026."""
    return f"{of.day} {_MONTHS[of.month - 1]} {of.year}"


def filters(zone: ZoneInfo) -> dict[str, Callable[[Any], str]]:
    """Give what the templates write days, times (in a zone) and sizes with."""

    def moment(of: datetime) -> str:
        local = of.astimezone(zone)
        return f"{day(local)}, {local:%H.%M %Z}"

    return {
        "tanggal": moment,
        "hari": lambda spelled: day(date.fromisoformat(spelled)),
        "ukuran": size,
    }


def mistakes(messages: Mapping[str, Any], typed: Mapping[str, str]) -> dict[str, str]:
    """Turn a schema's messages into one sentence a field, in the order of the form."""
    flat = {**messages, **dict(messages.get("reporter") or {})}
    return {
        name: _MISSING[name] if name in _MISSING and not typed.get(name, "").strip() else said
        for name, said in _WRONG.items()
        if name in flat
    }
