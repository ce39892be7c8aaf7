"""The cultivation ladder: every tier with its step; one tier with its rule, its source and how many firms reach it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import polars as pl

from jiqun.enterprises import tiers as ladder
from jiqun.enterprises.tiers.explaining import Explained, Line, TableLines, explained
from jiqun.enterprises.tiers.nearest import FAILS
from jiqun.enterprises.tiers.resolving import resolve, version_on
from jiqun.enterprises.tiers.rule import Joined, Meets, Node
from jiqun.model.errors import NotFound
from jiqun.packs.schema.tiers import LegalBasis, SizeBand, Tier, TierVersion
from jiqun.reports.firmbook import AREA, Firmbook
from jiqun.reports.firms import ref_of
from jiqun.reports.listbook import listed
from jiqun.reports.sizes import SizeTable, size_table
from jiqun.reports.tilemap import TileMap, tile_map
from jiqun.reports.view import Ref, View

LEVELS = {
    "national": "国家级", "provincial": "省级", "municipal": "市级", "zone": "园区级", "market": "市场榜单",
}  # fmt: skip
STEPS = ("入库", "前置", "培育", "可申报", "认定")
MAPPED = {"meets": "符合家数", "share": "符合率", "unknown": "未知率"}


@dataclass(frozen=True, slots=True)
class Tally:
    """Of `firms` firms: those that meet, fail, are unknown; those that hold the title, and of these those that fail.

    Each firm is one of `holds`, `may_apply` (meets, does not hold), `open` (unknown, does not hold) and `out`.
    """

    firms: int
    meets: int
    fails: int
    unknown: int
    holds: int
    lapsing: int
    may_apply: int
    open: int

    @property
    def out(self) -> int:
        return self.firms - self.holds - self.may_apply - self.open

    @property
    def meets_pct(self) -> float | None:
        return 100 * self.meets / self.firms if self.firms else None

    @property
    def unknown_pct(self) -> float | None:
        return 100 * self.unknown / self.firms if self.firms else None


@dataclass(frozen=True, slots=True)
class TierRow:
    """`tally` is None where the reader sees no firms, or the tier was not judged."""

    ref: Ref
    level_label: str
    issuer: str
    version: str
    since: date | None
    tally: Tally | None


@dataclass(frozen=True)
class LadderLine:
    name: str
    steps: tuple[tuple[TierRow, ...], ...]
    basis: tuple[LegalBasis, ...]


@dataclass(frozen=True)
class Tiers:
    on: date
    book: Firmbook | None
    ladders: tuple[LadderLine, ...]
    rows: tuple[TierRow, ...]


@dataclass(frozen=True)
class RuleLine:
    """A node of the rule: `all` or `any` of `parts`, a `clause`, or a points `table`."""

    kind: str
    parts: tuple[RuleLine, ...] = ()
    clause: Line | None = None
    table: TableLines | None = None


@dataclass(frozen=True, slots=True)
class Edition:
    version: str
    start: date | None
    end: date | None
    is_shown: bool


@dataclass(frozen=True, slots=True)
class AreaTally:
    area: Ref | None
    tally: Tally


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the funnel; `link` is the query of the list that has its firms, "" for none.

    `before`: the tier that the step is about, of a step before the title.
    """

    label: str
    says: str
    firms: int
    of: int
    link: str
    before: Ref | None = None

    @property
    def pct(self) -> float:
        return 100 * self.firms / self.of if self.of else 0.0


@dataclass(frozen=True)
class TierPage:
    """`rule` None: no edition on the day, or its thresholds are not known (`note`)."""

    ref: Ref
    on: date
    level_label: str
    issuer: str
    validity: str
    version: TierVersion | None
    editions: tuple[Edition, ...]
    source: str
    prerequisites: tuple[Ref, ...]
    rule: RuleLine | None
    read: Explained | None
    bands: tuple[SizeBand, ...]
    metric_names: Mapping[str, str]
    book: Firmbook | None
    is_judged: bool
    tally: Tally | None
    funnel: tuple[Step, ...]
    by_area: tuple[AreaTally, ...]
    map: TileMap | None
    mapped: str
    note: str
    is_of_clusters: bool
    sizes: SizeTable | None  # of the tier that sorts firms into size classes
    lists: int  # published lists of it that are known on the day, 0 also for readers without firms


