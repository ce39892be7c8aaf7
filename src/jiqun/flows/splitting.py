"""A split key stated, revised or withdrawn: in what proportion a cluster is divided between two editions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from jiqun.flows.faults import fault, field_faults, refuse
from jiqun.industry.divisions import Division, divisions
from jiqun.ledger import store
from jiqun.ledger.models import Standing, StatedSplit
from jiqun.model.errors import Conflict, InputRefused, NotFound
from jiqun.model.findings import Finding
from jiqun.model.shares import print_share, read_share
from jiqun.packs import City
from jiqun.reports.split_keys import OUTSIDE_NAME
from jiqun.reports.split_series import proportion
from jiqun.reports.view import View
from jiqun.workspace import Workspace


@dataclass(frozen=True)
class KeyTyped:
    """A split key as a person states it: a share for every part, written 39, 39% or 2/5, with its source.

    The series `indicator_id` of `period` is what they rest on; where no share is written, it divides itself, by its
    figures for the parts in the city's own area.
    """

    parts: Mapping[str, str]
    indicator_id: str = ""
    period: str = ""
    source: str = ""


def division_of(city: City, from_id: str, to_id: str, cluster_id: str) -> Division:
    """Raises NotFound where the editions are no neighbours, or events state the cluster's shares whole."""
    for one in divisions(city.catalogues):
        if (one.from_id, one.to_id, one.cluster_id) == (from_id, to_id, cluster_id):
            return one
    raise NotFound(f"“{cluster_id}”从“{from_id}”到“{to_id}”没有待分劈的部分")


def read_shares(ws: Workspace, division: Division, typed: KeyTyped, on: date | None = None) -> dict[str, Fraction]:
    """The share of every part, exact, in the division's order and together one; figures as known `on` (today).

    Raises InputRefused with every fault.
    """
    indicator_id, period = typed.indicator_id, typed.period
    written = {part: text.strip() for part, text in typed.parts.items() if text.strip()}
    fields = {"indicator_id": indicator_id, "period": period}
    found = field_faults(ws.city, {name: text for name, text in fields.items() if text}, fields)
    if bool(indicator_id) != bool(period):
        found.append(fault("basis", "依据的序列要写明指标和时期", "两项都填写，或都不填"))
    found += [
        fault("part", f"“{part or OUTSIDE_NAME}”不在“{_name(ws.city, division.cluster_id)}”的去向里", "请从列表中选择")
        for part in written
        if part not in division.parts
    ]
    refuse(found)
    if written or not indicator_id:
        return _written(ws.city, division, written)
    told = proportion(View(ws.city, on or ws.today, ws.today), division, indicator_id, period)
    if told.shares is None:
        refuse([fault("basis", f"依据的序列不能分劈：{told.why}", "请换一个序列，或直接写明份额")])
    return dict(told.shares or {})


def state_split_key(
    ws: Workspace, division: Division, typed: KeyTyped, *, actor: str, reason: str, known_on: date | None = None,
    version: int | None = None,
) -> StatedSplit:  # fmt: skip
    """The key in force from `known_on` (default: today) on; earlier days keep the one stated before.

    `version` is of the key that the person saw, 0 where there was none. Raises InputRefused with every fault, Conflict
    where somebody stated another meanwhile or nothing is new.
    """
    day = known_on or ws.today
    found = [] if reason.strip() else [fault("reason", "写明分劈依据需要理由", "请写明为什么这样分")]
    if not typed.source.strip():
        found.append(fault("source", "写明分劈依据需要来源", "请写明文件、年鉴或统计口径的名称"))
    standing = _standing(division)
    if standing is not None and day < standing.known_on:
        message = f"{day} 早于现有分劈依据的施行日 {standing.known_on}"
        found.append(fault("day", message, "更正请先撤销那一次写明"))
    shares: dict[str, Fraction] = {}
    try:
        shares = read_shares(ws, division, typed, day)
    except InputRefused as refused:
        found += refused.findings
    refuse(found)
    row = StatedSplit(
        key=division.key, known_on=day, from_id=division.from_id, to_id=division.to_id,
        cluster_id=division.cluster_id, parts={part: str(share) for part, share in shares.items()},
        indicator_id=typed.indicator_id, period=typed.period, source_title=typed.source.strip(),
    )  # fmt: skip
    with store.recording("split.stated", actor=actor, reason=reason.strip(), clock=ws.clock, subject=row) as entry:
        _refuse_other(division, version)
        if not entry.put([row]):
            raise Conflict("这一分劈依据已经写明，没有不同")
    return row


def withdraw_split_key(
    ws: Workspace, division: Division, *, actor: str, reason: str, known_on: date | None = None,
    version: int | None = None,
) -> StatedSplit:  # fmt: skip
    """No key from `known_on` (default: today) on; earlier days keep theirs. To unsay it for all days, undo its event.

    Raises InputRefused without a reason or for a day before the key's own, Conflict where there is none.
    """
    standing, day = _standing(division), known_on or ws.today
    if standing is None:
        raise Conflict("这里没有写明过分劈依据，或已撤回")
    found = [] if reason.strip() else [fault("reason", "撤回分劈依据需要理由", "请填写理由")]
    if day < standing.known_on:
        found.append(fault("day", f"{day} 早于这一依据的施行日 {standing.known_on}", "作废请撤销写明它的事件"))
    refuse(found)
    with store.recording("split.withdrawn", actor=actor, reason=reason.strip(), clock=ws.clock,
                         subject=standing) as entry:  # fmt: skip
        _refuse_other(division, version)
        row: StatedSplit = entry.change(standing, {"state": Standing.WITHDRAWN.value, "known_on": day})
    return row


def _standing(division: Division) -> StatedSplit | None:
    row = store.current_by_key(StatedSplit, [division.key]).get(division.key)
    return row if row is not None and row.state == Standing.ACTIVE.value else None


def _refuse_other(division: Division, version: int | None) -> None:
    row = store.current_by_key(StatedSplit, [division.key]).get(division.key)
    if version is not None and version != (row.version if row else 0):
        raise Conflict("刚有人改动了这一分劈依据，请刷新后重试")


def _written(city: City, division: Division, written: Mapping[str, str]) -> dict[str, Fraction]:
    found: list[Finding] = []
    shares: dict[str, Fraction] = {}
    for part in division.parts:
        name = _name(city, part)
        if part not in written:
            found.append(fault("part", f"没有写明“{name}”的份额", "逐一写明各去向的份额，没有的写 0"))
            continue
        try:
            shares[part] = _share(written[part])
        except ValueError as error:
            found.append(fault("part", f"“{name}”：{error}", "写成 39、39% 或 2/5"))
    total = sum(shares.values(), Fraction(0))
    if not found and total != 1:
        found.append(fault("sum", f"各份额合计 {print_share(total)}，不是 100%", "请核对各项"))
    refuse(found)
    return shares


def _share(text: str) -> Fraction:
    """39 and 39% are hundredths, 2/5 is a fraction; nothing is written 0."""
    plain = text.replace("％", "%").replace(" ", "")
    if plain.rstrip("%").strip("0.") == "" and plain.rstrip("%"):
        return Fraction(0)
    share = read_share(plain if "/" in plain or "%" in plain else f"{plain}%")
    assert share is not None
    return share


def _name(city: City, cluster_id: str) -> str:
    if not cluster_id:
        return OUTSIDE_NAME
    return city.clusters[cluster_id].name if cluster_id in city.clusters else cluster_id
