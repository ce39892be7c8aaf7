"""A register, its lists and the ledger kept in step: one writer at a time, and what a killed one left behind is told or
cleared.

A snapshot, and a list, is whole on disk before its event is written. A process killed between the two leaves one of
which the ledger knows nothing; whoever writes next, serves, or verifies writes the event that is missing.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from jiqun.enterprises import membership, register, snapshots
from jiqun.enterprises.register import Register
from jiqun.enterprises.snapshots import HALF, MANIFEST, Manifest
from jiqun.flows import runs
from jiqun.ledger import store
from jiqun.ledger.models import Event, Run, RunState
from jiqun.model import files
from jiqun.model.findings import Finding, Place, Severity
from jiqun.workspace import Workspace

IMPORTING = "import_firms"
_IMPORTED, _INVENTED, _WITHDRAWN = "firms.imported", "firms.invented", "firms.withdrawn"
INVENTED_LISTS = "凭空生成的演示名单"  # the source of lists that no office published
_REASON = "补记：写入快照后程序中断，当时没有记入账本"
_REASON_LIST = "补记：写入名单后程序中断，当时没有记入账本"
_A_DAY = 86_400.0  # no import takes as long
_WORKED = ("verdicts", "chains", "gathered")  # folders of what runs work out, without the lock: any may be written now


def registers(ws: Workspace) -> Path:
    return ws.path / "registers"


@contextmanager
def writing(ws: Workspace, name: str, *, actor: str) -> Iterator[tuple[Manifest, ...]]:
    """Alone with a register and its lists, everything before settled; what of either had no event until now."""
    registers(ws).mkdir(exist_ok=True)
    register.refuse_unfit(name)
    with files.alone(registers(ws) / f".{name}.lock"):
        yield _settled(ws, name, actor)


def settle(ws: Workspace, *, actor: str) -> tuple[Manifest, ...]:
    """The snapshots and lists of all registers that had no event until now; what half-done imports left is cleared, and
    runs whose process is gone are closed.
    """
    runs.close_interrupted(ws)
    root = registers(ws)
    if not root.is_dir():
        return ()
    for left in (*root.glob(f"{HALF}*"), *(one for kind in _WORKED for one in root.glob(f"*.{kind}/{HALF}*"))):
        if time.time() - left.stat().st_mtime > _A_DAY:
            shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink(missing_ok=True)
    found: list[Manifest] = []
    for name in register.names(root):
        with writing(ws, name, actor=actor) as adopted:
            found += adopted
    return tuple(found)


def recovery(manifest: Manifest) -> Finding:
    """Said of a snapshot or list that `settle` or `writing` brought."""
    of_list = membership.batch_of(manifest)
    what, thing = (f" {manifest.about.day} 的快照", "快照") if of_list is None else (f"名单 {of_list.name}", "名单")
    words = f"写完{what}后程序中断过，账本没有记下；{thing}完整，已补记事件"
    place = Place(f"{manifest.register}/{manifest.directory}")
    return Finding("import.recovered", Severity.NOTE, words, place, "请核对名册" if of_list is None else "请核对名单")


def altered(ws: Workspace) -> list[Finding]:
    """The files of a workspace that are no longer as they were written: originals, snapshots of registers, lists."""
    found = [_no_original(file) for file in sorted(ws.files.glob("*")) if file.is_file() and _is_other(file)]
    for said in sorted(registers(ws).rglob(MANIFEST)):
        if not any(part.startswith(HALF) for part in said.relative_to(ws.path).parts):
            inside = said.parent.parent.relative_to(ws.path)
            found += [replace(each, place=Place(f"{inside}/{each.place}")) for each in snapshots.verify(said.parent)]
    return found


def _is_other(file: Path) -> bool:
    with file.open("rb") as content:
        return not file.name.startswith(HALF) and hashlib.file_digest(content, "sha256").hexdigest() != file.name


def _no_original(file: Path) -> Finding:
    words = "内容与收录时不同"
    return Finding("original.altered", Severity.ERROR, words, Place(f"{file.parent.name}/{file.name}"), "请从备份恢复")


def told(manifest: Manifest) -> dict[str, Any]:
    """What the ledger keeps of a snapshot: no row of it."""
    return {
        "snapshot": manifest.directory, "snapshot_digest": manifest.digest, "rows": manifest.rows,
        "damaged_rows": manifest.damaged_rows, "collected_for": manifest.purpose.value,
        "is_invented": manifest.about.is_invented, "folder": manifest.about.folder_digest,
    }  # fmt: skip


def told_of_list(book: Register, manifest: Manifest) -> dict[str, Any]:
    """What the ledger keeps of a list: no row of it."""
    return {
        "register": book.name, "list_digest": manifest.digest, "edition": manifest.edition, "entries": manifest.rows,
        "undecided": manifest.damaged_rows,
    }  # fmt: skip


def _settled(ws: Workspace, name: str, actor: str) -> tuple[Manifest, ...]:
    runs.close_interrupted(ws)
    root = registers(ws)
    for left in (root / name).glob(f"{HALF}*"):  # whoever was writing it is gone, or we would not be alone
        shutil.rmtree(left, ignore_errors=True)
    if name not in register.names(root):
        return ()
    book = register.open(root, name)
    return (*_settled_snapshots(ws, book, actor), *_settled_lists(ws, book, actor))


def _settled_snapshots(ws: Workspace, book: Register, actor: str) -> list[Manifest]:
    actions = (_IMPORTED, _INVENTED, _WITHDRAWN)
    events = Event.objects.filter(subject_type="register", subject_key=book.name, action__in=actions)
    known = {json.loads(payload).get("snapshot_digest") for payload in events.values_list("payload", flat=True)}
    silent = [m for m in book.editions() if m.digest not in known]
    for manifest in silent:
        _adopt(ws, book.name, manifest, actor)
    return silent


def _settled_lists(ws: Workspace, book: Register, actor: str) -> list[Manifest]:
    for left in membership.root(book).glob(f"*/{HALF}*"):
        shutil.rmtree(left, ignore_errors=True)
    events = Event.objects.filter(subject_type="list").values_list("payload", flat=True)
    told = [json.loads(payload) for payload in events]  # the same list may stand in several registers
    known = {each.get("list_digest") for each in told if each.get("register") == book.name}
    silent = [manifest for manifest in membership.every_edition(book) if manifest.digest not in known]
    for manifest in silent:
        _adopt_list(ws, book, manifest, actor)
    return silent


def _adopt(ws: Workspace, name: str, manifest: Manifest, actor: str) -> None:
    """The event that its writer did not live to write, in the name of who began it where that is known."""
    about = manifest.about
    action = _WITHDRAWN if about.is_withdrawn else _INVENTED if about.is_invented else _IMPORTED
    asked = {"register": name, "day": f"{about.day}", "purpose": manifest.purpose.value}
    asked |= {"file": about.origins[0].source, "digest": about.origins[0].digest}
    cut = Run.objects.filter(kind=IMPORTING, state=RunState.INTERRUPTED, parameters=asked)
    begun = cut.order_by("id").last()
    with store.recording(
        action, actor=begun.actor if begun else actor, reason="；".join(filter(None, (about.reason, _REASON))),
        clock=ws.clock, subject=("register", name),
    ) as entry:  # fmt: skip
        entry.remarks.update({**asked, **told(manifest), "is_recovered": True, "noticed_by": actor})
    cut.update(result=told(manifest))


def _adopt_list(ws: Workspace, book: Register, manifest: Manifest, actor: str) -> None:
    """Likewise, as the event that its writer was about to write."""
    about = manifest.about
    action = about.action or ("list.withdrawn" if about.is_withdrawn else "list.imported")
    with store.recording(
        action, actor=actor, reason="；".join(filter(None, (about.reason, _REASON_LIST))), clock=ws.clock,
        subject=("list", manifest.register),
    ) as entry:  # fmt: skip
        entry.remarks.update({**told_of_list(book, manifest), "is_recovered": True, "noticed_by": actor})
