"""What a text wants, read from canonical words: to thank, to ask, to say that it happened again."""

from __future__ import annotations

import re
from collections.abc import Sequence

from normalizer.lexicon import is_fault, matters, weight_of_matter

_MENDED = (
    r"normal|beres|memperbaiki|dibenarkan|dibetulkan|dirapikan|ditata|diservis|servis|ditambal"
    r"|menyala|nyala|hidup|lancar|sunyi|bersih|dibersihkan|ditangani|teratasi|aman|diganti|diangkut"
    r"|dikeruk|dikuras|disedot|dipasang|dipangkas|ditebang|ditertibkan|diaspal|disemprot|mengalir"
    r"|surut|sembuh"
)
# "The money was sent, but not to us" is one story, and so is "it is ready, but nobody opens".
_GIVEN = r"dibayar\w*|selesai|ditindaklanjuti|dibuka|cair|terbit|dilayani|diterima|dikirim|tersedia"
_FIXED = rf"(?:{_MENDED}|{_GIVEN})"
_MUCH = re.compile(r"\b(?:masih|belum|tetapi|namun|padahal|malah|kecewa)\b")
_WANTS = re.compile(r"\b(?:tetap|kok|kenapa|mohon|menunggu|nunggu|tunggu)\b")
_THANKS = re.compile(
    r"^(?:\w+ ){0,4}terima kasih\b|\balhamdulillah\b"
    r"|^(?:\w+ ){0,3}(?:mantap|salut|apresiasi|hebat)\b"
)
_IS_WELL = re.compile(
    rf"\b(?:sudah|telah|akhirnya) (?:\w+ )?{_FIXED}\b"
    r"|\b(?:sudah|akhirnya) jadi\b"
    r"|\b(?:sudah|telah|sekarang) (?:tidak \w+ lagi|bisa|sesuai|baik|ada lagi)\b"
)
_NO_MORE = re.compile(r"\bsudah tidak \w+ lagi\b")
_ASKS = re.compile(
    r"^(?:\w+ ){0,5}(?:apakah|berapa(?! \w+ lagi)|bagaimana(?! ini| sih| nih| dong| kok| kabar))\b"
    r"|^(?:\w+ ){0,3}(?:mau|ingin|numpang|izin|mohon|minta)? ?"
    r"(?:tanya|nanya|bertanya|menanyakan|info)\b"
    r"|\bapa (?:perlu|bisa|boleh|harus|saja|ada)\b|\bsyarat(?:nya)? apa\b|\bapa syarat\w*"
    r"|\bjam berapa\b|\b(?:bisa|boleh) (?:pakai|lewat|online) (?:\w+ )?tidak\b"
    r"|\b(?:nomor tiket|atau tidak|atau belum|konfirmasi)\b"
    r"|\b(?:sudah|sudah sampai) (?:tahap|mana|apa)\b|\bapakah\b"
    r"|\b(?:tindak lanjut|kelanjutan|perkembangan|progres) (?:laporan|pengaduan|aduan)\b"
    r"|\bmenindaklanjuti laporan\b"
    r"|\bkapan (?:ada )?(?:hasil|jawaban|tanggapan|tindak lanjut)\w*\b"
    r"|\blaporan (?:saya|kami|itu) (?:\w+ ){0,4}(?:diteruskan|diproses)\b"
    r"|\b(?:buka|bisa|boleh|perlu|harus|sudah|ada|gratis) tidak(?: ya| sih| pak| bu| min)?$"
)
# What a text calls itself is not outweighed by what "is not yet registered".
_IS_QUESTION = re.compile(
    r"^(?:(?:mau|ingin|numpang|izin) )?(?:pertanyaan|tanya|nanya|bertanya)\b(?!.*\bkapan\b)"
    r".*\b(?:berapa|apakah|syarat\w*|caranya|boleh)\b"
)
_REPORT = re.compile(r"\b(?:laporan|aduan|pengaduan|pertanyaan)\b")
_WHEN = re.compile(r"^(?:\w+ ){0,5}kapan\b|\bkapan (?:mulai|jadwal)\b")
_ANSWER = (
    r"(?:tindak\w*|jawab\w*|tanggap\w*|respon\w*|kabar|beri\w*|diberi\w*|hasil\w*|gubris"
    r"|digubris|ditanggapi|direspon|dijawab)"
)
_OPEN = re.compile(
    r"\b(?:belum|masih|tetap|kok|diam|kenapa|lambat|lama|abai|diabaikan|kunjung)\b"
    rf"|\btidak (?:ada|di|pernah)? ?{_ANSWER}\b"
)
_TELLS = (
    r"(?:tanya|menanyakan|bertanya|lapor|melapor|melaporkan|laporan|mengadu|mohon|ulangi|mengulangi"
    r"|kirim|ingatkan|mengingatkan|menulis|minta|diminta)"
)
_SAID_AGAIN = re.compile(
    rf"\b{_TELLS}(?: \w+)? (?:lagi|kembali|ulang)\b"
    r"|\b\w+ (?:\w+ )?(?:hari|minggu|pekan|bulan) lalu (?=belum|tidak)"
    r"|\b(?:di\w+|mengambil|menarik|masuk|pulang) kembali\b|\b(?:bukan|tidak) lagi\b"
    r"|\b[0-9]+ (?:orang |hari |bulan )?lagi\b"
    r"|\b(?:mestinya|seharusnya|harusnya) sudah \w+\b"
    r"|\b(?:sekali|sebentar|bentar) lagi\b|\bkembali (?:mohon|lapor)\b"
    r"|\b(?:tidak|belum) (?:(?:bisa|dapat|pernah|ada|mau|boleh|perlu) )?(?:masuk )?\w+ lagi\b"
    r"|\b(?:berapa|apa|siapa|mana|kapan)(?: \w+)? lagi\b"
)
_TIME = (
    r"(?:lalu|kemarin|baru|barusan|hari i?ni|tadi|sekarang|kini|kemudian|bulan i?ni|minggu i?ni"
    r"|malam i?ni|pagi i?ni|semalam|ternyata|padahal)"
)
_AGAIN = re.compile(
    rf"\b(?:lagi|kembali|terulang|ulang|berulang)\b.{{0,80}}\b{_TIME}\b"
    rf"|\b{_TIME}\b.{{0,80}}\b(?:lagi|kembali|terulang|ulang)\b|\blagi lagi\b"
)
_SINCE = (
    r"(?:tetapi|lagi|sekarang|kini|malah|ulang|namun|ternyata|giliran|eh"
    r"|pagi i?ni|malam i?ni|hari i?ni|tadi)"
)
_ANEW = r"(?:lagi|sekarang|kini|ulang|giliran|hari i?ni|bulan i?ni|minggu i?ni)"
_LATER = re.compile(
    r"\bkali i?ni\b|\bgiliran (?:\w+ ){1,2}lain\b|\b(?:hari|minggu|bulan) kemudian\b"
    rf"|\b(?:baru|sudah|sempat|pernah|telah)(?: \w+){{0,3}} (?:{_MENDED})\b.{{0,80}}\b{_SINCE}\b"
    rf"|\b(?:baru|sudah|sempat|pernah|telah)(?: \w+){{0,3}} (?:{_GIVEN})\b.{{0,80}}\b{_ANEW}\b"
    rf"|\bsudah (?:ada|bisa|baik|cepat)\b.{{0,40}}\b{_SINCE}\b"
    r"|\b(?:kemarin|lalu|tadinya|dulu) sudah\b.{0,60}\b(?:sekarang|lagi|ulang|kini)\b"
)


