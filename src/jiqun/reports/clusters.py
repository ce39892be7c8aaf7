"""The pages of clusters: catalogues by edition, what changed between them, and one cluster with its line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from jiqun.industry.catalogues import EVENT_LABELS, editions, lineage, steps_into
from jiqun.industry.members import belonging, in_force, together
from jiqun.model.errors import NotFound
from jiqun.model.shares import print_share
from jiqun.packs.schema.chains import Chain
from jiqun.packs.schema.clusters import Catalogue, Cluster, ClusterEvent
from jiqun.reports.figures import FigureRow, figure_rows, known_figures, newest_rows
from jiqun.reports.firmbook import Firmbook
from jiqun.reports.layout_adopted import Placed, placed
from jiqun.reports.lineage_drawing import Drawing, drawing
from jiqun.reports.recasts import KeyChoice, RecastRow, newest, recasts
from jiqun.reports.register import LightCount, Shortlist, TargetRow, count_lights, register
from jiqun.reports.shares import Share, shares
from jiqun.reports.view import Ref, View
from jiqun.reports.wording import CONFIDENCES

MOST_FIGURES = 400
MEMBER_KINDS = {"code": "行业代码", "product": "产品", "firm": "企业"}


@dataclass(frozen=True, slots=True)
class EventRow:
    """One change by decree."""

    type: str
    label: str
    before: tuple[Ref, ...]
    after: tuple[Ref, ...]
    on: date | None
    note: str


@dataclass(frozen=True, slots=True)
class ClusterRow:
    ref: Ref
    group: str
    subfields: tuple[str, ...]
    targets: int
    lights: tuple[LightCount, ...]


@dataclass(frozen=True, slots=True)
class Edition:
    """An edition of a catalogue; `changed` are its events other than 保留."""

    id: str
    series: str
    name: str
    edition: str
    area: Ref | None
    effective_from: date | None
    effective_to: date | None
    legal_basis: str
    is_in_force: bool
    expected_count: int | None
    groups: tuple[tuple[str, tuple[ClusterRow, ...]], ...]
    count: int
    kept: int
    changed: tuple[EventRow, ...]


@dataclass(frozen=True)
class Clusters:
    """Series of catalogues, each with its editions, newest first."""

    series: tuple[tuple[str, tuple[Edition, ...]], ...]
    main: str | None
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """What the folder says is done of the cluster in an area, and by which chain's layout."""

    area: Ref | None
    focus: str
    chain: Ref


@dataclass(frozen=True, slots=True)
class MemberRow:
    """What belongs to the cluster on the day; `share` is in words where only part counts and nobody says how much."""

    kind: str
    value: str
    name: str
    share: str
    since: date | None
    source: str
    confidence: str
    note: str


@dataclass(frozen=True, slots=True)
class FirmCount:
    """Firms of the register in the cluster by its memberships: at least `low`, at most `high`, of those in scope."""

    low: str
    high: str
    shared: int  # of them, in other clusters of the edition as well
    day: date
    is_invented: bool


@dataclass(frozen=True, slots=True)
class KinTargets:
    """Targets of a cluster that this one came from or became; `how`: by which changes, the nearest edition first."""

    cluster: Ref
    edition: str
    how: str
    targets: Shortlist


@dataclass(frozen=True)
class ClusterPage:
    ref: Ref
    kind: str
    edition: Edition
    group: str
    subfields: tuple[str, ...]
    leads: tuple[Ref, ...]
    gb_codes: tuple[str, ...]
    aliases: tuple[str, ...]
    line: tuple[EventRow, ...]
    targets: Shortlist
    kin: tuple[KinTargets, ...]
    lights: tuple[LightCount, ...]
    figures: tuple[FigureRow, ...]
    source: str
    note: str
    drawing: Drawing | None  # of its own line, where it has other editions
    recasts: tuple[RecastRow, ...]
    choices: tuple[KeyChoice, ...]
    chains: tuple[Ref, ...]
    places: tuple[Place, ...]
    members: tuple[MemberRow, ...]
    firms: FirmCount | None
    layouts: tuple[Placed, ...]


