"""The register of firms: tables come in as dated snapshots, and the tiers are judged on all of them.

Rows of firms stay in the workspace's `registers/`; the ledger keeps who did it, for which purpose, and the digests.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from jiqun.enterprises import importing, invented, invented_life, invented_places, register, tiers, verdicts
from jiqun.enterprises.invented import Drawing
from jiqun.enterprises.register import Register
from jiqun.enterprises.snapshots import About, Contents, Manifest, Origin
from jiqun.flows import runs
from jiqun.flows.faults import fault, refuse
from jiqun.flows.settling import IMPORTING, recovery, registers, told, writing
from jiqun.ledger import store
from jiqun.ledger.models import Run, RunState
from jiqun.model import files
from jiqun.model.errors import Conflict, InputRefused, NotFound
from jiqun.model.findings import Finding, Place
from jiqun.model.purposes import Purpose
from jiqun.workspace import Workspace, keep_folder

_TITLE = "企业库"
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class FirmsImported:
    """`rows` of the table = firms in the snapshot + `kept_out`; `is_new` False: this very file was in already."""

    register: str
    manifest: Manifest
    rows: int
    kept_out: int
    is_new: bool
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class FirmsClassified:
    """The run that judged `firms` firms by `tier_ids` on `on`; `is_new` False: it had been done with these inputs."""

    run_id: int
    on: date
    snapshot_day: date
    tier_ids: tuple[str, ...]
    firms: int
    is_new: bool


def import_firms(
    ws: Workspace, file: Path | str, *, actor: str, day: date, purpose: Purpose = Purpose.ADMINISTRATIVE,
    name: str = register.MAIN, reason: str = "", progress: Progress = lambda stage, share: None,
) -> FirmsImported:  # fmt: skip
    """The table's firms are the snapshot of `day`; yearly figures without a year are of the year before it.

    The first table makes the register and settles its purpose. Raises Conflict for a purpose that is not the
    register's, and for a day that has a snapshot unless `reason` says why it is replaced; InputRefused for what is no
    table of firms or has no row that can be read as one, and for a day to come.

    Tables are read side by side and written one after the other: whoever comes second hears what the first did.
    """
    path = Path(file)
    if day > ws.today:
        refuse([fault("day", f"{day} 还没有到", "请写名册所反映的那一天")])
    digest = _digest(path)
    with writing(ws, name, actor=actor) as recovered:
        _, same = _standing(ws, name, day, purpose, digest, reason)
    if same is not None:
        return FirmsImported(name, same, same.rows, 0, False, (recovery(same),) if same in recovered else ())
    parameters = {"register": name, "day": f"{day}", "purpose": purpose.value, "file": path.name, "digest": digest}
    with tempfile.TemporaryDirectory(prefix=".half-", dir=registers(ws)) as scratch, _running(
        ws, IMPORTING, actor, parameters
    ) as result:  # fmt: skip
        year = day.year - 1
        read = importing.read(path, ws.city, figures_year=year, workdir=Path(scratch), progress=progress)
        _refuse_empty(read, path.name)
        keep_folder(ws.path, ws.city)
        origin = Origin(path.name, ws.today, purpose, digest)
        about = About(day, year, ws.today, (origin,), False, reason, ws.city.id, ws.city.digest)
        contents = Contents([read.firms], damaged=read.damaged)
        with writing(ws, name, actor=actor):
            book, same = _standing(ws, name, day, purpose, digest, reason)  # others may have been quicker
            if same is not None:
                result.update(told(same))
                return FirmsImported(name, same, same.rows, 0, False, ())
            manifest = _appended(ws, book or register.create(registers(ws), name, _TITLE, purpose), about, contents)
            result.update(told(manifest))
            result.update({"table_rows": read.rows, "kept_out": read.kept_out, "faults": read.faults.height})
            _record(ws, "firms.imported", actor, reason, name, parameters | result)
    return FirmsImported(name, manifest, read.rows, read.kept_out, True, read.findings)


def _refuse_empty(read: importing.Imported, name: str) -> None:
    """A snapshot without firms would empty every page that looks at the day."""
    if read.rows > read.kept_out:
        return
    text = f"{read.rows} 行没有一行能用" if read.rows else "表头下面没有企业"
    refuse([fault("no_firms", text, "请按下面所列改正后再导入", place=Place(name)), *read.findings])


def _standing(
    ws: Workspace, name: str, day: date, purpose: Purpose, digest: str, reason: str
) -> tuple[Register | None, Manifest | None]:
    """The register, if there is one yet, and the snapshot that this very file made. Raises Conflict as `import_firms`
    does.
    """
    book = _existing(ws, name, purpose)
    held = [m for m in book.snapshots() if m.about.day == day] if book else []
    was_there = any(m.about.day == day for m in book.editions()) if book else False
    if held and any(origin.digest == digest for origin in held[-1].about.origins):
        return book, held[-1]
    if was_there and not reason.strip():
        raise Conflict(f"名册“{name}”{'已有' if held else '撤回过'} {day} 的快照；要再导入，请写明理由")
    return book, None


def withdraw_firms(ws: Workspace, day: date, *, actor: str, reason: str, name: str = register.MAIN) -> Manifest:
    """The snapshot of `day` holds no more, as of any day: it was taken in by mistake. Its files stay on disk.

    Verdicts on it are shown no more. Raises NotFound where the day has no snapshot, InputRefused without a reason.
    """
    book = register.open(registers(ws), name)
    if not reason.strip():
        refuse([fault("reason", "没有写明理由", "请写明为什么撤回这份快照")])
    keep_folder(ws.path, ws.city)
    with writing(ws, name, actor=actor):
        manifest = register.withdraw(book, day, reason, city=ws.city, recorded_at=ws.clock())
        _record(ws, "firms.withdrawn", actor, reason, name, {"register": name, "day": f"{day}"} | told(manifest))
    return manifest


def draw_firms(ws: Workspace, drawings: Sequence[Drawing], *, actor: str, reason: str = "演示") -> Register:
    """A register of firms that do not exist, a snapshot for each drawing that has none; marked as invented for good.

    Raises Conflict where the register holds real firms: invented ones never stand among them.
    """
    keep_folder(ws.path, ws.city)
    with writing(ws, register.MAIN, actor=actor):
        return _drawn(ws, drawings, actor, reason)


def _drawn(ws: Workspace, drawings: Sequence[Drawing], actor: str, reason: str) -> Register:
    is_there = register.MAIN in register.names(registers(ws))
    book = (
        register.open(registers(ws), register.MAIN)
        if is_there
        else register.create(registers(ws), register.MAIN, _TITLE, Purpose.ADMINISTRATIVE)
    )
    held = book.editions()
    if not all(manifest.about.is_invented for manifest in held):
        raise Conflict(f"名册“{register.MAIN}”里是真实企业，不能混入演示企业")
    days = {manifest.about.day for manifest in held}
    for drawing in (one for one in drawings if one.on not in days):
        lived = (invented_life.lived(frame, ws.city, drawing) for frame in invented.frames(ws.city, drawing))
        frames = (invented_places.placed(frame, ws.city, drawing) for frame in lived)
        manifest = _appended(ws, book, invented.about(ws.city, drawing), Contents(frames))
        drawn = {"register": register.MAIN, "seed": drawing.seed, "years_back": drawing.years_back}
        _record(ws, "firms.invented", actor, reason, register.MAIN, drawn | told(manifest))
    return book


def classify_firms(
    ws: Workspace, day: date, *, actor: str, name: str = register.MAIN, tier_ids: Sequence[str] = (), reason: str = ""
) -> FirmsClassified:
    """Every firm of the snapshot that holds on `day`, judged by every tier in force then (or by `tier_ids`).

    Asked again with the same snapshot, folder, tiers and day, the earlier run answers. Raises NotFound where there is
    no register, no snapshot that old or no such tier, Forbidden where the firms were collected for statistics.
    """
    book = register.open(registers(ws), name)
    manifest = register.manifest_on(book, day)
    firms = register.read(book, ws.city, purpose=Purpose.SERVICE, day=day)
    wanted = tuple(dict.fromkeys(tier_ids)) or tiers.tiers_on(ws.city, day)
    if not wanted:
        raise NotFound(f"城市文件夹在 {day} 没有有效的梯度标准")
    parameters: dict[str, Any] = {
        "register": name, "on": f"{day}", "snapshot_day": f"{manifest.about.day}", "snapshot": manifest.digest,
        "folder": ws.city.digest, "tiers": list(wanted), "purpose": Purpose.SERVICE.value, "form": verdicts.FORM,
    }  # fmt: skip
    earlier = _earlier(ws, parameters)
    if earlier is not None:
        return FirmsClassified(earlier.pk, day, manifest.about.day, wanted, int(earlier.result["rows"]), False)
    with _running(ws, verdicts.RUN, actor, parameters) as result:
        keep_folder(ws.path, ws.city)
        inputs = hashlib.sha256(
            f"{verdicts.FORM} {manifest.digest} {ws.city.digest} {' '.join(wanted)}".encode()
        ).hexdigest()
        file = f"{name}.verdicts/{day}.{inputs[:16]}.parquet"
        rows, digest = verdicts.write(firms, ws.city, wanted, day, registers(ws) / file)
        result.update({"file": file, "digest": digest, "rows": rows})
        _record(ws, "firms.classified", actor, reason, name, parameters | result)
        run_id = int(result["run"])
    return FirmsClassified(run_id, day, manifest.about.day, wanted, rows, True)


def _existing(ws: Workspace, name: str, purpose: Purpose) -> Register | None:
    if name not in register.names(registers(ws)):
        return None
    book = register.open(registers(ws), name)
    if book.purpose is not purpose:
        raise Conflict(
            f"名册“{name}”是为{book.purpose.label}收集的，不能收进为{purpose.label}收集的数据；请另用一个名册"
        )
    if any(manifest.about.is_invented for manifest in book.editions()):
        raise Conflict(f"名册“{name}”里是演示企业，不能与真实企业混在一起；请另建工作区")
    return book


def _appended(ws: Workspace, book: Register, about: About, contents: Contents) -> Manifest:
    return register.append(book, about, contents, city=ws.city, recorded_at=ws.clock())


def _earlier(ws: Workspace, parameters: dict[str, Any]) -> Run | None:
    for run in Run.objects.filter(kind=verdicts.RUN, state=RunState.DONE, parameters=parameters).order_by("-id"):
        if (registers(ws) / run.result["file"]).is_file():
            return run
    return None


@contextmanager
def _running(ws: Workspace, kind: str, actor: str, parameters: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A run while it lasts; what is put into the result is kept with it, and so is how it failed."""
    run = runs.begin(ws, kind, actor, parameters)
    result: dict[str, Any] = {"run": run.pk}
    state = RunState.DONE
    try:
        yield result
    except BaseException as error:
        state, result["error"] = RunState.FAILED, type(error).__name__  # its words may quote a firm
        raise
    finally:
        runs.end(ws, run, state, result)


def _record(ws: Workspace, action: str, actor: str, reason: str, name: str, remarks: dict[str, Any]) -> None:
    with store.recording(action, actor=actor, reason=reason, clock=ws.clock, subject=("register", name)) as entry:
        entry.remarks.update(remarks)


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        where = Place(path.name)
        raise InputRefused([fault("file", f"文件读不了：{files.why(error)}", "请核对路径", place=where)]) from None
