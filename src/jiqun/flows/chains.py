"""Firms of a register placed on the links of the chains; the answers stay beside the register, not in the ledger."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from jiqun.enterprises import register, snapshots
from jiqun.flows.runs import earlier, running
from jiqun.flows.settling import registers
from jiqun.industry.chains import placing
from jiqun.ledger import store
from jiqun.model.errors import NotFound
from jiqun.model.purposes import Purpose
from jiqun.workspace import Workspace, keep_folder


@dataclass(frozen=True)
class FirmsPlaced:
    """The run that placed `placed` firms of `firms` on links; `is_new` False: done with these inputs before."""

    run_id: int
    snapshot_day: date
    firms: int
    placed: int
    is_new: bool


def place_firms(ws: Workspace, day: date, *, actor: str, name: str = register.MAIN, reason: str = "") -> FirmsPlaced:
    """Every firm of the snapshot that holds on `day`, on the links of every chain of the folder.

    Asked again with the same snapshot and the same links, the earlier run answers. Raises NotFound where there is no
    register, no snapshot that old or no chain, Forbidden where the firms were collected for statistics.
    """
    if not ws.city.chains:
        raise NotFound(f"城市文件夹“{ws.city.id}”里没有产业链")
    book = register.open(registers(ws), name)
    manifest = register.manifest_on(book, day)
    firms = register.read(book, ws.city, purpose=Purpose.SERVICE, day=day)
    parameters = {
        "register": name, "snapshot_day": f"{manifest.about.day}", "snapshot": manifest.digest,
        "links": placing.digest_of(ws.city), "purpose": Purpose.SERVICE.value, "form": placing.FORM,
    }  # fmt: skip
    done = earlier(placing.RUN, parameters)
    if done is not None and (registers(ws) / done.result["file"]).is_file():
        return FirmsPlaced(done.pk, manifest.about.day, done.result["rows"], done.result["placed"], False)
    with running(ws, placing.RUN, actor, parameters) as run:
        keep_folder(ws.path, ws.city)
        rows = firms.rows.select(placing.READ).collect()
        found = placing.place(rows, ws.city)
        inputs = hashlib.sha256(f"{manifest.digest} {parameters['links']}".encode()).hexdigest()
        file = f"{name}.chains/{manifest.about.day}.{inputs[:16]}.parquet"
        marks = {
            "purpose": firms.collected_for.value, "day": f"{firms.day}",
            "is_invented": f"{firms.is_invented}".lower(),
        }  # fmt: skip
        digest = snapshots.write_file(found.lazy(), registers(ws) / file, marks)
        placed = int(found.filter("is_placed")["uscc"].n_unique())
        told = {"file": file, "digest": digest, "rows": rows.height, "placed": placed, "folder": ws.city.digest}
        run.result.update(told)
        with store.recording(
            "firms.placed", actor=actor, reason=reason, clock=ws.clock, subject=("register", name)
        ) as entry:
            entry.remarks.update({**parameters, **run.result, "run": run.pk})
    return FirmsPlaced(run.pk, manifest.about.day, rows.height, placed, True)
