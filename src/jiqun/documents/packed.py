"""Files that are a zip of XML parts: read with a limit on what they expand to, and without entities."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from types import TracebackType

from lxml import etree

from jiqun.documents.faults import refusal

_PART_BYTES = 64 << 20  # of one part, expanded
_ALL_BYTES = 512 << 20  # of all parts that are read
_RATIO = 200
_ENTITY = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.I)
_FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError)


class Package:
    """The parts of one file, open while the block lasts; a name may lead with a slash or not.

    Raises InputRefused: damaged, encrypted, a zip bomb, or XML with entity declarations.
    """

    def __init__(self, data: bytes, name: str, kind: str) -> None:
        self._name, self._kind, self._expanded = name, kind, 0
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except _FAULTS as error:
            raise refusal("damaged", name, kind=kind) from error
        self._parts = {entry.lstrip("/"): entry for entry in self._archive.namelist()}

    def __enter__(self) -> Package:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._archive.close()

    @property
    def parts(self) -> list[str]:
        """The names of all parts in the order of the file."""
        return list(self._parts)

    def xml(self, part: str) -> etree._Element:
        """The root of a part that must be there."""
        if part not in self._parts:
            raise refusal("damaged", self._name, kind=self._kind)
        content = self._content(self._parts[part])
        if _ENTITY.search(content) or _ENTITY.search(content.replace(b"\0", b"")):
            raise refusal("xml_entities", self._name, kind=self._kind)
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        try:
            return etree.fromstring(content, parser)
        except etree.XMLSyntaxError as error:
            raise refusal("damaged", self._name, kind=self._kind) from error

    def _content(self, entry: str) -> bytes:
        info = self._archive.getinfo(entry)
        if info.flag_bits & 0x1:
            raise refusal("encrypted", self._name)
        try:
            with self._archive.open(info) as stream:
                content = stream.read(_PART_BYTES + 1)
        except _FAULTS as error:
            raise refusal("damaged", self._name, kind=self._kind) from error
        except RuntimeError as error:  # zipfile's word for a password
            raise refusal("encrypted", self._name) from error
        self._expanded += len(content)
        size = max(len(content), info.file_size)
        ratio = size // max(info.compress_size, 1)
        is_bomb = len(content) // max(info.compress_size, 1) > _RATIO and len(content) > 16 << 20
        if size > _PART_BYTES or is_bomb or self._expanded > _ALL_BYTES:
            raise refusal("zip_bomb", self._name, size=max(size, self._expanded) >> 20, ratio=ratio)
        return content