def tiers(view: View, book: Firmbook | None) -> Tiers:
    """Every tier of the folder; with `book`, how many firms stand on it."""
    on = book.on if book else view.on
    rows = {tier.id: _row(tier, on, book) for tier in view.city.tiers.values()}
    ladders = tuple(
        LadderLine(
            each.name,
            tuple(tuple(rows[id_] for id_ in step if id_ in rows) for step in each.steps),
            each.legal_basis,
        )
        for each in view.city.ladders.values()
    )
    return Tiers(on, book, ladders, tuple(rows.values()))


def _row(tier: Tier, on: date, book: Firmbook | None) -> TierRow:
    version = version_on(tier, on)
    tally = _total(book, tier.id) if book and _counts(book, tier.id) else None
    return TierRow(
        ref_of(tier),
        LEVELS.get(tier.level, tier.level),
        tier.issuer,
        version.version if version else "",
        version.effective_from if version else None,
        tally,
    )


def tier(view: View, key: str, book: Firmbook | None, mapped: str = "meets") -> TierPage:
    """One tier as its edition of the day has it. Raises NotFound."""
    found = view.city.tiers.get(key)
    if found is None:
        raise NotFound("资料夹中没有这个梯度层级")
    on = book.on if book else view.on
    version = version_on(found, on)
    rule = resolve(view.city, key, on) if version is not None else None
    read = explained(rule, {}, view.city) if rule is not None else None
    is_judged = book is not None and _counts(book, key)
    by_area = _by_area(book, key) if book and is_judged else ()
    mapped = mapped if mapped in MAPPED else "meets"
    source = view.city.sources.get(found.source or "")
    return TierPage(
        ref=ref_of(found),
        on=on,
        level_label=LEVELS.get(found.level, found.level),
        issuer=found.issuer,
        validity=found.validity_text or (f"{found.validity_years} 年" if found.validity_years else ""),
        version=version,
        editions=tuple(Edition(v.version, v.effective_from, v.effective_to, v is version) for v in found.versions),
        source=source.title if source else found.source or "",
        prerequisites=tuple(ref_of(view.city.tiers[id_]) for id_ in found.prerequisite_ids if id_ in view.city.tiers),
        rule=_rule(rule.node, read) if rule is not None and read is not None and rule.node is not None else None,
        read=read,
        bands=version.bands if version else (),
        metric_names={metric.id: metric.name for metric in view.city.metrics.values()},
        book=book,
        is_judged=is_judged,
        tally=_sum(by_area) if by_area else None,
        funnel=_funnel(book, found, _sum(by_area)) if book and by_area else (),
        by_area=by_area,
        map=_map(view, by_area, mapped) if by_area else None,
        mapped=mapped,
        note=_note(found, version),
        is_of_clusters=found.subject == "cluster" and version is not None,
        sizes=size_table(book) if book and book.size_tier is found else None,
        lists=sum(each.batch.list_id == key for each in listed(book).lists.kept) if book else 0,
    )


def _note(found: Tier, version: TierVersion | None) -> str:
    if version is None:
        return "这一天没有有效的版本"
    if version.rule is None and not version.bands:
        return version.note or "门槛未知，不能判定"
    return found.note


def _rule(node: Node, read: Explained) -> RuleLine:
    if isinstance(node, Joined):
        return RuleLine(node.how, tuple(_rule(part, read) for part in node.parts))
    if isinstance(node, Meets):
        return RuleLine("clause", clause=next(line for line in read.lines if line.id == node.clause))
    return RuleLine("table", table=next(table for table in read.tables if table.id == node.table))


# --- how many


def _counts(book: Firmbook, tier_id: str) -> bool:
    return book.is_judged(tier_id) and not (book.size_tier and tier_id == book.size_tier.id)


def _total(book: Firmbook, tier_id: str) -> Tally:
    return _sum(_by_area(book, tier_id))


def _by_area(book: Firmbook, tier_id: str) -> tuple[AreaTally, ...]:
    return book.kept("tallies", lambda: _tallies(book)).get(tier_id, ())


