"""Published lists of titles: they come in, a person decides their doubtful rows, and a mistake is taken back.

A list is never changed: a decision, a correction and a withdrawal are each another edition with its reason. A corrected
list is known from the day it came; whose a row is, and that a list was no list, holds for every day, as a claim decided
late does. The ledger keeps who and why, and no firm. Writers of a register and its lists take turns, and whatever a
list rests on is read in its writer's turn.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from jiqun.enterprises import candidates, invented_lists, membership, namelists, register
from jiqun.enterprises.columns import KEY
from jiqun.enterprises.invented import Drawing
from jiqun.enterprises.invented_lists import DrawnBatch
from jiqun.enterprises.membership import Batch, Kept
from jiqun.enterprises.namelists import NameList
from jiqun.enterprises.register import Register
from jiqun.enterprises.snapshots import About, Manifest, Origin
from jiqun.enterprises.spells import Stage
from jiqun.flows.faults import fault, refuse
from jiqun.flows.settling import INVENTED_LISTS, recovery, told_of_list, writing
from jiqun.ledger import store
from jiqun.model.errors import Conflict, NotFound
from jiqun.model.purposes import Purpose
from jiqun.workspace import Workspace, keep_folder

USE = Purpose.ADMINISTRATIVE
DISMISSED = "经人工核对，不在名册里"
_NONE = ""  # chosen for a line: none of the firms proposed


@dataclass(frozen=True)
class ListImported:
    """A list as kept; `listed` says which rows wait for a person."""

    batch: Batch
    manifest: Manifest
    listed: NameList


def import_list(
    ws: Workspace, file: Path | str, batch: Batch, *, actor: str, published_on: date, name: str = register.MAIN,
    chosen: Mapping[int, str] | None = None, reason: str = "",
) -> ListImported:  # fmt: skip
    """The published list, its rows matched to the latest snapshot of the register.

    `chosen` decides doubtful lines (line → code). Read again it takes another edition and needs a `reason`.

    It is known from its publication, a corrected one from today. Raises what `namelists.read`, `namelists.accept` and
    `membership.write` raise, NotFound for no register, InputRefused for a day to come.
    """
    path = Path(file)
    if published_on > ws.today:
        refuse([fault("day", f"{published_on} 还没有到", "请写名单公布的那一天")])
    book = register.open(ws.path / "registers", name)
    sent = _Sent(path, batch, published_on, reason.strip(), chosen or {})
    with writing(ws, name, actor=actor) as recovered:
        for manifest in recovered:  # this very list, of which its writer did not live to tell
            if manifest.register == batch.name and sent.is_what_stands_in(manifest.about):
                return _recovered(ws, batch, name, manifest)
        return _taken_in(ws, book, sent, actor)


@dataclass(frozen=True)
class _Sent:
    """A list as an office sends it."""

    file: Path
    batch: Batch
    published_on: date
    reason: str
    chosen: Mapping[int, str]

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.file.read_bytes()).hexdigest()

    def is_what_stands_in(self, about: About) -> bool:
        """Whether nothing is asked beyond what the edition already says: not another day, reason or decision, and it
        is not a withdrawn one that is to hold again.
        """
        same = (about.day, about.reason, about.origins[0].digest) == (self.published_on, self.reason, self.digest)
        return same and not about.is_withdrawn and not self.chosen


def _taken_in(ws: Workspace, book: Register, sent: _Sent, actor: str) -> ListImported:
    batch, published_on = sent.batch, sent.published_on
    earlier = membership.editions(book, batch)
    if earlier and not sent.reason:
        raise Conflict(f"名单 {batch.name} 已经收录；要更正它，请写明理由")
    firms = register.read(book, ws.city, purpose=USE)
    listed = namelists.read(sent.file, firms, ws.city, batch, published_on)
    if sent.chosen:
        listed = namelists.accept(listed, sent.chosen)
    origin = Origin(sent.file.name, published_on, book.purpose, sent.digest)
    is_correction = bool(earlier) and not earlier[-1].about.is_withdrawn
    known_on = ws.today if is_correction else published_on
    about = About(
        published_on, batch.year, known_on, (origin,), firms.is_invented, sent.reason, ws.city.id, ws.city.digest
    )
    told = {"file": sent.file.name, "file_digest": sent.digest, "rows": listed.rows, "snapshot": firms.digest}
    draft = _Draft(batch, about, listed.entries, listed.undecided)
    manifest = _written(ws, book, draft, told, actor=actor, action="list.imported")
    return ListImported(batch, manifest, listed)


def _recovered(ws: Workspace, batch: Batch, name: str, manifest: Manifest) -> ListImported:
    book, kept, entries = _standing(ws, batch, name)
    listed = _listed(batch, entries, membership.undecided(book, kept))
    return ListImported(batch, manifest, replace(listed, findings=(recovery(manifest),)))


def decide_list_rows(
    ws: Workspace, batch: Batch, chosen: Mapping[int, str], *, actor: str, reason: str, name: str = register.MAIN
) -> Manifest:
    """The list with these doubtful lines decided: line → code of the firm, or "" where it is none that is known.

    Raises NotFound for a list that is not there, InputRefused where nothing is chosen, UsageError as
    `namelists.accept` does.
    """
    register.open(ws.path / "registers", name)
    if not chosen:
        refuse([fault("chosen", "没有选定任何一行", "请为至少一行选定企业，或注明不在名册里")])
    with writing(ws, name, actor=actor):
        book, kept, entries = _standing(ws, batch, name)
        open_rows = membership.undecided(book, kept)
        listed = _listed(batch, entries, open_rows)
        listed = namelists.accept(listed, {line: code for line, code in chosen.items() if code != _NONE})
        dismissed = [line for line, code in chosen.items() if code == _NONE]
        left = listed.undecided.with_columns(
            why=pl.when(pl.col("line").is_in(dismissed)).then(pl.lit(DISMISSED)).otherwise("why")
        )
        about = _again(ws, kept, reason or "人工选定")
        told = {"chosen": len(chosen) - len(dismissed), "dismissed": len(dismissed)}
        draft = _Draft(batch, about, listed.entries, left)
        return _written(ws, book, draft, told, actor=actor, action="list.decided")


def withdraw_list(ws: Workspace, batch: Batch, *, actor: str, reason: str, name: str = register.MAIN) -> Manifest:
    """The list no longer holds, as of any day: it was taken in by mistake. Its editions stay on disk.

    Raises NotFound for a list that is not there, InputRefused without a reason.
    """
    register.open(ws.path / "registers", name)
    if not reason.strip():
        refuse([fault("reason", "没有写明理由", "请写明为什么撤回这份名单")])
    with writing(ws, name, actor=actor):
        book, kept, entries = _standing(ws, batch, name)
        first_known = min(each.about.known_on for each in membership.editions(book, batch))
        about = replace(_again(ws, kept, reason), known_on=first_known, is_withdrawn=True)
        draft = _Draft(batch, about, entries.head(0))
        return _written(ws, book, draft, {}, actor=actor, action="list.withdrawn")


def admit_candidates(
    ws: Workspace, tier_id: str, stage: Stage, *, actor: str, reason: str, day: date, name: str = register.MAIN
) -> ListImported:
    """The firms that meet the tier's rule on `day` and do not hold it yet, as a list of today with the clauses of each.

    A list of candidates (免申即享名单) becomes a list of titles only by this act of a person. Raises what
    `candidates.candidates` raises, InputRefused where nobody is eligible or no reason is given.
    """
    book = register.open(ws.path / "registers", name)
    with writing(ws, name, actor=actor):
        return _admitted(ws, book, (tier_id, stage, day), actor, reason)


def _admitted(ws: Workspace, book: Register, what: tuple[str, Stage, date], actor: str, reason: str) -> ListImported:
    tier_id, stage, day = what
    firms = register.read(book, ws.city, purpose=USE, day=day)
    lists = membership.read(book, purpose=USE)
    found = candidates.candidates(firms, ws.city, tier_id, day, _holders(ws, book, firms, lists, tier_id, day))
    faults = [] if reason.strip() else [fault("reason", "没有写明理由", "请写明列入名单的依据")]
    if found.eligible.is_empty():
        faults.append(fault("candidates", f"按 {day} 的名册和标准，没有可以列入的企业", "请核对日期和层级"))
    refuse(faults)
    numbers = [each.batch.number for each in lists.kept if _is_like(each.batch, tier_id, stage, ws.today.year)]
    batch = _free(book, Batch(tier_id, stage, ws.today.year, max(numbers, default=0) + 1))
    judged = f"按 {day} 的名册和“{ws.city.tiers[tier_id].name}”{found.version}版逐条判定"
    origin = Origin(judged, ws.today, book.purpose)
    about = About(ws.today, batch.year, ws.today, (origin,), firms.is_invented, "", ws.city.id, ws.city.digest)
    rows = candidates.entries(found, ws.city, reason)
    told = {"tier": tier_id, "version": found.version, "snapshot": found.snapshot, "on": f"{day}"}
    manifest = _written(ws, book, _Draft(batch, about, rows), told, actor=actor, action="list.admitted", reason=reason)
    return ListImported(batch, manifest, _listed(batch, rows, _nobody()))


def _holders(
    ws: Workspace, book: Register, firms: register.Firms, lists: membership.Lists, tier_id: str, day: date
) -> list[str]:
    """Codes of those that hold the title on the day, as the pages count them."""
    days = membership.days_known(book, ws.today)
    told = [(each, register.read(book, ws.city, purpose=USE, day=each).rows) for each in days]
    ended = membership.departures(
        [(each, rows.select(KEY, "ended_on", "merged_into_uscc").collect()) for each, rows in told]
    )
    rows = membership.holding(firms.rows.select(KEY, "titles"), membership.titles_told(lists, day, ended))
    return rows.filter(pl.col("titles").list.contains(tier_id)).collect()[KEY].to_list()


def draw_lists(ws: Workspace, drawing: Drawing, *, actor: str, reason: str = "演示") -> int:
    """Lists of the invented register, drawn to agree with its titles, each that is not there yet; how many came in.

    A list whose names are to be damaged goes the way of any published list, so that rows wait for a person. Raises
    Conflict where the register holds real firms.
    """
    book = register.open(ws.path / "registers", register.MAIN)
    if not all(manifest.about.is_invented for manifest in book.snapshots()):
        raise Conflict(f"名册“{register.MAIN}”里是真实企业，不能混入演示名单")
    drawn = 0
    with writing(ws, register.MAIN, actor=actor):
        for each in invented_lists.batches(ws.city, drawing):
            if membership.editions(book, each.batch):
                continue
            drawn += 1
            if each.damaged_pct:
                _printed(ws, book, each, drawing.seed, actor, reason)
                continue
            origin = Origin(INVENTED_LISTS, each.published_on, book.purpose)
            about = About(
                each.published_on, each.batch.year, each.published_on, (origin,), True, "", ws.city.id, ws.city.digest
            )
            draft = _Draft(each.batch, about, each.entries)
            _written(ws, book, draft, {}, actor=actor, action="list.invented", reason=reason)
    return drawn


def _printed(ws: Workspace, book: Register, each: DrawnBatch, seed: int, actor: str, reason: str) -> None:
    """The list as an office would send it: a table of names, some of them not as the register has them."""
    names = invented_lists.damaged(each.entries["name"], ws.city, each.damaged_pct, seed)
    tier = ws.city.tiers[each.batch.list_id]
    with tempfile.TemporaryDirectory(prefix=".half-", dir=ws.path / "registers") as scratch:
        table = Path(scratch) / f"演示_{tier.name}{each.batch.year}年名单.csv"
        table.write_text("\n".join(["企业名称", *names]), "utf-8")
        _taken_in(ws, book, _Sent(table, each.batch, each.published_on, reason, {}), actor)


def _is_like(batch: Batch, tier_id: str, stage: Stage, year: int) -> bool:
    return (batch.list_id, batch.stage, batch.year) == (tier_id, stage, year)


def _free(book: Register, batch: Batch) -> Batch:
    """The batch, or the next number that no list bears; a withdrawn one keeps its number."""
    while membership.editions(book, batch):
        batch = Batch(batch.list_id, batch.stage, batch.year, batch.number + 1)
    return batch


def _nobody() -> pl.DataFrame:
    return pl.DataFrame(schema=membership.UNDECIDED)


def _listed(batch: Batch, entries: pl.DataFrame, undecided: pl.DataFrame) -> NameList:
    """What is kept of a list, as `namelists` has it; proposals are for who asks anew."""
    proposals = pl.DataFrame(schema=namelists.PROPOSALS)
    return NameList(batch, entries, proposals, undecided, entries.height + undecided.height, ())


def _standing(ws: Workspace, batch: Batch, name: str) -> tuple[Register, Kept, pl.DataFrame]:
    """The register, the list as it stands, and its entries."""
    book = register.open(ws.path / "registers", name)
    lists = membership.read(book, purpose=USE)
    kept = next((each for each in lists.kept if each.batch == batch), None)
    if kept is None:
        raise NotFound(f"没有收录名单 {batch.name}")
    own = (pl.col("list_id") == batch.list_id) & (pl.col("stage") == batch.stage.value)
    own &= (pl.col("year") == batch.year) & (pl.col("number") == batch.number)
    return book, kept, lists.entries.filter(own).select(list(membership.TYPES))


def _again(ws: Workspace, kept: Kept, reason: str) -> About:
    return replace(kept.manifest.about, reason=reason, city_id=ws.city.id, folder_digest=ws.city.digest)


@dataclass(frozen=True)
class _Draft:
    """An edition to be written; `undecided` None: no row waits."""

    batch: Batch
    about: About
    entries: pl.DataFrame
    undecided: pl.DataFrame | None = None


def _written(
    ws: Workspace, book: Register, draft: _Draft, told: Mapping[str, Any], *, actor: str, action: str, reason: str = ""
) -> Manifest:
    keep_folder(ws.path, ws.city)
    about = replace(draft.about, action=action)
    manifest = membership.write(
        book, draft.batch, about, draft.entries, recorded_at=ws.clock(), undecided=draft.undecided
    )
    with store.recording(action, actor=actor, reason=about.reason or reason, clock=ws.clock,
                         subject=("list", draft.batch.name)) as entry:  # fmt: skip
        entry.remarks.update({**told_of_list(book, manifest), **told})
    return manifest
