"""The words before a number that tell what number it is."""

from __future__ import annotations

import re

LABEL_REACH = 40  # characters between which a label and its number stand

_KINDS = {
    "nik": "nik ktp e-ktp ektp",
    "kk": "kk",
    "bpjs": "bpjs jkn kis noka kpj bpjstk jamsostek",
    "kip": "kip",
    "kks": "kks",
    "pkh": "pkh",
    "kps": "kps",
    "npwp": "npwp",
    "nip": "nip nrp nuptk nisn",
    "account": "rek rekening norek bri bni bca btn bsi mandiri va",
    "phone": "hp wa telp tlp telepon telpon tlpn kontak hubungi hub whatsapp nohp ponsel cp call",
    "plate": "plat nopol pelat motor mobil truk truck angkot bus kendaraan",
}
_KIND_OF = {word: kind for kind, words in _KINDS.items() for word in words.split()}
_LABEL = re.compile(
    r"(?<![a-z])(?:(kartu|nomor)\s+(keluarga|polisi)|("
    + "|".join(sorted(_KIND_OF, key=len, reverse=True))
    + r"))(?![a-z])"
)
# What may stand between a label and its number; any other word breaks the tie.
_BETWEEN = re.compile(
    r"(?:[\s:.,=#()/\[\]\"'-]|no|nomor|nmr|number|nya|sy|saya|kami|dia|ibu|bapak|anak|istri|suami|a\.?n"
    r"|adalah|ialah|yaitu|di|ke|dgn|dengan|kartu|kantor|kesehatan|ketenagakerjaan|tk|bank|pelapor"
    r"|aktif|lama|baru|peserta|milik|ini|pribadi|wali|orang\s*tua|almarhum|alm)*"
)


def label_before(text: str, start: int, end: int) -> str | None:
    """Give the kind that the words before `start` tell; they reach back no farther than `end`."""
    return _label(text, start, end, near=False)


def label_near(text: str, start: int, end: int) -> str | None:
    """Give the kind as `label_before`, where nothing but small words stands between."""
    return _label(text, start, end, near=True)


def _label(text: str, start: int, end: int, *, near: bool) -> str | None:
    before = text[max(end, start - LABEL_REACH) : start].lower()
    last = max(_LABEL.finditer(before), key=re.Match.start, default=None)
    if last is None or (near and _BETWEEN.fullmatch(before, last.end()) is None):
        return None
    return "kk" if last[1] == "kartu" else "plate" if last[1] else _KIND_OF[last[3]]
