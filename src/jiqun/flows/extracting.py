"""Documents read and their claims and tasks told as JSON Lines, their figures as a table; no workspace, no Django."""

from __future__ import annotations

import contextlib
import json
import sys
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from jiqun import documents, extraction, packs
from jiqun.flows import crew
from jiqun.model import files as outside
from jiqun.model.claims import Claim, ClaimKind
from jiqun.model.errors import EnvironmentFailed, InputRefused, UsageError
from jiqun.model.findings import Finding, Place, Severity
from jiqun.packs import City

if TYPE_CHECKING:
    from jiqun.reports import reported_table

_WORTH_A_CREW = 1_500_000  # bytes: below it the start of processes takes longer than they save
# no result is of these kinds, but for the text
_DOCUMENTS = frozenset((".txt", ".md", ".html", ".htm", ".docx", ".doc", ".wps", ".rtf", ".pdf", ".ofd"))
Write = Callable[[str | bytes], None]


@dataclass(frozen=True)
class Extracted:
    """JSON Lines of one document, its figures and original text, its warnings; or why it could not be read."""

    file: Path
    claims: str = ""
    tasks: str = ""
    systems: str = ""
    text: str = ""
    figures: tuple[reported_table.Line, ...] = ()
    warnings: tuple[Finding, ...] = ()
    refused: tuple[Finding, ...] = ()


def extract_files(
    files: Iterable[Path], city: str, *, jobs: int = 1, with_figures: bool = False
) -> Generator[Extracted, None, None]:
    """What each file says, in the order of the files, by the city of a folder or of a bundled name.

    A file that cannot be read, or over which the program fails, is told in its `refused`; the others go on.
    Only a few results are held at a time. `jobs`: how many processes; 0 for as many as there are processors, and one
    where the files are few and small. More than one needs a main module that may be imported again (`spawn`).
    """
    named = list(files)
    jobs = min(jobs or _worthwhile(named), len(named))
    if jobs <= 1:
        loaded = packs.load(city)
        for file in named:
            yield _extracted(loaded, with_figures, file)
        return
    packs.load(city)  # a folder with faults is refused here, once, and not by each worker
    results = crew.in_order(named, _reader, (city, with_figures), jobs)
    with contextlib.closing(results):
        for file, result in zip(named, results, strict=True):
            if isinstance(result, crew.Died):
                said = f"进程意外终止，退出码 {result.exit_code}"
                yield Extracted(file, refused=(_failed(file, said),))
            else:
                yield result


def figures_table(found: Sequence[reported_table.Line], target: str, *, now: datetime) -> bytes:
    """The figures of any number of documents as `jiqun import` takes them: xlsx by the target's suffix, else csv."""
    from jiqun.reports import reported_table  # noqa: PLC0415 - writing workbooks takes long to import

    if target.lower().endswith(".xlsx"):
        return reported_table.as_xlsx(found, created=now)
    return reported_table.as_csv(found)


def _figures(city: City, document: documents.Document, claims: Iterable[Claim]) -> list[reported_table.Line]:
    from jiqun.reports import reported_table  # noqa: PLC0415 - writing workbooks takes long to import

    header = document.header
    paper = reported_table.Paper(
        header.title or Path(document.name).stem, document.name, document.digest, header.issued_on
    )
    places = (
        (c, reported_table.Place(c.span.start, c.span.end, c.number_span.start, c.number_span.end))
        for c in claims if c.kind is ClaimKind.ACTUAL
    )  # fmt: skip
    return reported_table.lines(city, paper, places)


def _reader(city: str, with_figures: bool) -> Callable[[Path], Extracted]:
    return partial(_extracted, packs.load(city), with_figures)


def _extracted(city: City, with_figures: bool, file: Path) -> Extracted:
    try:
        return _read(city, with_figures, file)
    except InputRefused as fault:
        return Extracted(file, refused=fault.findings)
    except Exception as error:  # noqa: BLE001 -- one file of thousands must not cost the others their results
        at = traceback.extract_tb(error.__traceback__)[-1]
        said = " ".join(f"{type(error).__name__} {error}".split())[:200]
        return Extracted(file, refused=(_failed(file, f"{said}，{Path(at.filename).name}:{at.lineno}"),))


