"""Everything of the ledger and the folder that speaks of a cluster, as the preview of an edition wants it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from jiqun.industry.members import in_force
from jiqun.industry.previewing import Subject
from jiqun.packs.registry import references
from jiqun.reports.figures import known_figures
from jiqun.reports.register import register
from jiqun.reports.view import View
from jiqun.reports.wording import measure_label

KINDS = {"target": "目标", "series": "数据序列", "form": "报表", "chain": "产业链", "layout": "布局", "member": "归属"}


def subjects(view: View) -> list[Subject]:
    """Targets in force and series of figures on the view's day; the folder's forms, chains, layouts, memberships."""
    return [*_targets(view), *_series(view), *_of_the_folder(view)]


def _targets(view: View) -> Iterator[Subject]:
    for row in register(view).rows:
        if row.cluster is not None:
            owners = tuple(body.id for body in row.answering)
            yield Subject("target", row.key, row.sentence, row.cluster.id, owners=owners)


def _series(view: View) -> Iterator[Subject]:
    """A series is one indicator of one cluster in one area by one measure; how many figures it has is in its name."""
    rows = known_figures(view).exclude(cluster_id=None).values_list("indicator_id", "cluster_id", "area_id", "measure")
    counts: dict[tuple[str, str | None, str, str | None], int] = {}
    for row in rows:
        counts[row] = counts.get(row, 0) + 1
    for (indicator_id, cluster_id, area_id, measure), count in counts.items():
        if cluster_id is None:
            continue
        area, cluster = view.names.area(area_id), view.names.cluster(cluster_id)
        words = [area.name if area else "", cluster.name if cluster else "", view.names.indicator(indicator_id).name]
        name = "　".join(word for word in (*words, measure_label(measure) if measure else "") if word)
        yield Subject("series", indicator_id, f"{name}（{count} 个数）", cluster_id)


def _of_the_folder(view: View) -> Iterator[Subject]:
    city = view.city
    kinds: tuple[tuple[str, Any], ...] = (
        ("form", city.forms.values()), ("chain", city.chains.values()), ("layout", city.layouts.values()),
    )  # fmt: skip
    for kind, concepts in kinds:
        for concept in concepts:
            named = dict.fromkeys(id_ for _, namespace, id_ in references(concept) if namespace == "cluster")
            for cluster_id in named:
                yield Subject(kind, concept.id, concept.name, cluster_id, has_figures=kind == "form")
    counts = Counter(member.cluster_id for member in in_force(city.memberships, view.on))
    for cluster_id, count in counts.items():
        yield Subject("member", cluster_id, f"{count} 条归属", cluster_id, has_figures=False)
