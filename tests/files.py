"""Builds files as citizens' phones make them, and as nobody's phone does."""

from __future__ import annotations

import io
from typing import Any

import pikepdf
from PIL import Image, PngImagePlugin
from pillow_heif import register_heif_opener

NEEDLE = "JARUM-GPS-106.8272-SARI"


def a_picture(kind: str = "JPEG", size: tuple[int, int] = (64, 48), **saved: Any) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(out, kind, **saved)
    return out.getvalue()


def _exif() -> bytes:
    exif = Image.Exif()
    exif[0x010E], exif[0x013B], exif[0x9286] = NEEDLE, NEEDLE, NEEDLE
    return exif.tobytes()


def _xmp() -> bytes:
    return f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{NEEDLE}</x:xmpmeta>".encode()


def a_heic(size: tuple[int, int] = (64, 48), **saved: Any) -> bytes:
    """Make what an iPhone makes of a photo."""
    register_heif_opener()
    return a_picture("HEIF", size, **saved)


def _png() -> bytes:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", NEEDLE)
    notes.add_itxt("XML:com.adobe.xmp", NEEDLE)
    return a_picture("PNG", pnginfo=notes, exif=_exif())


def a_pdf(*, jpeg: bytes | None = None) -> bytes:
    made, out = pikepdf.new(), io.BytesIO()
    page = made.add_blank_page()
    made.docinfo["/Author"] = NEEDLE
    with made.open_metadata() as xmp:
        xmp["dc:creator"] = [NEEDLE]
    page.obj.PieceInfo = pikepdf.Dictionary(Note=pikepdf.String(NEEDLE))
    made.attachments["ktp.txt"] = NEEDLE.encode()
    made.Root.OpenAction = pikepdf.Dictionary(
        S=pikepdf.Name.JavaScript, JS=pikepdf.String(f"app.alert('{NEEDLE}')")
    )
    if jpeg:
        scan = pikepdf.Stream(made, jpeg)
        scan.Type, scan.Subtype, scan.Filter = map(
            pikepdf.Name, ("/XObject", "/Image", "/DCTDecode")
        )
        scan.Width, scan.Height, scan.BitsPerComponent = 64, 48, 8
        scan.ColorSpace = pikepdf.Name.DeviceRGB
        page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=scan))
    made.save(out, compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return out.getvalue()


def unpacked(kept: bytes) -> bytes:
    """Give a file as it is and, of a PDF, what is packed in it."""
    if not kept.startswith(b"%PDF"):
        return kept
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(kept)) as made:
        made.save(
            out,
            compress_streams=False,
            stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
        )
    return kept + out.getvalue()


def _box(name: bytes, body: bytes) -> bytes:
    return (len(body) + 8).to_bytes(4, "big") + name + body


def a_film(brand: bytes = b"isom") -> bytes:
    note = _box(b"\xa9xyz", NEEDLE.encode())
    trak = _box(b"trak", _box(b"tkhd", bytes(84)) + _box(b"meta", note))
    moov = _box(b"mvhd", bytes(100)) + trak + _box(b"udta", note)
    return b"".join(
        (
            _box(b"ftyp", brand + bytes(4)),
            _box(b"free", NEEDLE.encode()),
            _box(b"moov", moov),
            _box(b"uuid", bytes(16) + NEEDLE.encode()),
            _box(b"mdat", b"film" * 50),
        )
    )


def _element(name: str, body: bytes) -> bytes:
    return bytes.fromhex(name) + (len(body) | 1 << 56).to_bytes(8, "big") + body


def a_webm() -> bytes:
    note = NEEDLE.encode()
    info = _element("1549A966", _element("7BA9", note) + _element("4D80", note))
    tags = _element("1254C367", _element("7373", note))
    film = _element("1F43B675", b"\xe7\x81\x00" + _element("A3", b"film" * 20))
    return _element("1A45DFA3", _element("4282", b"webm")) + _element(
        "18538067", info + film + tags
    )


TELLING = {
    "jpeg exif": lambda: a_picture(exif=_exif()),
    "jpeg comment": lambda: a_picture(comment=NEEDLE.encode()),
    "jpeg xmp": lambda: a_picture(xmp=_xmp()),
    "png": _png,
    "webp": lambda: a_picture("WEBP", exif=_exif(), xmp=_xmp()),
    "heic": lambda: a_heic(exif=_exif(), xmp=_xmp()),
    "gif": lambda: a_picture("GIF", comment=NEEDLE.encode()),
    "pdf": a_pdf,
    "pdf of a scan": lambda: a_pdf(jpeg=a_picture(exif=_exif())),
    "mp4": a_film,
    "3gp": lambda: a_film(b"3gp5"),
    "mov": lambda: a_film(b"qt  "),
    "webm": a_webm,
}


def a_heic_of_81_megapixels() -> bytes:
    """Give what says that it is of 81 million pixels: the sizes in its `ispe` boxes."""
    side = (9000).to_bytes(4, "big")
    first, *others = a_heic().split(b"ispe")
    return b"ispe".join([first, *(box[:4] + side + side + box[12:] for box in others)])


def a_bomb() -> bytes:
    """Give 81 million pixels in 10 KB."""
    out = io.BytesIO()
    Image.new("1", (9000, 9000)).save(out, "PNG")
    return out.getvalue()
