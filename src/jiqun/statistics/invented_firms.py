"""Invented returns of firms, for demonstration: shares of what an invented register says of each, as a platform exports
them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from jiqun.model.periods import Period
from jiqun.model.units import Unit
from jiqun.packs.schema.invented_returns import InventedFirmRounds
from jiqun.statistics.answers import printed
from jiqun.statistics.invented import chance
from jiqun.statistics.layout import Cell, Layout

Firm = Mapping[str, object]  # by column of the register


def export(
    plan: InventedFirmRounds, laid: Layout, period: Period, firms: Iterable[Firm], units: Mapping[str, str]
) -> bytes:
    """The csv of a round: a line for each firm that answers. `units` are those of the register's columns.

    A firm whose column is unknown leaves the cell empty, as does one that leaves out what is a share of it.
    """
    out = io.StringIO()
    lines = csv.writer(out)
    cells = [cell for cell in laid.numbers if cell.field.id in plan.fields and cell.part_id is None]
    lines.writerow(["统一社会信用代码", *(cell.key for cell in cells), "说明"])
    for firm in firms:
        code = str(firm["uscc"])
        if chance("missing", laid.form.id, code) * 100 < plan.missing_pct:
            continue
        told = dict(_figures(plan, laid, period, firm, units))
        said = plan.words if _jumps(plan, period, code) and chance("words", code) < 0.5 else ""
        lines.writerow([code, *(_text(cell, told.get(cell.field.id)) for cell in cells), said])
    return out.getvalue().encode()


def _figures(
    plan: InventedFirmRounds, laid: Layout, period: Period, firm: Firm, units: Mapping[str, str]
) -> Iterator[tuple[str, Decimal | None]]:
    """Field → the firm's figure in the field's unit, in the order of the plan."""
    code, found = str(firm["uscc"]), dict[str, Decimal | None]()
    fields = {cell.field.id: cell for cell in laid.numbers}
    for id_, amounts in plan.fields.items():
        whole: Decimal | None
        if amounts.share_of:
            whole = found.get(amounts.share_of)
        elif amounts.amount is not None:
            whole = Decimal(str(amounts.amount))
        else:
            held = firm.get(amounts.column)
            factor = Unit.parse(units[amounts.column]).factor / Unit.parse(fields[id_].unit).factor
            whole = None if held is None else Decimal(str(held)) * factor.numerator / factor.denominator
        if whole is not None:
            lean = 0.8 * _within(id_, code) + 0.2 * _within(id_, code, period)
            share = amounts.share * (1 + amounts.spread * lean)
            times = plan.factor if id_ in plan.jump and _jumps(plan, period, code) else 1.0
            whole *= Decimal(share * times)
        if chance("empty", id_, code) * 100 < amounts.empty_pct:
            whole = None
        found[id_] = whole
        yield id_, whole


def _jumps(plan: InventedFirmRounds, period: Period, code: str) -> bool:
    return period == Period.parse(plan.last) and chance("jump", code) * 100 < plan.jump_pct


def _within(*of: object) -> float:
    return 2 * chance(*of) - 1


def _text(cell: Cell, figure: Decimal | None) -> str:
    return "" if figure is None else printed(int((figure * 10**cell.digits).to_integral_value()), cell.digits)
