"""What a run found as sheets and lines: dense areas, curves in words, curves point by point, with all definitions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from jiqun.industry.measures import gathered
from jiqun.industry.measures.disclosure import LIMITS
from jiqun.industry.measures.gathered import Gathered, Grouped, Line, Place, Sector, Settings, Standing
from jiqun.industry.measures.results import DEFINITIONS
from jiqun.industry.measures.results import GATHERING_READING as READING
from jiqun.industry.measures.sheets import area_name
from jiqun.packs import City
from jiqun.tables import Value, delimited
from jiqun.tables.xlsx import Column, Kind, Page

KINDS = {"kd": DEFINITIONS["duranton_overman"], "m": DEFINITIONS["marcon_puech"]}
_USED = ("dense_area", "duranton_overman", "marcon_puech", "global_envelope")
_KM = 1_000.0
_NOT_TOLD = {
    Standing.INSIDE: "与随机分布没有显著差别",
    Standing.SHORT: "越出置信带，但与同类曲线一并检验后不足为凭",
    Standing.FEW_DRAWS: "越出置信带，但随机抽取太少，一并检验后还不能判断",
}


def shown(found: Gathered, areas: frozenset[str] | None) -> Iterator[tuple[Grouped, Place]]:
    """The dense areas that reach into `areas` with enough firms; all where None."""
    for grouped in found.groupings:
        for place in grouped.places:
            if areas is None or any(id_ in areas for id_, _ in place.districts):
                yield grouped, place


def said(line: Line | None, curves: int, settings: Settings) -> str:
    """What a curve, one of so many of its kind, says in words."""
    if line is None:
        return "不能比较"
    read = gathered.spans(line, curves, settings)
    if read.standing is not Standing.TOLD:
        return _NOT_TOLD[read.standing]
    parts = [f"在 {kilometres(read.near)} 公里显著集聚"] if read.near else []
    parts += [f"相距 {kilometres(read.far)} 公里的也多于随机（多半是几处之间的间隔，不是就近集聚）"] if read.far else []
    parts += [f"在 {kilometres(read.apart)} 公里少于随机分布"] if read.apart else []
    return "，".join(parts)


def kilometres(metres: Sequence[tuple[float, float]]) -> str:
    """Kilometres from and to."""
    return "、".join(f"{a / _KM:g}–{b / _KM:g}" if a != b else f"{a / _KM:g}" for a, b in metres)


def pages(found: Gathered, city: City, areas: frozenset[str] | None = None) -> list[Page]:
    """Areas that the reader may see, and the curves, which are of the whole city."""
    return [_areas(found, city, areas), _sectors(found), _curves(found)]


def notes(found: Gathered, told: Sequence[tuple[str, str]] = ()) -> list[tuple[str, str]]:
    """What it is of, what was left out, every setting and every definition."""
    s = found.settings
    invented = [("演示数据", "企业均为凭空生成")] if found.is_invented else []
    tested = "、".join(f"{one.title} {one.tested} 片" for one in found.groupings)
    return [
        *invented, *told, ("名册", f"{found.day} 的企业，摘要 {found.snapshot}，为{found.collected_for.label}收集"),
        ("企业", f"{found.firms} 家；{found.without} 家没有坐标、{found.outside} 家坐标在市外，未计入；"
                 f"{found.assumed} 家没有写明坐标系，按 CGCS2000；{found.shifted} 家由 GCJ-02、BD-09 还原"),
        ("密集片区", f"{s.reach_m:g} 米内相连、至少 {s.least_firms} 家；每个产业随机抽取 {s.area_draws} 次；"
                     f"检验 {tested}，误报比例不超过 {s.fdr:.0%}"),
        ("曲线", f"随机抽取 {s.curve_draws} 次，整条曲线的置信水平 {1 - s.alpha:.0%}；"
                 f"p 不会低于 {1 / (s.curve_draws + 1):g}；q 为同类曲线一并检验，"
                 f"不超过 {s.fdr:.0%} 才称显著；Kd 在 {READING['near_m'] / _KM:g} 公里以外多于随机，不称集聚"),
        ("随机种子", f"{s.seed}；同一名册、同一设置结果相同"),
        ("保密", f"不足 {LIMITS.least_firms} 家的方格和区域不写出；中心和半径取整到 100 米"),
        ("集群", "归属份额不明的企业按可能归属计入；一家企业可以在几个集群里"),
        *((f"{one.name}（{one.name_en}）", f"{one.formula}。出处：{one.source}")
          for one in (DEFINITIONS[id_] for id_ in _USED)),
    ]  # fmt: skip


def csv(found: Gathered, city: City, areas: frozenset[str] | None = None) -> bytes:
    """Every value on a line of its own: areas that the reader may see first, then the curves."""
    rows: list[list[Value]] = []
    for grouped, place in shown(found, areas):
        values = {
            "firms": place.firms, "all_firms": place.all_firms, "expected": place.expected, "log_ratio": place.ratio,
            "p": place.p, "q": place.q, "longitude": place.centre_deg[0], "latitude": place.centre_deg[1],
            "radius_m": place.radius_m,
        }  # fmt: skip
        number = [one for one in grouped.places if one.sector_id == place.sector_id].index(place) + 1
        for name, told in values.items():
            rows.append([grouped.id, place.sector_id, f"dense_area {number}", None, name, _number(told, 6)])
        for id_, firms in place.districts:
            name = area_name(city, id_)
            rows.append([grouped.id, place.sector_id, f"dense_area {number}", None, name, Decimal(firms)])
    for grouped, sector, kind, line in _lines(found):
        rows.append([grouped.id, sector.id, kind, None, "p", _number(line.p, 6)])
        rows.append([grouped.id, sector.id, kind, None, "q", _number(line.q, 6)])
        for at, value, low, high in zip(line.at_m, line.values, line.low, line.high, strict=True):
            for item, one in (("value", value), ("low", low), ("high", high)):
                rows.append([grouped.id, sector.id, kind, _number(at, 0), item, _number(one, 12)])
    return delimited.write(["分组", "产业或集群编号", "测度", "距离（米）", "项目", "值"], rows)


def _areas(found: Gathered, city: City, areas: frozenset[str] | None) -> Page:
    columns = [
        Column("分组"), Column("产业或集群", width=30), Column("区域", width=24), Column("企业数", Kind.INTEGER),
        Column("片区内全部企业", Kind.INTEGER), Column("预期企业数", Kind.NUMBER, "0.0"),
        Column("对数似然比", Kind.NUMBER, "0.0"), Column("p", Kind.NUMBER, "0.0000"),
        Column("q", Kind.NUMBER, "0.0000"), Column("中心经度", Kind.NUMBER, "0.000"),
        Column("中心纬度", Kind.NUMBER, "0.000"), Column("半径（米）", Kind.INTEGER),
    ]  # fmt: skip
    rows: list[list[Value]] = []
    for grouped, one in shown(found, areas):
        names = {sector.id: sector.name for sector in grouped.sectors}
        districts = "、".join(f"{area_name(city, id_)} {firms}" for id_, firms in one.districts)
        rows.append([
            grouped.title, names[one.sector_id], districts, Decimal(one.firms), Decimal(one.all_firms),
            *(_number(value, 6) for value in (one.expected, one.ratio, one.p, one.q, *one.centre_deg)),
            Decimal(int(one.radius_m)),
        ])  # fmt: skip
    return Page("疑似新兴集群", columns, rows, title="由位置提出的密集片区：是请人核实的线索，不是认定")


def _sectors(found: Gathered) -> Page:
    columns = [
        Column("分组"), Column("产业或集群", width=30), Column("有坐标的企业", Kind.INTEGER), Column("测度"),
        Column("结论", width=50), Column("p", Kind.NUMBER, "0.0000"), Column("q", Kind.NUMBER, "0.0000"),
        Column("平滑带宽（米）", Kind.INTEGER),
    ]  # fmt: skip
    rows: list[list[Value]] = []
    for grouped in found.groupings:
        for sector in grouped.sectors:
            for kind, definition in KINDS.items():
                line: Line | None = getattr(sector, kind)
                told = [None] * 3 if line is None else [line.p, line.q, line.bandwidth_m]
                rows.append([
                    grouped.title, sector.name, Decimal(sector.firms), definition.name,
                    said(line, curves_of(grouped, kind), found.settings),
                    *(_number(one, 4) for one in told),
                ])  # fmt: skip
    return Page("集聚距离", columns, rows)


def curves_of(grouped: Grouped, kind: str) -> int:
    """How many curves of a kind were tested together."""
    return sum(getattr(sector, kind) is not None for sector in grouped.sectors)


def _curves(found: Gathered) -> Page:
    columns = [
        Column("分组"), Column("产业或集群", width=30), Column("测度"), Column("距离（公里）", Kind.NUMBER, "0.00"),
        Column("值", Kind.NUMBER, "0.000000"), Column("带的下界", Kind.NUMBER, "0.000000"),
        Column("带的上界", Kind.NUMBER, "0.000000"),
    ]  # fmt: skip
    rows: list[list[Value]] = [
        [grouped.title, sector.name, KINDS[kind].name, _number(at / _KM, 3), *(_number(one, 12) for one in told)]
        for grouped, sector, kind, line in _lines(found)
        for at, *told in zip(line.at_m, line.values, line.low, line.high, strict=True)
    ]
    return Page("曲线", columns, rows)


def _lines(found: Gathered) -> Iterator[tuple[Grouped, Sector, str, Line]]:
    for grouped in found.groupings:
        for sector in grouped.sectors:
            for kind in KINDS:
                line: Line | None = getattr(sector, kind)
                if line is not None:
                    yield grouped, sector, kind, line


def _number(value: float | None, digits: int) -> Decimal | None:
    return None if value is None else Decimal(f"{value:.{digits}f}")
