"""What a file is, told by its bytes; and its lines, by the reader for that format."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from enum import StrEnum
from pathlib import PurePath

from jiqun.documents import conversion, decoding, markdown, ofd, oldword, pdf, webpage, word
from jiqun.documents.faults import fault, refusal
from jiqun.documents.lines import Source, split


class Kind(StrEnum):
    """A format that can be read; the value is what messages call it."""

    TEXT = "纯文本"
    MARKDOWN = "Markdown"
    HTML = "网页"
    DOCX = "docx"
    PDF = "pdf"
    OFD = "ofd"
    DOC = "doc"
    RTF = "rtf"


_SUFFIXES = {
    Kind.TEXT: {"txt", "text", ""},
    Kind.MARKDOWN: {"md", "markdown", "txt", "text", ""},
    Kind.HTML: {"html", "htm", "shtml", "xhtml", ""},
    Kind.DOCX: {"docx", "docm", "dotx", ""},
    Kind.PDF: {"pdf", ""},
    Kind.OFD: {"ofd", ""},
    Kind.DOC: {"doc", "dot", "wps", "wpt", ""},
    Kind.RTF: {"rtf", "doc", ""},  # what word processors save as doc is often rtf inside
}
_KNOWN_SUFFIXES = frozenset[str]().union(*_SUFFIXES.values())
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*")
_HTML_HEAD = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,2000}?-->\s*){0,5}<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_HTML_TAGS = re.compile(r"</?(?:p|div|br|span|table|td|h[1-6]|a|ul|li|meta)\b[^<>]{0,500}>", re.I)


_BINARY = {Kind.PDF: pdf.read, Kind.DOCX: word.read, Kind.OFD: ofd.read}
_CONVERTED = {Kind.DOC: "application/msword", Kind.RTF: "application/rtf"}


def read(data: bytes, name: str) -> Source:
    """The lines of a file of any accepted format, with a warning where its name says another.

    Raises InputRefused for a format that is not accepted, or a file its reader refuses.
    """
    if not data.strip():
        raise refusal("empty", name)
    binary = _binary_kind(data, name)
    if binary is None:
        source, kind = _read_text(data, name)
    elif binary in (Kind.DOC, Kind.RTF):
        source, kind = _converted(data, binary, name), binary
    else:
        source, kind = _BINARY[binary](data, name), binary
    suffix = PurePath(name).suffix.lower().lstrip(".")
    if suffix in _KNOWN_SUFFIXES - _SUFFIXES[kind]:
        warning = fault("name_mismatch", name, suffix=suffix, kind=kind.value)
        source = replace(source, findings=(*source.findings, warning))
    return source


def _converted(data: bytes, kind: Kind, name: str) -> Source:
    source = word.read(conversion.to_docx(data, kind.value, name), name)
    return replace(source, media_type=_CONVERTED[kind], findings=(fault("converted", name, kind=kind.value),))


def _read_text(data: bytes, name: str) -> tuple[Source, Kind]:
    decoded = decoding.decode(data, name, webpage.declared_encoding(data) if b"<" in data[:4096] else None)
    text = decoded.text
    source = Source(text, (), "text/plain", findings=decoded.findings)
    suffix = PurePath(name).suffix.lower()
    if _HTML_HEAD.match(text[:4000]) or _is_fragment(text, suffix):
        return webpage.read(text, source), Kind.HTML
    if suffix in (".md", ".markdown"):
        return markdown.read(text, source), Kind.MARKDOWN
    return replace(source, lines=tuple(split(text))), Kind.TEXT


def _is_fragment(text: str, suffix: str) -> bool:
    """Whether a text without an html head is a piece of a page all the same."""
    tags = len(_HTML_TAGS.findall(text[:20_000]))
    if suffix in (".html", ".htm", ".shtml", ".xhtml"):
        return tags > 0
    return suffix not in (".md", ".markdown") and tags >= 10 and text.lstrip().startswith("<")


def _binary_kind(data: bytes, name: str) -> Kind | None:
    """The kind of a binary file; None for text. Raises InputRefused for kinds that are not documents."""
    if b"%PDF-" in data[:1024]:
        return Kind.PDF
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(data, name)
    if data.startswith(oldword.SIGNATURE):
        return _old_kind(data, name)
    if data.startswith(b"{\\rtf"):
        return Kind.RTF
    if data.startswith(_PICTURES) and b"\0" in data[:512]:
        raise refusal("other_format", name, kind="图片", advice="请先作文字识别，再导入文字。")
    return None


def _old_kind(data: bytes, name: str) -> Kind:
    what = oldword.content_of(data)
    if what is oldword.Content.LOCKED:
        raise refusal("encrypted", name)
    if what is oldword.Content.SHEET:
        raise refusal("other_format", name, kind="表格（xls、et）", advice="数据表请用导入功能。")
    if what is oldword.Content.SLIDES:
        raise refusal("other_format", name, kind="演示文稿（ppt、dps）", advice="请把文字另存为 docx。")
    if what is oldword.Content.OTHER:
        raise refusal("old_format", name)
    return Kind.DOC


def _zip_kind(data: bytes, name: str) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = {entry.lstrip("/") for entry in archive.namelist()}
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise refusal("damaged", name, kind="压缩") from error
    if any(re.fullmatch(r"word/document\d*\.xml", entry) for entry in names):
        return Kind.DOCX
    if any(entry.startswith("xl/") for entry in names):
        raise refusal("other_format", name, kind="表格（xlsx）", advice="数据表请用导入功能。")
    if any(entry.startswith("ppt/") for entry in names):
        raise refusal("other_format", name, kind="演示文稿（pptx）", advice="请把文字另存为 docx。")
    if ofd.ROOT in names:
        return Kind.OFD
    raise refusal("other_format", name, kind="压缩包", advice="请解压后逐个导入。")
