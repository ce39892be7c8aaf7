"""The page of one line of catalogues: its editions side by side, its changes, and figures recast to an edition."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date, datetime

from jiqun.industry.catalogues import editions
from jiqun.industry.correspondence import OUTSIDE, returning
from jiqun.industry.divisions import serving
from jiqun.industry.previewing import FATES, UNTOUCHED, Effect, Fate, Preview
from jiqun.ledger import editions as adoptions
from jiqun.model.errors import InputRefused, NotFound
from jiqun.model.shares import print_share
from jiqun.packs.schema.clusters import Catalogue
from jiqun.reports.catalogue_subjects import KINDS
from jiqun.reports.clusters import EventRow, event_row
from jiqun.reports.lineage_drawing import Drawing, drawing
from jiqun.reports.recasts import KeyChoice, RecastRow, newest, recasts, way_between
from jiqun.reports.split_keys import KeyUsed, keys_on
from jiqun.reports.split_pages import DivisionRow, division_rows
from jiqun.reports.view import Ref, View
from jiqun.tables import xlsx
from jiqun.tables.xlsx import Column, Page

_MOST_SIDE_BY_SIDE = 4


@dataclass(frozen=True, slots=True)
class ShareRow:
    """The share of a cluster that is in one of the other edition; `returns`: recast there and back it is itself."""

    before: Ref | None
    after: Ref | None
    share: str
    keys: tuple[KeyUsed, ...]
    returns: bool | None


@dataclass(frozen=True, slots=True)
class EditionTab:
    id: str
    name: str
    edition: str
    count: int
    effective_from: date | None
    is_in_force: bool
    adopted: adoptions.Adoption | None


@dataclass(frozen=True)
class CataloguePage:
    series: str
    name: str
    editions: tuple[EditionTab, ...]
    drawing: Drawing
    events: tuple[tuple[EditionTab, tuple[EventRow, ...], int], ...]
    to: EditionTab
    rows: tuple[RecastRow, ...]
    choices: tuple[KeyChoice, ...]
    shares: tuple[ShareRow, ...]
    divisions: tuple[DivisionRow, ...]
    trouble: str
    proposals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EffectRow:
    kind: str
    id: str
    name: str
    fate: Fate
    label: str
    cluster: Ref | None
    heirs: tuple[Ref, ...]
    beside: tuple[Ref, ...]
    needs_key: bool
    breaks: bool
    owners: tuple[Ref, ...]


@dataclass(frozen=True)
class PreviewPage:
    """What adopting an edition would do, by kind of subject, the gravest first."""

    digest: str
    name: str
    edition: str
    series: str
    effective_from: date | None
    note: str
    count: int
    previous: Ref | None
    drawing: Drawing
    tallies: tuple[tuple[str, int], ...]
    kinds: tuple[tuple[str, str, tuple[EffectRow, ...], int], ...]
    fresh: tuple[str, ...]
    undivided: tuple[Ref, ...]
    owners: tuple[Ref, ...]


def catalogue_page(
    view: View, series: str, to_id: str = "", key: str = "", *, every_period: bool = True
) -> CataloguePage:
    """Recast figures of every period, or the newest of each series. Raises NotFound for a line that is not there."""
    line = editions(view.city.catalogues, series)
    if not line:
        raise NotFound("资料夹里没有这个集群目录")
    by_decision = {one.edition_id: one for one in adoptions.adopted()}
    tabs = {one.id: _tab(view, one, by_decision) for one in line}
    chosen = next((one for one in line if one.id == to_id), None) or _in_force(view, line)
    rows, choices = recasts(view, chosen.id, key=key)
    shares, trouble = _shares(view, line, chosen)
    return CataloguePage(
        series=series,
        name=_in_force(view, line).name,
        editions=tuple(tabs.values()),
        drawing=drawing(line[-_MOST_SIDE_BY_SIDE:]),
        events=tuple(_changes(view, tabs[one.id], one) for one in reversed(line) if one.events),
        to=tabs[chosen.id],
        rows=rows if every_period else newest(rows),
        choices=choices,
        shares=shares,
        divisions=division_rows(view, line),
        trouble=trouble,
        proposals=tuple(path for path in view.city.paths("proposals/") if path.endswith(".yaml")),
    )


def preview_page(view: View, digest: str, found: Preview) -> PreviewPage:
    """The preview in the words of the page; clusters of the proposed edition are named by itself."""
    proposed, previous = found.catalogue, found.previous
    fresh = {one.id: Ref(one.id, one.name, one.name_en) for one in proposed.clusters}
    rows = [_effect(view, effect, fresh) for effect in found.effects]
    kinds = []
    for kind, label in KINDS.items():
        own = [row for row in rows if row.kind == kind]
        told = tuple(row for row in own if row.fate not in UNTOUCHED)
        if own:
            kinds.append((kind, label, told, len(own) - len(told)))
    tallies = tuple((FATES[fate], sum(row.fate is fate for row in rows)) for fate in Fate)
    return PreviewPage(
        digest=digest,
        name=proposed.name,
        edition=proposed.edition,
        series=proposed.series,
        effective_from=proposed.effective_from,
        note=proposed.note,
        count=len(proposed.clusters),
        previous=Ref(previous.id, f"{previous.name} {previous.edition}") if previous else None,
        drawing=drawing([previous, proposed] if previous else [proposed], proposed_id=proposed.id),
        tallies=tuple((label, count) for label, count in tallies if count),
        kinds=tuple(kinds),
        fresh=tuple(fresh[one].name for one in found.fresh),
        undivided=tuple(ref for one in found.undivided if (ref := view.names.cluster(one))),
        owners=view.names.bodies(found.owners),
    )


def catalogue_workbook(view: View, page: CataloguePage, *, created: datetime) -> bytes:
    """Changes, shares, recast figures and split keys as an xlsx file of four sheets."""
    names = {"": "目录外"}
    changes = [
        [tab.edition, event.label, "、".join(ref.name for ref in event.before) or None,
         "、".join(ref.name for ref in event.after) or None, event.on, event.note or None]
        for tab, events, _ in page.events for event in events
    ]  # fmt: skip
    shares = [
        [row.before.name if row.before else names[""], row.after.name if row.after else names[""], row.share,
         "；".join(key.said for key in row.keys) or None]
        for row in page.shares
    ]  # fmt: skip
    figures = [
        [row.cluster.name, row.indicator.name, row.area.name if row.area else None, row.period, row.from_edition,
         "；".join(f"{part.cluster.name} {part.value}" for part in row.parts), row.said, "是" if row.is_exact else "否",
         row.why or None, "；".join(key.said for key in row.keys) or None,
         "；".join(part.value for part in row.beside) or None]
        for row in page.rows
    ]  # fmt: skip
    keys = [
        [row.cluster.name, f"{row.from_edition}→{row.to_edition}", "、".join(part.name for part in row.parts),
         "∶".join(part.share for part in row.parts) if row.key else None, row.key.since if row.key else None,
         (row.key.basis or None) if row.key else None, row.key.source if row.key else None,
         row.key.reason if row.key else None]
        for row in page.divisions
    ]  # fmt: skip
    pages = [
        Page("变动", (Column("版次"), Column("变动"), Column("变动前", width=44), Column("变动后", width=44),
                    Column("日期", xlsx.Kind.DAY), Column("说明", width=48)), changes,
             title=f"{view.city.name}{page.name}：各版变动"),
        Page("对应份额", (Column("上一版集群", width=30), Column("所归集群", width=30), Column("份额"),
                      Column("依据", width=40)), shares, title=f"换算到{page.to.edition}版的份额"),
        Page("换算数", (Column("集群", width=24), Column("指标", width=28), Column("区域"), Column("时期"),
                     Column("来自版次"), Column("原印数", width=48), Column("换算得", width=24), Column("是否确数"),
                     Column("不能确定的原因", width=40), Column("分劈依据", width=36), Column("本版印数")), figures,
             title=f"换算到{page.to.edition}版的数"),
        Page("分劈依据", (Column("集群", width=30), Column("版次"), Column("去向", width=48), Column("份额", width=24),
                      Column("施行日", xlsx.Kind.DAY), Column("所按序列", width=32), Column("来源", width=40),
                      Column("理由", width=40)), keys, title="各版之间待分劈的集群和写明的依据"),
    ]  # fmt: skip
    notes = [
        ("截至", f"{view.on}；只含该日已公开的数据"),
        ("城市资料夹", f"{view.city.edition}，摘要 {view.city.digest}"),
        ("换算", "合并相加，拆分须有依据；没有依据的写出上下限，不作估计；缺数不当作零"),
    ]
    out = io.BytesIO()
    xlsx.write(out, pages, created=created, notes=notes)
    return out.getvalue()


def _tab(view: View, one: Catalogue, by_decision: dict[str, adoptions.Adoption]) -> EditionTab:
    begins, ends = one.effective_from, one.effective_to
    is_in_force = (begins or date.min) <= view.on <= (ends or date.max)
    return EditionTab(one.id, one.name, one.edition, len(one.clusters), begins, is_in_force, by_decision.get(one.id))


def _in_force(view: View, line: tuple[Catalogue, ...]) -> Catalogue:
    begun = [one for one in line if (one.effective_from or date.min) <= view.on]
    return begun[-1] if begun else line[-1]


def _changes(view: View, tab: EditionTab, one: Catalogue) -> tuple[EditionTab, tuple[EventRow, ...], int]:
    changed = tuple(event_row(view, event) for event in one.events if event.type != "kept")
    return tab, changed, len(one.events) - len(changed)


def _shares(view: View, line: tuple[Catalogue, ...], chosen: Catalogue) -> tuple[tuple[ShareRow, ...], str]:
    """From the edition before the chosen one, or for the first from the one after it."""
    at = line.index(chosen)
    if len(line) == 1:
        return (), ""
    other = line[at - 1] if at else line[1]
    known, held = view.city.catalogues, keys_on(view)
    named = {one.split.said: one.used for one in held}
    splits = [one.split for one in held]
    try:
        way = way_between(view, other.id, chosen.id, held)
        there, back = (serving(known, *ends, splits) for ends in ((other.id, chosen.id), (chosen.id, other.id)))
        same = returning(known, other.id, chosen.id, [*there, *back])
    except (InputRefused, NotFound) as error:
        return (), str(error)
    return tuple(
        ShareRow(
            view.names.cluster(link.before),
            view.names.cluster(link.after),
            print_share(link.share) if link.share is not None else f"未知（至多 {print_share(link.high)}）",
            tuple(named.get(word, KeyUsed(word)) for word in link.said),
            same.get(link.before),
        )
        for link in way.links
        if link.before or link.after != OUTSIDE
    ), ""


def _effect(view: View, effect: Effect, fresh: dict[str, Ref]) -> EffectRow:
    subject = effect.subject
    return EffectRow(
        subject.kind, subject.id, subject.name, effect.fate, FATES[effect.fate], view.names.cluster(subject.cluster_id),
        tuple(fresh[one] for one in effect.heirs),
        tuple(ref for one in effect.beside if (ref := view.names.cluster(one))),
        effect.needs_key, effect.breaks, view.names.bodies(subject.owners),
    )  # fmt: skip
