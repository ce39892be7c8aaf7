"""What a decision on a firm rests on: each clause with the firm's figure and the threshold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from jiqun.enterprises.columns import KEY
from jiqun.enterprises.tiers.definition import read, verdict
from jiqun.enterprises.tiers.explaining import line
from jiqun.enterprises.tiers.in_polars import reached_tables
from jiqun.enterprises.tiers.resolving import resolve
from jiqun.reports.firmbook import Firmbook


@dataclass(frozen=True, slots=True)
class Reason:
    """`label`: the clause in words; `value` the figure, `threshold` what is asked; `missing`: what is not known."""

    label: str
    value: str
    threshold: str
    missing: tuple[str, ...]

    @property
    def words(self) -> str:
        lacks = f"，缺 {'、'.join(self.missing)}" if self.missing else ""
        return f"{self.label}：{self.value}（{self.threshold}{lacks}）"


def reasons(
    book: Firmbook, tier_id: str, clauses: Mapping[str, Iterable[str]], names: Mapping[str, str]
) -> dict[str, tuple[Reason, ...]]:
    """Code → its clauses (ids of clauses and points tables) with figures; `names` as `near.clause_names` has them."""
    rule = resolve(book.view.city, tier_id, book.on)
    least = {node.table: node for node in reached_tables(rule.node)}
    schema = book.firms.rows.collect_schema()
    columns = [name for name in schema if name == KEY or name in rule.columns]
    rows = book.firms.rows.filter(pl.col(KEY).is_in(list(clauses))).select(columns).collect(engine="streaming")
    found: dict[str, tuple[Reason, ...]] = {}
    for row in rows.iter_rows(named=True):
        reading, made = read(rule, row), []
        for id_ in clauses[row[KEY]]:
            if id_ in least:
                points, node = verdict(rule, reading).points[id_], least[id_]
                low, high = float(points.low), float(points.high)
                value = f"{low:g} 分" if low == high else f"{low:g}—{high:g} 分"
                asked = f"须{'超过' if node.is_strict else '达到'} {float(node.least):g} 分"
                made.append(Reason(names.get(id_, id_), value, asked, ()))
                continue
            said = line(rule.clauses[id_], rule, reading, book.view.city)
            made.append(Reason(said.label, said.value, said.threshold, said.missing))
        found[row[KEY]] = tuple(made)
    return found
