"""Documents read and their claims and tasks told as JSON Lines; no workspace, no Django."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from jiqun import documents, extraction, packs
from jiqun.model import files as outside
from jiqun.model.errors import EnvironmentFailed, InputRefused, UsageError
from jiqun.model.findings import Finding, Severity


@dataclass(frozen=True)
class Extracted:
    """JSON Lines of all documents that could be read, their texts and warnings, and why the others could not."""

    claims: str
    tasks: str
    text: str
    warnings: tuple[Finding, ...]
    refused: tuple[Finding, ...]


def extract_files(files: Iterable[Path], city: str, *, step: Callable[[], None] = lambda: None) -> Extracted:
    """What the files say, by the city of a folder or of a bundled name."""
    loaded = packs.load(city)
    claims: list[str] = []
    tasks: list[str] = []
    texts: list[str] = []
    warnings: list[Finding] = []
    refused: list[Finding] = []
    for file in files:
        try:
            document = documents.read(file)
        except InputRefused as fault:
            refused += fault.findings
        else:
            found = extraction.extract(document, loaded)
            claims += [_line(extraction.as_record(claim, document)) for claim in found.claims]
            tasks += [_line(extraction.task_record(item, document)) for item in found.tasks]
            texts.append(document.original)
            warnings += (f for f in document.findings if f.severity is Severity.WARNING)
        step()
    return Extracted("".join(claims), "".join(tasks), "".join(texts), tuple(warnings), tuple(refused))


def check_places(targets: Iterable[str], files: Iterable[Path]) -> None:
    """Raises UsageError where two results would go to one place, or a result over a file that is to be read."""
    named = [target for target in targets if target]
    if named.count("-") > 1:
        raise UsageError("--claims、--tasks、--text 只能有一个写到标准输出")
    read = {file.resolve() for file in files}
    taken: set[Path] = set()
    for place in (Path(target).resolve() for target in named if target != "-"):
        if place in read:
            raise UsageError(f"{place} 正是要读的文件，不能把结果写在上面")
        if place in taken and place.is_file() is place.exists():
            raise UsageError(f"--claims、--tasks、--text 不能写到同一个文件 {place}")
        taken.add(place)


def deliver(content: str, target: str) -> None:
    """The content is in the file `target`, or the file is as it was; "-" is standard output.

    A device or a pipe takes the content itself; a link is followed. Raises EnvironmentFailed when the disk refuses.
    """
    if target == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(content.encode("utf-8"))
        sys.stdout.buffer.flush()
        return
    path = Path(target).resolve()
    try:
        if path.exists() and not path.is_file():  # replacing /dev/null by a file would harm the whole machine
            path.write_bytes(content.encode("utf-8"))
        else:
            _replace(path, content.encode("utf-8"))
    except OSError as error:
        raise EnvironmentFailed(f"写不进 {target}：{outside.why(error)}") from None


def _replace(path: Path, content: bytes) -> None:
    half = path.with_name(f".{path.name}.half")
    try:
        half.write_bytes(content)
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)


def _line(record: object) -> str:
    return json.dumps(record, ensure_ascii=False) + "\n"