def _read(city: City, with_figures: bool, file: Path) -> Extracted:
    document = documents.read(file)
    found = extraction.extract(document, city)
    return Extracted(
        file=file,
        claims="".join(_line(extraction.as_record(claim, document)) for claim in found.claims),
        tasks="".join(_line(extraction.task_record(item, document)) for item in found.tasks),
        systems="".join(_line(extraction.system_record(system, document)) for system in found.systems),
        text=document.original,
        figures=tuple(_figures(city, document, found.claims)) if with_figures else (),
        warnings=tuple(f for f in (*document.findings, *found.findings) if f.severity is Severity.WARNING),
    )


def _failed(file: Path, said: str) -> Finding:
    message = f"程序处理这份文件时出错（{said}），没有结果。"
    return Finding(
        "extract.failed", Severity.ERROR, message, Place(file.name), "其他文件不受影响；请把本行发给开发者。"
    )


def _worthwhile(files: Sequence[Path]) -> int:
    """How many processes pay; one where anything but a plain file is to be read, which may be open to this one only."""
    try:
        if not all(file.is_file() for file in files):
            return 1
        size = sum(file.stat().st_size for file in files)
    except OSError:
        return 1
    return 1 if size < _WORTH_A_CREW else crew.cores()


def check_places(targets: Mapping[str, str], files: Iterable[Path]) -> None:
    """Raises UsageError where two results would go to one place, or a result over a document.

    `targets`: what each option names. `--tasks plan.docx` is a forgotten "-": it would put JSON over the plan.
    """
    for option, target in targets.items():
        suffix = Path(target).suffix.lower()
        if suffix in _DOCUMENTS and (option, suffix) != ("--text", ".txt"):
            raise UsageError(
                f"{option} 后面应写结果放在哪里，{target} 却像一份要读的文件。"
                f"　要显示在屏幕上，写“{option} -”；要存成文件，请换一个名字。"
            )
        if option == "--figures" and suffix not in ("", ".xlsx", ".csv"):
            raise UsageError(f"--figures 只能写成 .xlsx 或 .csv，不能写成 {target}")
    named = [target for target in targets.values() if target]
    if named.count("-") > 1:
        raise UsageError("--claims、--tasks、--systems、--text、--figures 只能有一个写到标准输出")
    read = {file.resolve() for file in files}
    taken: set[Path] = set()
    for place in (Path(target).resolve() for target in named if target != "-"):
        if place in read:
            raise UsageError(f"{place} 正是要读的文件，不能把结果写在上面")
        if place in taken and place.is_file() is place.exists():
            raise UsageError(f"--claims、--tasks、--systems、--text、--figures 不能写到同一个文件 {place}")
        taken.add(place)


@contextlib.contextmanager
def delivery(target: str) -> Iterator[Write]:
    """Writes into the file `target`, which holds all of it in the end, or is as it was when anything goes wrong.

    "-" is standard output, "" is nowhere. A device or a pipe takes what is written at once; a link is followed.
    Raises EnvironmentFailed when the disk refuses.
    """
    if target in ("", "-"):
        yield _to_standard_output if target else _to_nowhere
        if target:
            sys.stdout.buffer.flush()
        return
    path = Path(target).resolve()
    # replacing /dev/null by a file would harm the whole machine
    half = path if path.exists() and not path.is_file() else path.with_name(f".{path.name}.half")
    with _told(target):
        out = half.open("wb")
    try:
        with out:
            yield partial(_to_file, out, target)
            with _told(target):
                out.close()
        if half != path:
            with _told(target):
                half.replace(path)
    finally:
        if half != path:
            half.unlink(missing_ok=True)


def _to_nowhere(content: str | bytes) -> None:
    pass


def _to_standard_output(content: str | bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(_bytes(content))


def _to_file(out: BinaryIO, target: str, content: str | bytes) -> None:
    with _told(target):
        out.write(_bytes(content))


def _bytes(content: str | bytes) -> bytes:
    return content if isinstance(content, bytes) else content.encode("utf-8")


@contextlib.contextmanager
def _told(target: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise EnvironmentFailed(f"写不进 {target}：{outside.why(error)}") from None


def _line(record: object) -> str:
    return json.dumps(record, ensure_ascii=False) + "\n"
