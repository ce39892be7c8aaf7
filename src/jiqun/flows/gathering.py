"""Where a register's firms stand together; the answers stay beside the register, not in the ledger."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from uuid import uuid4

from jiqun.enterprises import register
from jiqun.enterprises.snapshots import HALF
from jiqun.flows import runs
from jiqun.flows.settling import registers
from jiqun.industry.measures import gathered, gathering
from jiqun.industry.measures import gathered_sheets as sheets
from jiqun.industry.measures.gathered import SETTINGS, Gathered, Settings
from jiqun.ledger import store
from jiqun.model import files
from jiqun.model.errors import EnvironmentFailed, NotFound, UsageError
from jiqun.model.purposes import Purpose
from jiqun.tables import xlsx
from jiqun.workspace import Workspace, keep_folder

LEAST_DRAWS, MOST_DRAWS = 19, 9_999
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class FirmsGathered:
    """The run that found `areas` dense areas among the firms; `is_new` False: done with these inputs before."""

    run_id: int
    snapshot_day: date
    firms: int
    placed: int
    areas: int
    is_new: bool
    file: Path
    digest: str


def gather_firms(
    ws: Workspace, day: date, *, actor: str, name: str = register.MAIN, reason: str = "", draws: int | None = None,
    progress: Progress = lambda stage, share: None,
) -> FirmsGathered:  # fmt: skip
    """Dense areas and curves of the snapshot that holds on `day`, of every industry and cluster with enough firms.

    `draws`: of each test, where not as definitions.yaml says. Asked again with the same snapshot, folder and draws, the
    earlier run answers. Raises NotFound where there is no register, no snapshot that old, or hardly a firm with
    coordinates; Forbidden where the firms were collected for statistics; UsageError for too few or many draws.
    """
    if draws is not None and not LEAST_DRAWS <= draws <= MOST_DRAWS:
        raise UsageError(f"模拟次数应在 {LEAST_DRAWS} 和 {MOST_DRAWS} 之间")
    settings = SETTINGS if draws is None else replace(SETTINGS, area_draws=draws, curve_draws=draws)
    book = register.open(registers(ws), name)
    manifest = register.manifest_on(book, day)
    firms = register.read(book, ws.city, purpose=Purpose.SERVICE, day=day)
    parameters = {
        "register": name, "snapshot_day": f"{manifest.about.day}", "snapshot": manifest.digest,
        "folder": ws.city.digest, "purpose": Purpose.SERVICE.value, "form": gathered.FORM, "settings": _told(settings),
    }  # fmt: skip
    done = _earlier(ws, parameters, manifest.about.day)
    if done is not None:
        return done
    with runs.running(ws, gathered.RUN, actor, parameters) as run:
        keep_folder(ws.path, ws.city)

        def tell(stage: str, share: float) -> None:
            runs.tell(run, stage, share)
            progress(stage, share)

        found = gathering.gather(firms, ws.city, settings, tell)
        asked = json.dumps(parameters, sort_keys=True)
        file = f"{name}.gathered/{manifest.about.day}.{hashlib.sha256(asked.encode()).hexdigest()[:16]}.json"
        content = gathered.to_json(found)
        _write(registers(ws) / file, content)
        areas = sum(len(one.places) for one in found.groupings)
        run.result.update({
            "file": file, "digest": gathered.digest(content), "rows": found.firms, "placed": found.placed,
            "areas": areas,
        })  # fmt: skip
        with store.recording(
            "firms.gathered", actor=actor, reason=reason, clock=ws.clock, subject=("register", name)
        ) as entry:
            entry.remarks.update({**parameters, **run.result, "run": run.pk})
    return FirmsGathered(
        run.pk, manifest.about.day, found.firms, found.placed, areas, True, registers(ws) / file, run.result["digest"]
    )  # fmt: skip


def _earlier(ws: Workspace, parameters: dict[str, object], day: date) -> FirmsGathered | None:
    """What a run of the same inputs left, if its file is still there and whole: else it is worked out again."""
    run = runs.earlier(gathered.RUN, parameters)
    if run is None:
        return None
    told = run.result
    where = registers(ws) / told["file"]
    try:
        _read(where, told["digest"])
    except EnvironmentFailed:
        return None
    return FirmsGathered(run.pk, day, told["rows"], told["placed"], told["areas"], False, where, told["digest"])


def write_gathered(ws: Workspace, done: FirmsGathered, out: Path) -> None:
    """What the run found as a file: xlsx with definitions, csv of every value, or json as it is kept.

    Raises UsageError for another ending, NotFound without the directory, EnvironmentFailed where it cannot be written
    or the run's file is damaged.
    """
    write = _WRITERS.get(out.suffix.lower())
    if write is None:
        raise UsageError(f"结果文件“{out.name}”的扩展名应为 xlsx、csv 或 json")
    if not out.absolute().parent.is_dir():
        raise NotFound(f"没有目录 {out.parent}")
    found = _read(done.file, done.digest)
    try:
        out.write_bytes(write(found, ws))
    except OSError as wrong:
        raise EnvironmentFailed(f"{out} 写不了：{files.why(wrong)}") from wrong


def _read(file: Path, digest: str) -> Gathered:
    try:
        content = file.read_bytes()
    except OSError as wrong:
        raise EnvironmentFailed(f"{file.name} 读不了：{files.why(wrong)}") from wrong
    return gathered.whole(content, file.name, digest)


def _xlsx(found: Gathered, ws: Workspace) -> bytes:
    target = io.BytesIO()
    made_at = datetime.combine(ws.today, time(), UTC)
    xlsx.write(target, sheets.pages(found, ws.city), created=made_at, notes=sheets.notes(found))
    return target.getvalue()


_WRITERS: dict[str, Callable[[Gathered, Workspace], bytes]] = {
    ".xlsx": _xlsx,
    ".csv": lambda found, ws: sheets.csv(found, ws.city),
    ".json": lambda found, _: gathered.to_json(found),
}


def _told(settings: Settings) -> dict[str, object]:
    return {**asdict(settings), "m_at_m": list(settings.m_at_m)}


def _write(path: Path, content: bytes) -> None:
    """The file whole, or not there at all; another run of the same inputs may be writing it too."""
    half = path.with_name(f"{HALF}{path.name}-{uuid4().hex}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with half.open("xb") as out:  # on disk before the event speaks of it
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        half.replace(path)
    except OSError as wrong:
        with suppress(OSError):
            half.unlink()
        raise EnvironmentFailed(f"{path.name} 写不了：{files.why(wrong)}") from wrong
