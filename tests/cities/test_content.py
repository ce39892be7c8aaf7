"""The shipped city folders say what the documents say: counts by hand, names as printed, figures at their source."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

from jiqun import packs
from jiqun.model.findings import Severity
from jiqun.model.units import Unit

NAMES = ("china", "suzhou", "shenzhen")
GOLD = ("000", "001", "004")


@pytest.fixture(scope="module")
def suzhou():
    return packs.load("suzhou")


@pytest.fixture(scope="module")
def shenzhen():
    return packs.load("shenzhen")


def folded(text: str) -> str:
    return re.sub(r"[\s“”\"]", "", unicodedata.normalize("NFKC", text).lower())


def chinese(text: str) -> str:
    return "".join(re.findall("[一-鿿]", text))


def names(things) -> dict[str, set[str]]:
    """Folded name → ids."""
    found: dict[str, set[str]] = {}
    for thing in things.values():
        for name in (thing.name, getattr(thing, "short_name", ""), *thing.aliases):
            if name:
                found.setdefault(folded(name), set()).add(thing.id)
    return found


def gold(reference_dir, name: str, kind: str) -> list[dict]:
    text = (reference_dir / "gold" / f"{name}.{kind}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


# --- every folder


@pytest.mark.parametrize("name", NAMES)
def test_folders_have_no_fault_but_stated_doubts(name):
    findings = packs.check(name)
    assert not [f for f in findings if f.severity is Severity.ERROR or f.code != "packs.low_confidence"]


@pytest.mark.parametrize("name", NAMES)
def test_no_text_names_where_the_facts_were_worked_on(name):
    forbidden = re.compile(r"/work|/tmp|/farm|文件 ?00\d|wenmi|dbeile|huaxiataike|bwm8")
    for path, content in packs.load(name).files.items():
        assert not forbidden.search(content.decode("utf-8")), path


@pytest.mark.parametrize("name", ("suzhou", "shenzhen"))
def test_reprints_carry_no_address(name):
    """A reprint's site is not the issuer's; only originals are linked."""
    assert not [s.id for s in packs.load(name).sources.values() if s.seen_as != "original" and s.url]


# --- places


def test_suzhou_has_ten_reporting_blocks(suzhou):
    assert {a.name for a in suzhou.reporting_areas("suzhou")} == {
        "张家港市", "常熟市", "太仓市", "昆山市", "吴江区", "吴中区", "相城区", "姑苏区", "苏州工业园区", "苏州高新区",
    }  # fmt: skip


def test_huqiu_is_the_new_district_and_does_not_report(suzhou):
    huqiu = suzhou.areas["suzhou_huqiu"]
    assert huqiu.same_as_id == "suzhou_snd"
    assert not huqiu.reports


def test_shenzhen_has_nine_districts_and_two_zones(shenzhen):
    assert Counter(a.level for a in shenzhen.reporting_areas("shenzhen")) == {"district": 9, "functional_zone": 2}


@pytest.mark.parametrize("name", ("suzhou", "shenzhen"))
def test_every_reporting_area_has_a_tile_of_its_own(name):
    city = packs.load(name)
    tiles = [(a.tile_column, a.tile_row) for a in city.reporting_areas(name)]
    assert None not in {part for tile in tiles for part in tile}
    assert len(set(tiles)) == len(tiles)


def test_tiles_lie_as_the_land_does(suzhou):
    tile = {a.short_name: (a.tile_column, a.tile_row) for a in suzhou.reporting_areas("suzhou")}
    assert tile["高新区"][0] < tile["姑苏"][0] < tile["园区"][0] < tile["昆山"][0]  # west to east
    assert tile["张家港"][1] < tile["相城"][1] < tile["姑苏"][1] < tile["吴江"][1]  # north to south
    assert tile["太仓"][0] == max(column for column, _ in tile.values())


# --- bodies


@pytest.mark.parametrize("name", GOLD)
def test_every_responsible_body_of_the_annotated_documents_has_one_meaning(suzhou, reference_dir, name):
    known = names(suzhou.bodies)
    printed = {b for kind in ("claims", "tasks") for row in gold(reference_dir, name, kind) for b in row["bodies"]}
    assert {b: known.get(folded(b)) for b in printed if len(known.get(folded(b), ())) != 1} == {}


def test_every_lead_body_of_the_2022_plan_is_known(suzhou, reference_dir):
    known = names(suzhou.bodies)
    text = next((reference_dir / "documents").glob("002*")).read_text(encoding="utf-8")
    printed = {
        b.removesuffix("等") for line in re.findall(r"\(牵头单位:(.*?)\)\n", text) for b in re.split("[、,]", line)
    }
    assert len(printed) > 20
    assert {b for b in printed if folded(b) not in known} == set()


def test_the_industry_committee_became_the_industry_bureau(suzhou):
    assert [b.id for b in suzhou.body_at("sz_eic", date(2018, 12, 18))] == ["sz_eic"]
    assert [b.id for b in suzhou.body_at("sz_eic", date(2022, 1, 1))] == ["sz_miit"]


def test_composite_bodies_expand(suzhou):
    assert len(suzhou.expand_body("sz_blocks_all")) == 10
    governments = suzhou.expand_body("sz_districts_gov")
    assert len(governments) == 8  # the two zone committees are printed beside them
    assert not {"sipac", "sndac"} & {b.id for b in governments}


# --- indicators


@pytest.mark.parametrize("name", GOLD)
def test_annotated_indicators_are_reached_by_name(suzhou, reference_dir, name):
    known = names(suzhou.indicators)
    missing = {row["indicator"] for row in gold(reference_dir, name, "claims") if folded(row["indicator"]) not in known}
    # One-off facts of the press release that no indicator counts.
    assert missing <= {"国家工业母机基金总规模", "“灯塔工厂”占全国"}


@pytest.mark.parametrize("name", GOLD)
def test_annotated_units_fit_the_indicator(suzhou, reference_dir, name):
    """Growth and ranks are of the same indicator but in units of their own."""
    known = names(suzhou.indicators)
    misfits = []
    for row in gold(reference_dir, name, "claims"):
        ids = known.get(folded(row["indicator"]), set())
        units = [Unit.parse(suzhou.indicators[i].unit) for i in ids]
        if units and row["measure"] not in ("growth", "rank"):
            printed = Unit.parse(row["unit"])
            misfits += [row["indicator"]] if not any(printed.measures_like(u) for u in units) else []
    assert misfits == []


def test_first_of_a_kind_equipment_yearly_and_total_are_two_indicators(suzhou):
    assert suzhou.indicators["first_set_equipment_new"].time_kind == "flow"
    assert suzhou.indicators["first_set_equipment_total"].time_kind == "stock"


def test_both_cities_count_high_tech_firms_by_the_same_id(suzhou, shenzhen):
    assert suzhou.indicators["hnte_count"] == shenzhen.indicators["hnte_count"]


# --- clusters


def clusters_of(city, catalogue_id: str):
    return next(c for c in city.catalogues if c.id == catalogue_id).clusters


def test_suzhou_2018_lists_thirteen_clusters_in_the_documents_order(suzhou):
    assert [c.name for c in clusters_of(suzhou, "suzhou-2018")] == [
        "新一代显示", "生物医药和新型医疗器械", "高端纺织", "新能源与智能电网", "汽车与零部件", "纳米技术应用",
        "光通信", "软件与数字经济", "机器人与关键零部件", "高端装备", "集成电路", "物联网", "前沿新材料",
    ]  # fmt: skip


def test_shenzhen_2024_groups_are_seven_four_four_five(shenzhen):
    groups = Counter(c.group for c in clusters_of(shenzhen, "shenzhen-2024") if c.kind == "cluster")
    assert groups == {"战略重点类": 7, "优势拓展类": 4, "基础支撑类": 4, "综合提升类": 5}
    assert sum(c.kind == "future_industry" for c in clusters_of(shenzhen, "shenzhen-2024")) == 8


@pytest.mark.parametrize(("name", "edition"), [("suzhou", "suzhou-2022"), ("shenzhen", "shenzhen-2024")])
def test_every_cluster_of_the_edition_before_goes_somewhere(name, edition):
    city = packs.load(name)
    catalogue = next(c for c in city.catalogues if c.id == edition)
    before = {c.id for c in clusters_of(city, catalogue.previous_id)}
    assert before == {i for event in catalogue.events for i in event.before_ids}
    assert {c.id for c in catalogue.clusters} == {i for event in catalogue.events for i in event.after_ids}


def test_three_clusters_of_shenzhen_merge_into_high_end_equipment(shenzhen):
    merged = [e for e in shenzhen.events if e.type == "merged"]
    assert [shenzhen.clusters[i].name for i in merged[0].before_ids] == ["工业母机", "激光与增材制造", "精密仪器设备"]
    assert [shenzhen.clusters[i].name for i in merged[0].after_ids] == ["高端装备与仪器"]


@pytest.mark.parametrize(
    ("day", "edition"),
    [(date(2019, 1, 1), "suzhou-2018"), (date(2023, 8, 8), "suzhou-2022"), (date(2024, 6, 1), "suzhou-2023-msq")],
)
def test_the_edition_in_force_on_a_day(suzhou, day, edition):
    assert suzhou.catalogue_on(day).id == edition


# --- figures


def preferred(city, indicator: str, area: str, period: str) -> Decimal:
    return next(
        Decimal(f.value)
        for f in city.figures
        if (f.indicator_id, f.area_id, f.period) == (indicator, area, period) and f.is_preferred
    )


def test_press_conference_figures_of_2023(suzhou):
    assert preferred(suzhou, "industrial_va_growth_gyse", "suzhou", "2023H1") == Decimal("4.1")
    assert preferred(suzhou, "hightech_output", "suzhou", "2023H1") == 11200  # 1.12万亿元
    assert preferred(suzhou, "lighthouse_factories", "suzhou", "2023H1") == 6


@pytest.mark.parametrize(("year", "tolerance"), [("2020", "0.5"), ("2023", "0.5")])
def test_blocks_add_up_to_the_citys_gross_product(suzhou, year, tolerance):
    """亿元; the published total and the blocks differ by rounding only."""
    blocks = sum(preferred(suzhou, "gdp", a.id, year) for a in suzhou.reporting_areas("suzhou"))
    assert abs(blocks - preferred(suzhou, "gdp", "suzhou", year)) < Decimal(tolerance)


@pytest.mark.parametrize("name", ("suzhou", "shenzhen"))
def test_every_figure_has_a_dated_source(name):
    city = packs.load(name)
    assert not [f for f in city.figures if city.sources[f.source_id].published_on is None]


# --- documents


@pytest.mark.parametrize("name", ("suzhou", "shenzhen"))
def test_restated_documents_say_so_first(name):
    city = packs.load(name)
    assert city.documents
    for document in city.documents:
        lines = city.read(f"documents/{document.file}").decode("utf-8").splitlines()
        assert lines[0] == document.title
        assert lines[1] == "演示重述，非原文"
        assert document.is_restatement and document.official_source and document.issued_on


RESTATED = {
    "000": ("suzhou", "2018-upgrade-plan.txt"),
    "001": ("suzhou", "2018-manufacturing-clusters.txt"),
    "002": ("suzhou", "2022-innovation-clusters.txt"),
    "003": ("shenzhen", "2024-new-productive-forces.txt"),
    "004": ("suzhou", "2023-press-release.txt"),
}


@pytest.mark.parametrize("original", RESTATED)
def test_restatements_share_no_sentence_with_the_original(reference_dir, original):
    """No run of more than 18 Chinese characters, punctuation and numbers skipped, names and the heading aside."""
    name, file = RESTATED[original]
    city = packs.load(name)
    source = chinese(next((reference_dir / "documents").glob(f"{original}*")).read_text(encoding="utf-8"))
    text = city.read(f"documents/{file}").decode("utf-8").split("\n\n", 1)[1]
    things = (*city.bodies.values(), *city.indicators.values(), *city.clusters.values())
    known = {n for t in things for n in (t.name, getattr(t, "short_name", ""), *t.aliases) if len(n) > 2}
    text = re.sub("|".join(re.escape(n) for n in sorted(known, key=len, reverse=True)), "|", text)
    runs = [chinese(run) for run in text.split("|")]
    assert [run[i : i + 19] for run in runs for i in range(len(run) - 18) if run[i : i + 19] in source] == []


@pytest.mark.parametrize("original", ("000", "001", "004"))
def test_restatements_carry_every_annotated_number(reference_dir, original):
    name, file = RESTATED[original]
    text = packs.load(name).read(f"documents/{file}").decode("utf-8")
    numbers = set(re.findall(r"\d+(?:\.\d+)?", text)) | set(re.findall(r"第([一二三四])", text))
    ranks = {1: "一", 3: "三", 4: "四"}
    missing = []
    for row in gold(reference_dir, original, "claims"):
        printed = f"{row['value']:g}" if row["value"] < 1e6 else str(row["value"])
        is_there = printed in numbers or (row["unit"] == "位" and f"第{ranks[row['value']]}" in text)
        missing += [] if is_there or row["value"] == 0.125 else [row["quote"]]
    assert missing == []
    assert original != "004" or "1/8" in text


# --- classifications


def test_industries_are_the_whole_standard():
    """GB/T 4754—2017 with its amendment: 20 门类, 97 大类, 473 中类, 1382 小类."""
    levels = Counter(i.level for i in packs.load("china").industries.values())
    assert levels == {1: 20, 2: 97, 3: 473, 4: 1382}


def test_industry_has_forty_one_divisions_and_666_classes():
    """B 采矿业, C 制造业, D 电热气水: the denominators of 35个大类, 172个中类, 513个小类."""
    industries = packs.load("china").industries

    def section(code: str) -> str:
        while industries[code].parent_code:
            code = industries[code].parent_code
        return code

    levels = Counter(i.level for i in industries.values() if section(i.code) in ("B", "C", "D"))
    assert (levels[2], levels[3], levels[4]) == (41, 207, 666)


def test_rail_is_outside_the_transport_size_band():
    tier = packs.load("china").tiers["size_class"]
    transport = next(b for b in tier.versions[0].bands if b.name == "交通运输业")
    assert "53" not in transport.gb_prefixes


def test_chain_nodes_name_known_clusters_and_places(suzhou):
    assert len(suzhou.chains) == 9
    assert sum(len(chain.nodes) for chain in suzhou.chains.values()) == 211
    assert all(chain.layout and chain.cluster_ids for chain in suzhou.chains.values())


@pytest.mark.parametrize("folder", ["suzhou", "shenzhen"])
@pytest.mark.parametrize("name", ["about_tolerance_pct", "behind_pct", "far_behind_pct", "near_due_days"])
def test_a_page_as_of_any_day_has_its_settings(folder, name):
    assert packs.load(packs.folder(folder)).setting(name, date(1900, 1, 1)) > 0


def test_the_way_on_of_a_docket_is_declared_before_the_ways_back() -> None:
    docket = packs.load("china").dockets["bottlenecks"]
    at, way = docket.states[0].id, [docket.states[0].id]
    while not docket.state(at).is_end:
        at = next(docket.steps_from(at)).after
        way.append(at)
    assert [docket.state(id_).name for id_ in way] == ["征集", "论证", "发榜", "揭榜", "攻关", "验收", "应用推广"]
