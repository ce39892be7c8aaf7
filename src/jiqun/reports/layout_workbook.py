"""The layout board as a workbook: the matrix, by district, by cluster, the points, the clauses, the proof."""

from __future__ import annotations

import io
from datetime import datetime
from decimal import Decimal

from jiqun.reports.layout_clauses import Basis
from jiqun.reports.layouts import BoardPage, Cell, Side
from jiqun.reports.view import View
from jiqun.tables import Value, xlsx
from jiqun.tables.xlsx import Column, Kind, Page


def board_workbook(view: View, page: BoardPage, *, created: datetime) -> bytes:
    """The board as shown, with every clause and its source, as an xlsx file."""
    out = io.BytesIO()
    label = next((tab.label for tab in page.tabs if tab.is_here), "没有方案")
    title = f"{page.layout.name}：{label}{'（试排）' if page.is_trial else ''}"
    pages = [_matrix(page, title), _by("按区", "区", page.areas, title), _by("按集群", "集群", _clusters(page), title)]
    pages += [_points(page, title), _clauses(page, title)]
    pages += [_zones(page, title)] if page.zones else []
    notes = [
        ("截至", f"{view.on}"),
        ("证明", page.proof),
        ("记号", "●保留（不知道今天的：布局）　＋新增　○今天有、方案里退出　空格不布局；〔定〕已定　〔禁〕不放"),
        *_standing_notes(page),
        ("落位总数", page.window or "没有排法"),
        *(("豁免", one.said) for one in page.exemptions),
        *(("抵触的条款", "；".join(said for said, _ in clash.clauses) + "。" + clash.said) for clash in page.clashes),
        *(("放宽", way.said) for way in page.ways),
        *(("说明", text) for text in page.found.problem.notices),
        *((("区的名单", page.layout.area_note),) if page.layout.area_note else ()),
        ("城市资料夹", f"{view.city.edition}，摘要 {view.city.digest}"),
    ]
    xlsx.write(out, pages, created=created, notes=notes)
    return out.getvalue()


def _standing_notes(page: BoardPage) -> list[tuple[str, str]]:
    """The layout in force, and what every plan would change in it."""
    holds = page.standing.in_force
    if holds is None:
        return []
    said = [("已采用的方案", f"自 {holds.since} 起，{holds.places} 个落位；依据：{holds.reason}")]
    for one in page.standing.departures:
        enters, leaves = "、".join(one.enters) or "无", "、".join(one.leaves) or "无"
        said.append((f"{one.label}与已采用的", f"新增 {enters}；退出 {leaves}"))
    return said


def _matrix(page: BoardPage, title: str) -> Page:
    columns = [Column("类别"), Column("集群", width=24)]
    columns += [Column(side.party.name, width=10) for side in page.areas] + [Column("区数", Kind.INTEGER)]
    rows: list[list[Value]] = [
        [row.side.party.group or None, row.side.party.name, *map(_mark, row.cells), Decimal(row.side.count)]
        for row in page.rows
    ]
    rows.append([None, "集群数", *(Decimal(side.count) for side in page.areas), None])
    for one in page.exemptions:
        if one.is_on:
            rows += [[party.group, party.name, "由市里统一安排", *[None] * len(page.areas)] for party in one.clusters]
    return Page("布局", columns, rows, title=title)


def _mark(cell: Cell) -> str | None:
    mark = {"kept": "●", "placed": "●", "new": "＋", "left": "○"}.get(cell.standing, "")
    settled = {"fixed": "〔定〕", "forbidden": "〔禁〕"}.get(cell.state, "")
    return mark + settled or None


def _clusters(page: BoardPage) -> tuple[Side, ...]:
    return tuple(row.side for row in page.rows)


def _by(name: str, head: str, sides: tuple[Side, ...], title: str) -> Page:
    columns = [
        Column(head, width=24), Column("落位", Kind.INTEGER), Column("有哪些", width=48), Column("新增", width=36),
        Column("退出", width=36), Column("得分", Kind.NUMBER),
    ]  # fmt: skip
    rows: list[list[Value]] = [
        [side.party.name, Decimal(side.count),
         *(("、".join(names) or None) for names in (side.names, side.enters, side.leaves)),
         Decimal(side.points) if side.points else None]
        for side in sides
    ]  # fmt: skip
    return Page(name, columns, rows, title=title)


def _zones(page: BoardPage, title: str) -> Page:
    columns = [
        Column("带、轴、环", width=30), Column("经过的区", width=36), Column("集群", width=24),
        Column("所在的区", width=36), Column("是否新进"),
    ]  # fmt: skip
    rows: list[list[Value]] = []
    for zone in page.zones:
        through = "、".join(area.name for area in zone.areas)
        for one in zone.clusters:
            where = "、".join(area.name for area in one.areas)
            rows.append([zone.zone.name, through, one.cluster.name, where, "是" if one.is_new else "否"])
        if not zone.clusters:
            rows.append([zone.zone.name, through, None, None, None])
    return Page("带轴环", columns, rows, title=title)


def _points(page: BoardPage, title: str) -> Page:
    columns = [
        Column("得分项", width=30), Column("权重", Kind.NUMBER), Column("数量", Kind.NUMBER),
        Column("得分", Kind.NUMBER), Column("今天的得分", Kind.NUMBER), Column("按未知计的落位", Kind.INTEGER),
        Column("是否演示打分"), Column("说明", width=48),
    ]  # fmt: skip
    rows: list[list[Value]] = [
        [row.name, Decimal(row.weight), Decimal(row.amount), Decimal(row.points),
         Decimal(row.today) if row.today else None, Decimal(row.unknown), "是" if row.is_invented else "否",
         row.basis.words or None]
        for row in page.terms
    ]  # fmt: skip
    rows.append(["合计", None, None, Decimal(page.total) if page.total else None,
                 Decimal(page.total_today) if page.total_today else None, None, None, None])  # fmt: skip
    return Page("得分", columns, rows, title=title)


def _clauses(page: BoardPage, title: str) -> Page:
    columns = [
        Column("条款", width=36), Column("限值"), Column("大意", width=36), Column("条目"), Column("来源", width=36),
        Column("是否设定"),
    ]  # fmt: skip
    rows = [_clause(d.label, "不限" if d.is_dropped else d.asked or d.now, d.basis) for d in page.bounds]
    rows += [_clause(said, "", told) for said, told in page.others]
    rows += [_clause("豁免", "有" if one.is_on else "试排中取消", one.basis) for one in page.exemptions]
    return Page("条款", columns, rows, title=title)


def _clause(said: str, limit: str, told: Basis | None) -> list[Value]:
    if told is None:
        return [said, limit or None, None, None, None, None]
    source = told.source + ("（据转载）" if told.is_reprint else "")
    return [
        said, limit or None, told.words or None, told.article or None, source or None,
        "是" if told.is_assumed else "否",
    ]  # fmt: skip