def clusters(view: View) -> Clusters:
    rows = register(view).wholes
    by_cluster = _targets_by_cluster(rows)
    series: dict[str, list[Edition]] = {}
    for catalogue in view.city.catalogues:
        series.setdefault(catalogue.series, []).append(_edition(view, catalogue, by_cluster))
    ordered = sorted(
        ((name, tuple(sorted(editions, key=_begins, reverse=True))) for name, editions in series.items()),
        key=lambda pair: (pair[0] != view.city.main_series, pair[0]),
    )
    return Clusters(
        tuple(ordered), view.city.main_series, shares(rows, lambda row: (row.cluster,) if row.cluster else ())
    )


def cluster(
    view: View, key: str, book: Firmbook | None = None, split_by: str = "", *, every_period: bool = True
) -> ClusterPage:
    """One cluster: what led to it and away from it, its figures and those recast to it, what belongs to it, and where.

    `book`: the register as the reader may see it; `split_by`: the series that divides what no decree does;
    `every_period`: figures of all periods, else the newest of each series. Raises NotFound.
    """
    found = view.city.clusters.get(key)
    if found is None:
        raise NotFound("资料夹中没有这个集群")
    catalogue = view.city.catalogue_of_cluster[key]
    own = register(view).of_cluster(key)
    source = view.city.sources.get(found.source or catalogue.source or "")
    recast, choices = recasts(view, catalogue.id, [key], split_by)
    figures = known_figures(view).filter(cluster_id=key).order_by("-period_end", "-is_preferred")
    return ClusterPage(
        ref=Ref(found.id, found.name, found.name_en),
        kind=found.kind,
        edition=_edition(view, catalogue, {}),
        group=found.group,
        subfields=found.subfields,
        leads=view.names.bodies(found.lead_ids),
        gb_codes=found.gb_codes,
        aliases=found.aliases,
        line=_line(view, key),
        targets=Shortlist.of(own),
        kin=_kin(view, key),
        lights=count_lights(own),
        figures=figure_rows(view, figures[:MOST_FIGURES]) if every_period else newest_rows(view, figures),
        source=source.title if source else "",
        note=found.note,
        drawing=_family(view, key, catalogue),
        recasts=recast if every_period else newest(recast),
        choices=choices,
        chains=tuple(Ref(one.id, one.name, one.name_en) for one in _chains(view, key)),
        places=tuple(
            Place(view.names.area(local.area_id), local.focus, Ref(one.id, one.name, one.name_en))
            for one in _chains(view, key)
            for local in one.layout
        ),
        members=_members(view, key),
        firms=_firm_count(view, key, catalogue, book) if book is not None else None,
        layouts=placed(view, cluster_id=key),
    )


def _kin(view: View, key: str) -> tuple[KinTargets, ...]:
    """Those before and after it that have targets: what was promised of them is told where readers now look."""
    told = lineage(view.city.catalogues, key)
    labels: dict[str, dict[str, None]] = {}
    for step, other in (*((one, one.before) for one in told.came_from), *((one, one.after) for one in told.became)):
        if other.id != key:
            labels.setdefault(other.id, {})[EVENT_LABELS[step.event.type]] = None
    found = []
    for id_, how in labels.items():
        rows = register(view).of_cluster(id_)
        if rows:
            ref, edition = view.names.cluster(id_) or Ref(id_, id_), view.city.catalogue_of_cluster[id_].edition
            found.append(KinTargets(ref, edition, "、".join(how), Shortlist.of(rows, most=12)))
    return tuple(found)


def _chains(view: View, key: str) -> list[Chain]:
    return [chain for chain in view.city.chains.values() if key in chain.cluster_ids]


def _family(view: View, key: str, catalogue: Catalogue) -> Drawing | None:
    """The cluster with all it came from and became, edition by edition."""
    line = editions(view.city.catalogues, catalogue.series)
    if len(line) < 2:
        return None
    told = lineage(line, key)
    kin = {key, *(step.before.id for step in told.came_from), *(step.after.id for step in told.became)}
    beside = {step.before.id for one in line for step in steps_into(one, _before(line, one)) if step.after.id == key}
    return drawing(line, frozenset(kin | beside))


def _before(line: tuple[Catalogue, ...], one: Catalogue) -> Catalogue | None:
    return next((other for other in line if other.id == one.previous_id), None)


