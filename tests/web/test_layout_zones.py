"""Corridors and belts on the board: what stands in each, how many places, and whether its clauses are kept."""

from __future__ import annotations

import io
from datetime import date

import numpy as np
import openpyxl

from jiqun import packs
from jiqun.industry.layout import build, examine
from jiqun.industry.layout.judging import judge
from jiqun.reports.layout_zones import zone_rows
from jiqun.reports.view import View
from tests.web.test_catalogues import admin_here, client_of, office, suzhou, text

__all__ = ["admin_here", "client_of", "office", "suzhou"]
DAY, KEY = date(2026, 2, 15), "suzhou-2026-clusters"
RIVER = "suzhou_belt_yangtze"  # Zhangjiagang, Changshu, Taicang


def test_a_plan_made_by_hand_is_told_zone_by_zone(suzhou: packs.City) -> None:
    layout = suzhou.layouts[KEY]
    problem = build(suzhou, layout, DAY)
    areas = [area.id for area in problem.areas]
    clusters = [cluster.id for cluster in problem.clusters]
    chosen = np.zeros(problem.size, dtype=bool)
    for cluster, area in (("sz26-pil-1", "suzhou_taicang"), ("sz26-pil-1", "suzhou_changshu"),
                          ("sz26-pil-4", "suzhou_taicang"), ("sz26-pil-4", "suzhou_wuzhong")):  # fmt: skip
        chosen[problem.pair(clusters.index(cluster), areas.index(area))] = True
    rows = {row.zone.id: row for row in zone_rows(View(suzhou, DAY, DAY), layout, problem, judge(problem, chosen))}
    assert len(rows) == 6  # one ring, two axes, three belts
    river = rows[RIVER]
    assert [area.id for area in river.areas] == ["suzhou_zhangjiagang", "suzhou_changshu", "suzhou_taicang"]
    told = {one.cluster.id: [area.id for area in one.areas] for one in river.clusters}
    assert told == {"sz26-pil-1": ["suzhou_changshu", "suzhou_taicang"], "sz26-pil-4": ["suzhou_taicang"]}
    assert (river.places, len(river.only)) == (3, 1)
    clause = river.clauses[0]
    assert (clause.said, clause.has, clause.is_kept) == ("沿江科技产业创新带合计至少 5 个落位", "3", False)
    axis = rows["suzhou_axis_huning"]  # Taicang is on it as well: places of zones do not add up
    assert (axis.places, [one.has for one in axis.clauses]) == (2, ["1"])
    assert rows["suzhou_belt_taihu"].clauses[0].is_kept  # robots in Wuzhong


def test_the_best_plan_keeps_the_clauses_of_every_zone(suzhou: packs.City) -> None:
    layout = suzhou.layouts[KEY]
    found = examine(suzhou, layout, DAY, is_sensitive=False)
    rows = zone_rows(View(suzhou, DAY, DAY), layout, found.problem, found.plans[0].plan)
    clauses = [one for row in rows for one in row.clauses]
    assert clauses
    assert all(one.is_kept for one in clauses)
    bare = zone_rows(View(suzhou, DAY, DAY), layout, found.problem, None)
    assert {(row.places, row.clusters, row.clauses[:1] and row.clauses[0].is_kept) for row in bare} <= {
        (0, (), None), (0, (), ())}  # fmt: skip


def test_the_board_and_its_workbook_show_the_zones(admin_here) -> None:
    page = text(admin_here.get(f"/layouts/{KEY}/?as_of=2026-02-15"))
    assert "一个区可以在几条带轴上" in page
    assert "虹桥国际开放枢纽北向拓展带" in page
    book = openpyxl.load_workbook(io.BytesIO(admin_here.get(f"/layouts/{KEY}/board.xlsx").content))
    zones = {row[0] for row in book["带轴环"].iter_rows(values_only=True, min_row=2)}
    assert "沪宁产业创新轴" in zones
