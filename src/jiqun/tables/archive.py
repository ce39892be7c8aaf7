"""A zip archive opened with suspicion: counted and measured before anything of it is parsed."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from copy import copy

from jiqun.model.errors import InputRefused
from jiqun.model.findings import Finding, Place, Severity

MAX_ENTRIES = 5_000
MAX_EXPANDED_BYTES = 2 * 1024**3
MAX_RATIO = 200  # a sheet of equal rows shrinks about 1:100, deflate cannot do better than 1:1032
_RATIO_COUNTS_FROM_BYTES = 64 * 1024**2
_CHUNK = 1024**2


def refuse(code: str, message: str, remedy: str, name: str) -> InputRefused:
    return InputRefused([Finding(f"table.{code}", Severity.ERROR, message, Place(file=name), remedy)])


class Archive:
    """The parts of a zip file that passed the checks, by name.

    Raises InputRefused for damage, encryption and bombs. What an entry declares of itself is not believed: each part
    is inflated to its true end once, counting, before a parser sees it.
    """

    def __init__(self, content: bytes, name: str) -> None:
        self._name = name
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
            raise self._damaged() from error
        entries = self._zip.infolist()
        declared = sum(entry.file_size for entry in entries)
        if len(entries) > MAX_ENTRIES or self._is_bomb(declared, len(content)):
            raise self._bomb()
        if any(entry.flag_bits & 0x1 for entry in entries):
            raise refuse("encrypted", "文件已加密，无法读取", "请去掉密码后重新上传", name)
        self._entries: Mapping[str, zipfile.ZipInfo] = {entry.filename.lstrip("/"): entry for entry in entries}
        self._measure(len(content))

    def names(self) -> list[str]:
        return list(self._entries)

    def __contains__(self, part: str) -> bool:
        return part in self._entries

    def read(self, part: str) -> bytes:
        """The whole of a part. Raises KeyError for a part the archive has not."""
        try:
            return self._zip.read(self._entries[part])
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
            raise self._damaged() from error

    def _measure(self, packed: int) -> None:
        expanded = 0
        for entry in self._zip.infolist():
            honest = copy(entry)
            honest.file_size = MAX_EXPANDED_BYTES + 1  # else reading stops where the entry says it ends
            try:
                with self._zip.open(honest) as stream:
                    while chunk := stream.read(_CHUNK):
                        expanded += len(chunk)
                        if self._is_bomb(expanded, packed):
                            raise self._bomb()
            except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
                raise self._damaged() from error

    @staticmethod
    def _is_bomb(expanded: int, packed: int) -> bool:
        return expanded > MAX_EXPANDED_BYTES or (
            expanded > _RATIO_COUNTS_FROM_BYTES and expanded > MAX_RATIO * max(packed, 1)
        )

    def _damaged(self) -> InputRefused:
        return refuse("damaged", "文件已损坏，打不开", "请在 Excel 或 WPS 中打开并另存后重新上传", self._name)

    def _bomb(self) -> InputRefused:
        return refuse("bomb", "压缩内容异常庞大，疑似压缩炸弹，未打开", "请确认文件来源，另存后重新上传", self._name)
