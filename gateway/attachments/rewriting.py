"""Reads a file whole and writes it anew, without what it told of person and place.

Runs in a child process alone (see child.py): a hostile file may take what that is allowed.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import BinaryIO

import pikepdf
from PIL import Image, ImageOps, UnidentifiedImageError
from pillow_heif import register_heif_opener

from gateway.attachments import verdicts, video

MOST_PIXELS = 30_000_000
_AS = {"JPEG": "JPEG", "PNG": "PNG", "WEBP": "WEBP", "GIF": "PNG", "HEIF": "JPEG"}
_SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"RIFF")
# What iPhones make, ISO/IEC 23008-12: the same container as a film's.
_HEIF_BRANDS = (b"ftypheic", b"ftypheix", b"ftypheim", b"ftypheis", b"ftypmif1")
_HEAD = 1024  # bytes of it in which a PDF must have begun
_MODES = {"JPEG": ("L", "RGB"), "PNG": ("L", "LA", "RGB", "RGBA"), "WEBP": ("RGB", "RGBA")}
# What runs by itself, hides files, or tells of who wrote it.
_PDF_KEYS = ("/Metadata", "/PieceInfo", "/AA", "/OpenAction", "/AF", "/LastModified", "/JS", "/XFA")
_PDF_NAMES = ("/EmbeddedFiles", "/JavaScript")
_JPEG_KEPT = {0xE0, 0xE2, 0xEE}  # JFIF, the colour profile, Adobe's colour transform
_START_OF_SCAN = 0xDA


@dataclass(frozen=True, slots=True)
class Found:
    """What a file turned out to be; `media_type` is that of what was written."""

    verdict: str
    media_type: str | None = None


def rewrite(source: BinaryIO) -> tuple[Found, bytes]:
    """Tell what a file is, and give the harmless copy, where the verdict is one to keep."""
    head = source.read(_HEAD)
    source.seek(0)
    if head.startswith(_SIGNATURES) or head[4:].startswith(_HEIF_BRANDS):
        return _image(source)
    if head.startswith(b"%PDF-"):
        return _pdf(source)
    kind = video.media_type(head)
    if kind is None:
        return Found(verdicts.NOT_ALLOWED), b""
    try:
        film = video.blank(source.read(), kind)
    except video.NotAVideo:
        return Found(verdicts.UNREADABLE), b""
    return Found(verdicts.NOT_DECODED, kind), film


def _image(source: BinaryIO) -> tuple[Found, bytes]:
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    register_heif_opener(thumbnails=False, decode_threads=1)
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        with Image.open(source, formats=tuple(_AS)) as picture:
            kind = _AS[str(picture.format)]
            picture.load()
            upright = ImageOps.exif_transpose(picture)
            mode = _mode(upright, kind)
            shown = upright if upright.mode == mode else upright.convert(mode)
            canvas = Image.new(mode, shown.size)
            canvas.paste(shown)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        return Found(verdicts.TOO_HEAVY), b""
    except UnidentifiedImageError:
        known = verdicts.NOT_ALLOWED if _is_other_riff(source) else verdicts.UNREADABLE
        return Found(known), b""
    except (OSError, SyntaxError, ValueError, EOFError):  # Pillow's words for a damaged file
        return Found(verdicts.UNREADABLE), b""
    out = io.BytesIO()
    canvas.save(out, kind, **({} if kind == "PNG" else {"quality": 85}))
    return Found(verdicts.CLEAN, f"image/{kind.lower()}"), out.getvalue()


def _is_other_riff(source: BinaryIO) -> bool:
    """Tell a sound or another RIFF from a damaged picture."""
    source.seek(0)
    head = source.read(12)
    return head[:4] == b"RIFF" and head[8:] != b"WEBP"


def _mode(picture: Image.Image, kind: str) -> str:
    if picture.mode in _MODES[kind]:
        return picture.mode
    return "RGBA" if kind != "JPEG" and picture.has_transparency_data else "RGB"


def _pdf(source: BinaryIO) -> tuple[Found, bytes]:
    out = io.BytesIO()
    try:
        with pikepdf.open(source) as document:
            _empty(document)
            # A new file of what can be reached: nothing before, between or after it is copied.
            document.save(out, deterministic_id=True, fix_metadata_version=False)
    except (pikepdf.PdfError, pikepdf.PasswordError, ValueError, RecursionError):
        return Found(verdicts.UNREADABLE), b""
    return Found(verdicts.CLEAN, "application/pdf"), out.getvalue()


def _empty(document: pikepdf.Pdf) -> None:
    if not len(document.pages):
        raise ValueError("no page")
    if "/Info" in document.trailer:
        del document.trailer["/Info"]
    for item in document.objects:
        if isinstance(item, pikepdf.Stream | pikepdf.Dictionary):
            _plain(item)
    for page in document.pages:
        _drop(page.obj, _PDF_KEYS)
    _drop(document.Root, ("/Collection",))
    for name, below in (("/Names", _PDF_NAMES), ("/AcroForm", ("/XFA",))):
        if name in document.Root:
            _drop(document.Root[name], below)


def _plain(item: pikepdf.Object) -> None:
    _drop(item, _PDF_KEYS)
    if isinstance(item, pikepdf.Stream):
        if _is_jpeg(item.get("/Filter")):
            plain = without_segments(item.read_raw_bytes())
            item.write(plain, filter=pikepdf.Name.DCTDecode)
    elif item.get("/Subtype") == pikepdf.Name.FileAttachment or "/EF" in item:
        _drop(item, ("/FS", "/EF", "/Contents", "/T"))


def _is_jpeg(filters: object) -> bool:
    """Tell a stream that is a JPEG and nothing around it."""
    only = filters[0] if isinstance(filters, pikepdf.Array) and len(filters) == 1 else filters
    return only == pikepdf.Name.DCTDecode


def _drop(item: pikepdf.Object, keys: tuple[str, ...]) -> None:
    for key in keys:
        if key in item:
            del item[key]


def without_segments(jpeg: bytes) -> bytes:
    """Take the notes (EXIF, XMP, IPTC, comments) out of a JPEG without touching its picture."""
    out, at = io.BytesIO(), 2
    out.write(jpeg[:2])
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF:  # noqa: PLR2004 - JPEG's marker
        marker, size = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if marker == _START_OF_SCAN:
            break
        is_note = (0xE0 <= marker <= 0xEF or marker == 0xFE) and marker not in _JPEG_KEPT  # noqa: PLR2004 - T.81, table B.1
        if not is_note:
            out.write(jpeg[at : at + 2 + size])
        at += 2 + size
    out.write(jpeg[at:])
    return out.getvalue()