def moods(said: Sequence[str]) -> tuple[str, ...]:
    """Name what a text wants: thanks, asks, again, later; mostly nothing, as it complains.

    "When?" only asks if nothing is said to be wrong: else it is a reminder.
    """
    spoken = " ".join(said)
    news = _SAID_AGAIN.sub(" ", spoken)
    found = [name for name, sign in (("again", _AGAIN), ("later", _LATER)) if sign.search(news)]
    if not found and not _MUCH.search(spoken):
        is_well = _IS_WELL.search(spoken) and not _WANTS.search(spoken)
        if is_well or _THANKS.search(spoken):
            found.append("thanks")
    if _NO_MORE.search(spoken):
        found.append("thanks")
    asks = _ASKS.search(spoken) or (not _has_fault(said) and _WHEN.search(spoken))
    is_open = _OPEN.search(spoken) and not _IS_QUESTION.search(spoken)
    if asks and not is_open and not _is_aside(asks, said):
        found.append("asks")
    return tuple(dict.fromkeys(found))


def _is_aside(asks: re.Match[str], said: Sequence[str]) -> bool:
    """Say whether a question only ends what complains: "... Apakah ada asuransi?"."""
    before = asks.string[: asks.start()]
    many = len(before.split())
    is_about_a_report = _REPORT.search(before)
    return many > len(said) // 2 and not is_about_a_report and _has_fault(said[:many])


def _has_fault(said: Sequence[str]) -> bool:
    return any(
        is_fault(matter) and weight_of_matter(matter) == 1
        for word in said
        for matter in matters(word)
    )