def _tallies(book: Firmbook) -> dict[str, tuple[AreaTally, ...]]:
    """Of every tier, by area: one pass over the answers."""
    ids = [tier.id for tier in book.tiers if _counts(book, tier.id)]
    made = [pl.len().alias("firms")]
    for id_ in ids:
        met, holds = pl.col(id_), pl.col("titles").list.contains(id_).fill_null(False)
        made += [
            met.eq_missing(True).sum().alias(f"{id_}:meets"),
            met.is_null().sum().alias(f"{id_}:unknown"),
            holds.sum().alias(f"{id_}:holds"),
            (holds & met.eq_missing(False)).sum().alias(f"{id_}:lapsing"),
            (~holds & met.eq_missing(True)).sum().alias(f"{id_}:may_apply"),
            (~holds & met.is_null()).sum().alias(f"{id_}:open"),
        ]
    rows = book.rows.group_by(AREA).agg(made).collect().to_dicts()
    order = {area_id: at for at, area_id in enumerate(book.view.city.areas)}
    rows.sort(key=lambda row: order.get(row[AREA] or "", len(order)))
    return {
        id_: tuple(AreaTally(book.view.names.area(row[AREA]), _tally(row, id_)) for row in rows) for id_ in ids
    }  # fmt: skip


def _tally(row: dict[str, int], id_: str) -> Tally:
    meets, unknown, holds, lapsing, may_apply, waits = (
        row[f"{id_}:{what}"] for what in ("meets", "unknown", "holds", "lapsing", "may_apply", "open")
    )
    return Tally(row["firms"], meets, row["firms"] - meets - unknown, unknown, holds, lapsing, may_apply, waits)


def _sum(parts: tuple[AreaTally, ...]) -> Tally:
    fields = ("firms", "meets", "fails", "unknown", "holds", "lapsing", "may_apply", "open")
    return Tally(*(sum(getattr(part.tally, name) for part in parts) for name in fields))


def _funnel(book: Firmbook, found: Tier, total: Tally) -> tuple[Step, ...]:
    """From the register to the title; the steps are counted apart, each of all firms in scope."""
    steps = [Step(STEPS[0], "在册企业", total.firms, total.firms, "")]
    for id_ in found.prerequisite_ids:
        before = book.view.city.tiers.get(id_)
        if before is not None and book.is_judged(id_):
            had = pl.col("titles").list.contains(id_).fill_null(False) | pl.col(id_).eq_missing(True)
            count = int(book.rows.select(had.sum()).collect().item())
            steps.append(Step(STEPS[1], "已有或符合", count, total.firms, f"tier={id_}", ref_of(before)))
    near = book.kept(f"one clause away {found.id}", lambda: _one_clause_away(book, found.id))
    steps.append(Step(STEPS[2], "只差一条即可达标", near, total.firms, "near"))
    steps.append(Step(STEPS[3], "符合条件，还没有称号", total.may_apply, total.firms, f"tier={found.id}&answer=meets"))
    steps.append(Step(STEPS[4], "已有有效称号", total.holds, total.firms, f"tier={found.id}&answer=holds"))
    return tuple(steps)


def _one_clause_away(book: Firmbook, tier_id: str) -> int:
    """Firms with a known figure that alone keeps them out."""
    found = ladder.near_misses(book.firms, book.view.city, tier_id, book.on, (), listed=ladder.Listed(most=0))
    return int(found.totals.filter(pl.col("answer") == FAILS)["firms"].sum())


def _map(view: View, by_area: tuple[AreaTally, ...], mapped: str) -> TileMap:
    shown = view.city.reporting_areas(view.city.area_id) if view.city.area_id else ()
    values = {each.area.id: _value(each.tally, mapped) for each in by_area if each.area is not None}
    return tile_map(shown, values, "家" if mapped == "meets" else "%")


def _value(tally: Tally, mapped: str) -> Decimal | None:
    if mapped == "meets":
        return Decimal(tally.meets)
    share = tally.meets_pct if mapped == "share" else tally.unknown_pct
    return None if share is None else Decimal(f"{share:.1f}")
