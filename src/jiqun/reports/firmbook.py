"""The register of firms as a page may see it: the snapshot and the verdicts of a day, within the reader's scope."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from jiqun.enterprises import membership, register, tiers, verdicts
from jiqun.enterprises.columns import KEY
from jiqun.enterprises.membership import Lists
from jiqun.enterprises.register import Firms, Register
from jiqun.enterprises.snapshots import Manifest
from jiqun.ledger import access
from jiqun.ledger.models import Run, RunState
from jiqun.model.errors import NotFound, NothingYet
from jiqun.model.purposes import Purpose
from jiqun.packs.schema.tiers import Tier
from jiqun.reports.kept import kept
from jiqun.reports.view import View

USE = Purpose.SERVICE  # pages find firms to help; nothing that may not serve this is shown
AREA = "area_id"
_TITLES: dict[str, pl.DataType] = {KEY: pl.String(), "titles": pl.List(pl.String)}
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Judged:
    """The run whose answers a page shows."""

    run_id: int
    on: date
    tier_ids: tuple[str, ...]
    file: Path


@dataclass(frozen=True)
class Firmbook:
    """`firms`: all that the snapshot holds; `answers`: what lists need, with the answers of `judged` if any.

    Both hold firms of `areas` only, of all where it is None. `newer` is the day of a later snapshot not yet judged.
    """

    view: View
    register: Register
    manifest: Manifest
    firms: Firms
    answers: pl.LazyFrame
    judged: Judged | None
    areas: frozenset[str] | None
    newer: date | None

    @property
    def on(self) -> date:
        """The day whose rules judge."""
        return self.judged.on if self.judged else self.view.on

    @cached_property
    def rows(self) -> pl.LazyFrame:
        """The answers, with `titles` held on the day of the rules: by the lists known, else as the register says."""
        told = self.kept("titles told", lambda: membership.titles_told(self.lists, self.on, self.ended))
        return membership.holding(self.answers, told)

    def titles(self, row: Mapping[str, Any]) -> list[str] | None:
        """What the firm of the row holds, as `rows` says of all; None where nothing is known."""
        own, ended = self.lists.entries.filter(pl.col(KEY) == row[KEY]), self.ended.filter(pl.col(KEY) == row[KEY])
        said = pl.LazyFrame({KEY: [row[KEY]], "titles": [row.get("titles")]}, schema_overrides=_TITLES)
        told = membership.titles_told(replace(self.lists, entries=own), self.on, ended)
        found: list[str] | None = membership.holding(said, told).collect()["titles"].to_list()[0]
        return found

    @property
    def lists(self) -> Lists:
        """The lists known on the page's day as they are, also of firms that the reader may not see."""
        return self.kept("lists", lambda: membership.read(self.register, purpose=USE, known_on=self.view.on))

    @property
    def ended(self) -> pl.DataFrame:
        """uscc, ended_on of firms that ended, as far as known on the page's day."""
        return self.kept("ended", lambda: membership.departures(list(self.snapshots())))

    def snapshots(self) -> Iterator[tuple[date, pl.DataFrame]]:
        """Of each day the edition known on the page's day: day, and where firms were and what ended them."""
        for day in membership.days_known(self.register, self.view.on):
            firms = register.read(self.register, self.view.city, purpose=USE, day=day, known_on=self.view.on)
            yield day, firms.rows.select(KEY, AREA, "ended_on", "merged_into_uscc").collect(engine="streaming")

    @cached_property
    def reported_areas(self) -> frozenset[str] | None:
        """`areas` and those they report as: who reads 虎丘区 reads what is told of 高新区, the same district."""
        if self.areas is None:
            return None
        known = (self.view.city.areas.get(id_) for id_ in self.areas)
        return self.areas | {area.same_as_id for area in known if area is not None and area.same_as_id}

    @property
    def is_invented(self) -> bool:
        return self.firms.is_invented

    @property
    def snapshot_day(self) -> date:
        return self.manifest.about.day

    @cached_property
    def tiers(self) -> tuple[Tier, ...]:
        """The tiers of firms that a page can speak of: those judged, else those in force."""
        ids = self.judged.tier_ids if self.judged else tiers.tiers_on(self.view.city, self.on)
        return tuple(self.view.city.tiers[id_] for id_ in ids if id_ in self.view.city.tiers)

    @cached_property
    def size_tier(self) -> Tier | None:
        """The tier that sorts firms into size classes."""
        return next((tier for tier in self.tiers if any(version.bands for version in tier.versions)), None)

    def is_judged(self, tier_id: str) -> bool:
        return self.judged is not None and tier_id in self.judged.tier_ids

    def kept(self, name: str, derive: Callable[[], Answer]) -> Answer:
        """What `derive` answers, kept for everybody of the same scope until the ledger changes.

        A run is done a moment after its event, so the answer also hangs on the run and the snapshot that are shown.
        """
        scope = "*" if self.areas is None else " ".join(sorted(self.areas))
        shown = f"{self.manifest.digest} {self.judged.run_id if self.judged else '-'}"
        return kept(self.view, f"firms [{scope}] {shown} {name}", derive)


