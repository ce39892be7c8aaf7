"""A new city folder from the commented template."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from jiqun.model import files
from jiqun.model.errors import EnvironmentFailed, NotFound, UsageError
from jiqun.packs.loading import bundled_names

_TEMPLATE = Path(__file__).resolve().parent / "template"


def create(directory: Path, extends: str | None = "china") -> list[Path]:
    """The files written into a new folder that `check` accepts; `extends` is a bundled folder or one beside it.

    The folder's name becomes the city's id where it can. Tables begin with a byte-order mark, without which Excel
    misreads them. Raises UsageError when the directory holds anything, NotFound for an unknown `extends`.
    """
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise UsageError(f"{directory} 不是空目录；请换一个目录，以免盖掉已有的文件")
    beside = directory.resolve().parent / (extends or "") / "city.yaml"
    if extends and extends not in bundled_names() and not beside.is_file():
        raise NotFound(f"要继承的文件夹“{extends}”找不到；随程序提供的有：{'、'.join(bundled_names())}")
    name = directory.resolve().name
    city_id = name if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.\-]*", name) and name != extends else "mycity"
    line = f"extends: {extends}      # 继承的文件夹：其中的内容都可直接使用" if extends else "# extends: 不继承"
    was_there = directory.exists()
    try:
        return _fill(directory, city_id, line)
    except OSError as wrong:
        shutil.rmtree(directory, ignore_errors=True)  # it held nothing before
        if was_there:
            directory.mkdir(exist_ok=True)
        raise EnvironmentFailed(f"写不进 {wrong.filename or directory}：{files.why(wrong)}") from wrong


def _fill(directory: Path, city_id: str, line: str) -> list[Path]:
    written: list[Path] = []
    for source in sorted(path for path in _TEMPLATE.rglob("*") if path.is_file()):
        text = source.read_text("utf-8").replace("{id}", city_id).replace("{extends}", line)
        target = directory / source.relative_to(_TEMPLATE)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8-sig" if source.suffix == ".csv" else "utf-8", newline="\n")
        written.append(target)
    return written