def _members(view: View, key: str) -> tuple[MemberRow, ...]:
    rows = []
    for one in in_force(view.city.memberships, view.on):
        if one.cluster_id != key:
            continue
        industry = view.city.industries.get(one.value) if one.by == "code" else None
        source = view.city.sources.get(one.source or "")
        share = print_share(one.share) if one.share is not None else "部分，份额未知"
        rows.append(
            MemberRow(
                MEMBER_KINDS[one.by], one.value, industry.name if industry else "", share, one.valid_from,
                source.title if source else "", CONFIDENCES.get(one.confidence, one.confidence), one.note,
            )
        )  # fmt: skip
    return tuple(rows)


def _firm_count(view: View, key: str, catalogue: Catalogue, book: Firmbook) -> FirmCount | None:
    """How many firms of the register belong; named firms are counted, never shown here."""
    own = {one.id for one in catalogue.clusters}
    held = [one for one in view.city.memberships if one.cluster_id in own]
    if not any(one.cluster_id == key for one in in_force(held, view.on)):
        return None

    def derive() -> dict[str, FirmCount]:
        firms = book.firms.rows.select("uscc", "industry_code", "leading_product")
        told = together(belonging(firms, held, view.on, products="leading_product"))
        return {
            one: FirmCount(
                _count(bounds.low), _count(bounds.high), told.shared.get(one, 0), book.snapshot_day, book.is_invented
            )
            for one, bounds in told.each.items()
        }

    return book.kept(f"cluster firms {catalogue.id} {view.on}", derive).get(key)


def _count(number: Fraction) -> str:
    return f"{number.numerator}" if number.denominator == 1 else f"{float(number):.1f}"


def _edition(view: View, catalogue: Catalogue, targets: dict[str, list[TargetRow]]) -> Edition:
    groups: dict[str, list[ClusterRow]] = {}
    for found in catalogue.clusters:
        groups.setdefault(found.group, []).append(_cluster_row(found, targets.get(found.id, [])))
    begins, ends = catalogue.effective_from, catalogue.effective_to
    return Edition(
        id=catalogue.id,
        series=catalogue.series,
        name=catalogue.name,
        edition=catalogue.edition,
        area=view.names.area(catalogue.area_id),
        effective_from=begins,
        effective_to=ends,
        legal_basis=catalogue.legal_basis,
        is_in_force=(begins or date.min) <= view.on <= (ends or date.max),
        expected_count=catalogue.expected_count,
        groups=tuple((name, tuple(rows)) for name, rows in groups.items()),
        count=len(catalogue.clusters),
        kept=sum(event.type == "kept" for event in catalogue.events),
        changed=tuple(event_row(view, event) for event in catalogue.events if event.type != "kept"),
    )


def _cluster_row(found: Cluster, targets: list[TargetRow]) -> ClusterRow:
    ref = Ref(found.id, found.name, found.name_en)
    return ClusterRow(ref, found.group, found.subfields, len(targets), count_lights(targets))


def event_row(view: View, event: ClusterEvent) -> EventRow:
    refs = view.names.cluster
    return EventRow(
        type=event.type,
        label=EVENT_LABELS[event.type],
        before=tuple(ref for key in event.before_ids if (ref := refs(key))),
        after=tuple(ref for key in event.after_ids if (ref := refs(key))),
        on=event.date,
        note=event.note,
    )


def _line(view: View, key: str) -> tuple[EventRow, ...]:
    """Every event that the cluster, those before it or those after it took part in, oldest first."""
    family, grown = {key}, True
    while grown:
        touched = [e for e in view.city.events if family & {*e.before_ids, *e.after_ids}]
        wider = family | {k for e in touched for k in _same_line(e, family)}
        grown, family = wider != family, wider
    found = [e for e in view.city.events if family & {*e.before_ids, *e.after_ids}]
    return tuple(event_row(view, e) for e in sorted(found, key=lambda e: e.date or date.min))


def _same_line(event: ClusterEvent, family: set[str]) -> set[str]:
    """Members of a change that carry the line on; of a catalogue recast as a whole only direct kin."""
    members = {*event.before_ids, *event.after_ids}
    return members if family & members and len(members) <= 6 else set()


def _targets_by_cluster(rows: tuple[TargetRow, ...]) -> dict[str, list[TargetRow]]:
    found: dict[str, list[TargetRow]] = {}
    for row in rows:
        if row.cluster is not None:
            found.setdefault(row.cluster.id, []).append(row)
    return found


def _begins(edition: Edition) -> date:
    return edition.effective_from or date.min