def opened(view: View, root: Path) -> Firmbook:
    """The register below `root` as of the view's day.

    Raises Forbidden for a reader without firms in scope and for firms collected for statistics, NothingYet where
    there is no register, or none so old.
    """
    areas = access.firm_areas(view.user, view.city)
    if register.MAIN not in register.names(root):
        raise NothingYet("还没有企业名册；由市级经办人在网页上或用 jiqun import-firms 导入")
    book = register.open(root, register.MAIN)
    every = book.snapshots()
    if not any(max(m.about.day, m.about.known_on) <= view.on for m in every):
        first = min((max(m.about.day, m.about.known_on) for m in every), default=None)
        told = f"最早的名册从 {first} 起可以查看，请把查看日期改到那天或以后" if first else "导入的都已撤回，请重新导入"
        raise NothingYet(f"{view.on} 还没有企业名册；{told}")
    latest = register.manifest_on(book, view.on, view.on)
    known = {m.digest: m for m in book.snapshots() if m.about.known_on <= view.on}
    judged, manifest = _judged(view.on, root, known) or (None, latest)
    firms = register.read_snapshot(book, manifest, view.city, purpose=USE)
    rows = verdicts.read(judged.file, USE) if judged else verdicts.listed(firms)
    if areas is not None:
        firms, rows = replace(firms, rows=_within(firms.rows, areas)), _within(rows, areas)
    newer = latest.about.day if latest.digest != manifest.digest else None
    return Firmbook(view, book, manifest, firms, rows, judged, areas, newer)


def firm(book: Firmbook, code: str) -> dict[str, object]:
    """The firm's row, with the origins of its groups. Raises NotFound, also for a firm out of scope."""
    found = register.find(book.firms, code)
    if found is None:
        raise NotFound("名册里没有这家企业，或它不在可以查看的范围内")
    return dict(found)


def _judged(on: date, root: Path, known: dict[str, Manifest]) -> tuple[Judged, Manifest] | None:
    """The run of the latest day up to `on` whose snapshot and file are there; of one day the last."""
    asked = {"register": register.MAIN, "form": verdicts.FORM}
    runs = Run.objects.filter(kind=verdicts.RUN, state=RunState.DONE)
    runs = runs.filter(**{f"parameters__{name}": value for name, value in asked.items()})
    found = [run for run in runs if date.fromisoformat(run.parameters["on"]) <= on]
    for run in sorted(found, key=lambda run: (run.parameters["on"], run.pk), reverse=True):
        file, manifest = root / run.result["file"], known.get(run.parameters["snapshot"])
        if manifest is not None and file.is_file():
            day = date.fromisoformat(run.parameters["on"])
            return Judged(run.pk, day, tuple(run.parameters["tiers"]), file), manifest
    return None


def _within(rows: pl.LazyFrame, areas: frozenset[str]) -> pl.LazyFrame:
    return rows.filter(pl.col(AREA).is_in(sorted(areas)))
