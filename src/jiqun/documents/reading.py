"""The door of the room: a file of any accepted format, read."""

from __future__ import annotations

import hashlib
from pathlib import Path

from jiqun.documents import opening
from jiqun.documents.assembly import assemble
from jiqun.documents.document import Document
from jiqun.documents.faults import refusal
from jiqun.model import files
from jiqun.model.errors import InputRefused

LIMIT_BYTES = 200 * 1024 * 1024


def read(source: str | Path | bytes, name: str | None = None) -> Document:
    """The document in a txt, md, html, docx, pdf or ofd file, or a doc, wps or rtf file where LibreOffice is installed.

    What a file is, is told by its content and not by its name.

    Args:
        source: a path, or the bytes of a file.
        name: what messages call it; default the file's name.
    Raises:
        InputRefused: too large, empty, unreadable, encrypted, scanned, a zip bomb, another format, or no converter.
    """
    if isinstance(source, bytes):
        name = name or "未命名文件"
        data = source
    else:
        name = name or Path(source).name
        data = content(source, name)
    if len(data) > LIMIT_BYTES:
        raise _too_large(len(data), name)
    return assemble(opening.read(data, name), name, hashlib.sha256(data).hexdigest())


def content(source: str | Path, name: str | None = None) -> bytes:
    """The bytes of the file, for who keeps them beside what is read: a pipe gives them only once.

    Raises InputRefused: too large, a device, a folder, or not to be opened.
    """
    path, name = Path(source), name or Path(source).name
    try:
        found = files.read_within(path, LIMIT_BYTES)
    except OSError as error:
        raise refusal("unreadable", str(path), reason=files.why(error)) from error
    if isinstance(found, int):
        raise _too_large(found, name)
    return found


def _too_large(size: int, name: str) -> InputRefused:
    return refusal("too_large", name, size=-(-size >> 20), limit=LIMIT_BYTES >> 20)
