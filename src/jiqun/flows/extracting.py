"""Documents read and their claims and tasks told as JSON Lines; no workspace, no Django."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from jiqun import documents, extraction, packs
from jiqun.model.errors import EnvironmentFailed, InputRefused
from jiqun.model.findings import Finding


@dataclass(frozen=True)
class Extracted:
    """JSON Lines of all documents that could be read, their original texts, and why the others could not."""

    claims: str
    tasks: str
    text: str
    refused: tuple[Finding, ...]


def extract_files(files: Iterable[Path], city: str, *, step: Callable[[], None] = lambda: None) -> Extracted:
    """What the files say, by the city of a folder or of a bundled name."""
    loaded = packs.load(city)
    claims: list[str] = []
    tasks: list[str] = []
    texts: list[str] = []
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
        step()
    return Extracted("".join(claims), "".join(tasks), "".join(texts), tuple(refused))


def deliver(content: str, target: str) -> None:
    """The content is in the file `target`, or the file is as it was; "-" is standard output.

    Raises EnvironmentFailed when the disk refuses.
    """
    if target == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(content.encode("utf-8"))
        sys.stdout.buffer.flush()
        return
    path = Path(target)
    half = path.with_name(f".{path.name}.half")
    try:
        half.write_bytes(content.encode("utf-8"))
        half.replace(path)
    except OSError as error:
        raise EnvironmentFailed(f"写不进 {path}：{error.strerror}") from None
    finally:
        half.unlink(missing_ok=True)


def _line(record: object) -> str:
    return json.dumps(record, ensure_ascii=False) + "\n"
