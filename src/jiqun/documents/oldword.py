"""What a compound file of old Office programs holds: Word and WPS texts, tables, slides; told by its streams.

Names of streams stand in the directory in UTF-16, 128 bytes an entry ([MS-CFB] 2.6); Word's own header begins the
stream WordDocument and says whether the text is encrypted ([MS-DOC] 2.5.2).
"""

from __future__ import annotations

import re
from enum import Enum

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENTRY_BYTES = 128
_ENCRYPTED = 0x0100  # bit F of the flags at offset 10


class Content(Enum):
    TEXT = "text"
    SHEET = "sheet"
    SLIDES = "slides"
    LOCKED = "locked"
    OTHER = "other"


def content_of(data: bytes) -> Content:
    """What the file holds. A docx behind a password is such a file too, with a stream EncryptedPackage."""
    if _entry(data, "EncryptedPackage") is not None:
        return Content.LOCKED
    text = _entry(data, "WordDocument")
    if text is not None:
        return Content.LOCKED if _is_locked(data, text) else Content.TEXT
    if _entry(data, "PowerPoint Document") is not None:
        return Content.SLIDES
    if _entry(data, "Workbook") is not None or _entry(data, "Book") is not None:
        return Content.SHEET
    return Content.OTHER


def _entry(data: bytes, stream: str) -> int | None:
    """Where the directory entry of a stream begins."""
    wanted = re.escape(stream.encode("utf-16-le") + b"\0\0")
    for found in re.finditer(wanted, data):
        size = int.from_bytes(data[found.start() + 64 : found.start() + 66], "little")
        if found.start() % _ENTRY_BYTES == 0 and size == 2 * len(stream) + 2:
            return found.start()
    return None


def _is_locked(data: bytes, entry: int) -> bool:
    shift = int.from_bytes(data[30:32], "little")
    if not 7 <= shift <= 16:
        return False
    sector = int.from_bytes(data[entry + 116 : entry + 120], "little")
    start = (sector + 1) << shift
    if data[start : start + 2] != b"\xec\xa5":
        return False
    return bool(int.from_bytes(data[start + 10 : start + 12], "little") & _ENCRYPTED)
