"""Lists of names: whose each row is, from when to when it holds, by what a firm got in, and who may read it."""

from __future__ import annotations

import datetime
import random

import openpyxl
import polars as pl
import pytest

from jiqun.enterprises import candidates as candidate
from jiqun.enterprises import columns, membership, namelists, register, snapshots
from jiqun.enterprises.membership import Batch, expires_on
from jiqun.enterprises.register import Firms
from jiqun.enterprises.spells import Stage
from jiqun.enterprises.tiers.in_polars import classified
from jiqun.enterprises.tiers.resolving import resolve
from jiqun.enterprises.tiers.rule import Joined, Meets, leaves
from jiqun.model.errors import Conflict, Forbidden, InputRefused, UsageError
from jiqun.model.purposes import Purpose
from jiqun.packs.schema.tiers import TierVersion
from tests.enterprises.conftest import MORNING, about, code
from tests.enterprises.tiers import worlds
from tests.enterprises.tiers.test_engines import frame_of

D = datetime.date.fromisoformat
HNTE = Batch("hnte", Stage.RECOGNISED, 2023)
NAMES = ["苏州瑞恒精密机械有限公司", "昆山瑞恒精密机械有限公司", "苏州安达生物科技有限公司", "太仓宏图电子有限公司"]


@pytest.fixture
def firms(city):
    rows = {"uscc": [code(n) for n in range(1, 5)], "name": NAMES, "former_names": [[], [], [], []]}
    known = columns.columns(city)
    return Firms(pl.LazyFrame(rows), known, D("2023-12-31"), 2022, Purpose.ADMINISTRATIVE, Purpose.SERVICE)


@pytest.fixture
def listed(tmp_path, firms, city):
    def listed(text, batch=HNTE, published="2023-11-06"):
        path = tmp_path / "list.csv"
        path.write_text(text, "utf-8")
        return namelists.read(path, firms, city, batch, D(published))

    return listed


def rows_of(found):
    return found.entries.select("line", "uscc", "valid_from", "valid_to").rows()


# --- lists as published


def test_a_list_of_bare_names_finds_its_firms_and_lasts_as_long_as_the_tier_says(listed):
    found = listed("序号,企业名称\n1,苏州安达生物科技有限公司\n2,太仓宏图电子有限责任公司\n")
    last = (D("2023-11-06"), D("2026-11-06"))
    assert rows_of(found) == [(2, code(3), *last), (3, code(4), *last)]
    assert found.proposals.is_empty()
    assert found.undecided.is_empty()


def test_the_rows_own_days_come_before_the_publication(listed):
    found = listed("企业名称,发证日期,有效期至\n苏州安达生物科技有限公司,2023-12-13,2026-12-12\n")
    assert rows_of(found) == [(2, code(3), D("2023-12-13"), D("2026-12-13"))]


def test_a_doubtful_name_is_a_proposal_and_no_entry_until_a_person_chooses(listed):
    found = listed("企业名称\n瑞恒精密机械有限公司\n南京完全不同的贸易有限公司\n太仓宏图电子有限公司\n")
    assert [row[1] for row in rows_of(found)] == [code(4)]
    assert found.undecided.select("line", "why").rows() == [
        (2, "与名册里的企业相近，待人工确认"),
        (3, "名册里没有相近的企业"),
    ]
    assert set(found.proposals["uscc"]) == {code(1), code(2)}
    chosen = namelists.accept(found, {2: code(2)})
    assert chosen.entries.select("line", "uscc", "reason").rows() == [
        (2, code(2), "人工选定"), (4, code(4), None),
    ]  # fmt: skip
    assert chosen.undecided["line"].to_list() == [3]
    assert chosen.rows == chosen.entries.height + chosen.undecided.height
    with pytest.raises(UsageError, match="已在名单里"):
        namelists.accept(found, {2: code(4)})
    with pytest.raises(UsageError, match="没有待定"):
        namelists.accept(found, {4: code(1)})


def test_every_row_is_an_entry_or_kept_apart_with_its_reason(listed):
    text = (
        "企业名称,统一社会信用代码,认定年度,所属区\n"
        f"苏州安达生物科技有限公司,{code(3)},2023,昆山市\n"
        f"苏州安达生物科技有限公司,{code(3)},2023,\n"  # again
        f"太仓宏图电子有限公司,{code(4)},2022,\n"  # of another year
        f"无锡不在册科技有限公司,{code(99)},2023,\n"  # not in the register
        f"无锡也不在册科技有限公司,{code(98)[:-1]}O,2023,\n"  # no code
    )
    found = listed(text)
    assert [row[:2] for row in rows_of(found)] == [(2, code(3)), (5, code(99))]
    assert found.entries["area_id"].to_list() == ["suzhou_kunshan", None]
    assert found.undecided.select("line", "why").rows() == [
        (3, "同一企业在名单里不止一行"),
        (4, "认定年度是 2022"),
        (6, "名册里没有相近的企业"),
    ]
    assert found.rows == 5
    assert [(f.code, f.place.line) for f in found.findings if f.code.startswith("namelist")] == [
        ("namelist.not_in_register", 5)
    ]


def test_workbooks_with_titles_above_are_read(tmp_path, firms, city):
    path = tmp_path / "list.xlsx"
    book = openpyxl.Workbook()
    for row in (["2023年高新技术企业认定名单"], ["序号", "单位名称"], [1, "太仓宏图电子有限公司"]):
        book.active.append(row)
    book.save(path)
    assert [row[1] for row in rows_of(namelists.read(path, firms, city, HNTE, D("2023-11-06")))] == [code(4)]


def test_a_table_without_names_and_a_day_that_is_none_are_refused(listed):
    with pytest.raises(InputRefused) as refused:
        listed("序号,得分\n1,80\n")
    assert refused.value.findings[0].code == "namelist.no_head"
    with pytest.raises(InputRefused, match="2023-13-01"):
        listed("企业名称,发证日期\n太仓宏图电子有限公司,2023-13-01\n")
    with pytest.raises(UsageError, match="没有梯度层级"):
        listed("企业名称\n太仓宏图电子有限公司\n", Batch("nothing", Stage.RECOGNISED, 2023))


@pytest.mark.parametrize(
    ("tier", "start", "end"),
    [
        ("hnte", "2020-12-02", "2023-12-02"),
        ("hnte", "2020-02-29", "2023-03-01"),
        ("tech_sme", "2023-01-01", "2024-01-01"),
        ("tech_sme", "2023-12-31", "2024-01-01"),
        ("gazelle_sz", "2023-12-31", None),
    ],
)
def test_when_a_title_no_longer_holds(city, tier, start, end):
    assert expires_on(city.tiers[tier], D(start)) == (D(end) if end else None)


# --- kept lists


def entry(number, start, stop, **more):
    return {"uscc": code(number), "name": f"企业{number}", "valid_from": D(start), "valid_to": stop and D(stop), **more}


def keep(kept, batch, rows, day="2023-11-06", **changed):
    frame = pl.DataFrame(rows, schema_overrides=membership.TYPES) if rows else pl.DataFrame(schema=membership.TYPES)
    return membership.write(kept, batch, about(day, **changed), frame, recorded_at=MORNING)


def test_lists_are_read_back_as_they_were_with_who_held_what_on_any_day(kept):
    keep(kept, Batch("hnte", Stage.RECOGNISED, 2020), [entry(1, "2020-12-02", "2023-12-02")], "2020-12-02")
    keep(kept, HNTE, [entry(1, "2023-12-02", "2026-12-02", rule_version="2016", clauses=["c_age"])])
    keep(kept, Batch("hnte", Stage.REVOKED, 2025), [entry(1, "2025-05-01", None)], "2025-05-01")
    keep(kept, Batch("srdi_sme", Stage.RECOGNISED, 2023), [entry(1, "2023-07-01", "2026-07-01")])
    lists = membership.read(kept, purpose=Purpose.SERVICE)
    assert [each.batch.name for each in lists.kept] == [
        "hnte.recognised.2020.1", "hnte.recognised.2023.1", "hnte.revoked.2025.1", "srdi_sme.recognised.2023.1",
    ]  # fmt: skip

    def on(day):
        return membership.open_on(lists, D(day)).select("list_id", "year", "rule_version").rows()

    assert on("2020-12-01") == []
    assert on("2020-12-02") == [("hnte", 2020, None)]
    assert on("2023-12-01") == [("hnte", 2020, None), ("srdi_sme", 2023, None)]
    assert on("2023-12-02") == [("hnte", 2023, "2016"), ("srdi_sme", 2023, None)]
    assert on("2025-04-30") == [("hnte", 2023, "2016"), ("srdi_sme", 2023, None)]
    assert on("2025-05-01") == [("srdi_sme", 2023, None)]


def test_a_corrected_list_needs_a_reason_and_the_earlier_one_can_be_asked_for(kept):
    keep(kept, HNTE, [entry(1, "2023-11-06", "2026-11-06")])
    with pytest.raises(Conflict, match="写明理由"):
        keep(kept, HNTE, [])
    keep(kept, HNTE, [entry(2, "2023-11-06", "2026-11-06")], known_on=D("2024-02-01"), reason="公示后更正")
    assert membership.read(kept, purpose=Purpose.SERVICE).entries["uscc"].to_list() == [code(2)]
    earlier = membership.read(kept, purpose=Purpose.SERVICE, known_on=D("2024-01-31"))
    assert earlier.entries["uscc"].to_list() == [code(1)]
    assert membership.read(kept, purpose=Purpose.SERVICE, known_on=D("2023-11-05")).kept == ()


def test_rows_nobody_could_place_lie_beside_the_list_and_are_counted(kept, listed):
    found = listed("企业名称\n瑞恒精密机械有限公司\n太仓宏图电子有限公司\n")
    membership.write(kept, HNTE, about("2023-11-06"), found.entries, recorded_at=MORNING, undecided=found.undecided)
    (one,) = membership.read(kept, purpose=Purpose.SERVICE).kept
    assert (one.manifest.rows, one.undecided) == (1, 1)


def test_an_empty_list_says_that_nobody_was_recognised_that_year(kept, city):
    keep(kept, Batch("hnte", Stage.RECOGNISED, 2022), [])
    keep(kept, HNTE, [entry(1, "2023-11-06", "2026-11-06")])
    cover = membership.read(kept, purpose=Purpose.SERVICE).coverage(city.tiers)["hnte"]
    assert (cover.years, cover.lasts) == ({2022, 2023}, 3)


def test_a_register_beside_lists_is_still_one_register(kept, city):
    keep(kept, HNTE, [entry(1, "2023-11-06", "2026-11-06")])
    assert register.names(kept.folder.parent) == ("city",)
    assert kept.snapshots() == ()


@pytest.mark.parametrize(
    "rows",
    [
        [entry(1, "2023-11-06", None), entry(1, "2023-11-07", None)],
        [entry(1, "2023-11-06", "2023-11-06")],
        [entry(1, "2023-11-06", None) | {"valid_from": None}],
    ],
)
def test_a_list_that_contradicts_itself_is_not_kept(kept, rows):
    with pytest.raises(UsageError):
        keep(kept, HNTE, rows)
    assert membership.read(kept, purpose=Purpose.SERVICE).kept == ()


def test_lists_of_a_statistical_register_stay_behind_the_wall(tmp_path):
    counted = register.create(tmp_path / "registers", "returns", "统计名录", Purpose.STATISTICAL)
    keep(counted, HNTE, [entry(1, "2023-11-06", None)])
    with pytest.raises(Forbidden):
        membership.read(counted, purpose=Purpose.SERVICE)
    with pytest.raises(Forbidden):
        membership.Lists(pl.DataFrame(), (), Purpose.STATISTICAL, Purpose.ADMINISTRATIVE)


def test_statistical_returns_cannot_come_into_a_list(kept):
    origin = snapshots.Origin("统计报表", D("2023-11-06"), Purpose.STATISTICAL)
    with pytest.raises(Forbidden):
        keep(kept, HNTE, [entry(1, "2023-11-06", None)], origins=(origin,))


def test_firms_that_ended_or_went_into_another(kept):
    types = {"uscc": pl.String, "ended_on": pl.Date, "merged_into_uscc": pl.String}

    def rows(*given):
        return pl.DataFrame(given, schema=types, orient="row")

    told = [
        (D("2022-12-31"), rows(("a", None, None), ("b", None, "x"), ("c", D("2022-05-01"), None))),
        (D("2023-12-31"), rows(("a", D("2023-05-01"), None), ("b", None, "x"), ("c", None, None))),
    ]
    assert membership.departures(told).rows() == [("a", D("2023-05-01")), ("b", D("2022-12-31"))]


# --- candidates for what is given without application


ON = D("2025-06-30")


def judged(city, rows):
    known = columns.columns(city)
    frame = pl.LazyFrame(rows, schema_overrides={name: each.data_type for name, each in known.items()})
    frame = frame.select([name for name in frame.collect_schema() if name in rows[0]])
    return Firms(frame, known, D("2024-12-31"), 2024, Purpose.ADMINISTRATIVE, Purpose.SERVICE, digest="d1")


def gyse(number, revenue, **more):
    given = {"uscc": code(number), "name": f"企业{number}", "area_id": "suzhou_sip", "industry_code": "3911"}
    return given | {"revenue_yuan": revenue, "main_revenue_yuan": revenue, "is_legal_person": True} | more


def test_candidates_are_told_apart_from_unknowns_and_from_those_who_have_it(city):
    tier = "gyse"
    million = 1_000_000.0
    rows = [gyse(1, 20 * million), gyse(2, 19.99 * million), gyse(3, None), gyse(4, 90 * million)]
    found = candidate.candidates(judged(city, rows), city, tier, ON, holders=[code(4)])
    whose = [frame["uscc"].to_list() for frame in (found.eligible, found.open, found.holding)]
    assert whose == [[code(1)], [code(3)], [code(4)]]
    assert found.failing["uscc"].to_list() == [code(2)]
    met, unknown = found.eligible["clauses"][0].to_list(), found.open["clauses"][0].to_list()
    assert met == unknown != []
    entries = candidate.entries(found, city)
    given = entries.select("uscc", "valid_from", "snapshot", "reason").rows()
    assert given == [(code(1), ON, "d1", "免申即享")]
    assert entries["rule_version"].to_list() == [found.version]


def test_every_firm_is_in_one_of_the_four_also_those_that_hold_the_title_and_fail(city):
    million = 1_000_000.0
    rows = [gyse(1, 20 * million), gyse(2, 1 * million), gyse(3, None), gyse(4, 90 * million), gyse(5, 1 * million)]
    found = candidate.candidates(judged(city, rows), city, "gyse", ON, holders=[code(2), code(3), code(4)])
    whose = [frame["uscc"].to_list() for frame in (found.eligible, found.open, found.holding, found.failing)]
    assert whose == [[code(1)], [], [code(2), code(3), code(4)], [code(5)]]
    assert found.holding["verdict"].to_list() == [False, None, True]


def test_a_title_is_held_by_its_list_and_where_none_speaks_of_it_as_the_register_says(tmp_path, city):
    book = register.create(tmp_path, "firms", "企业库", Purpose.ADMINISTRATIVE)
    grants = [(1, "2020-06-30", "2023-06-30"), (2, "2023-06-30", "2026-06-30"), (3, "2026-06-30", "2029-06-30")]
    given = [(code(n), D(start), D(stop)) for n, start, stop in grants]
    rows = pl.DataFrame(given, schema=["uscc", "valid_from", "valid_to"], orient="row")
    membership.write(book, Batch("hnte", Stage.RECOGNISED, 2020), about("2020-06-30"), rows, recorded_at=MORNING)
    lists = membership.read(book, purpose=Purpose.SERVICE)
    said = {1: ["hnte", "gyse"], 2: None, 3: [], 4: ["hnte"], 5: None}
    firms = pl.LazyFrame({"uscc": [code(n) for n in said], "titles": list(said.values())})
    held = membership.holding(firms, membership.titles_told(lists, ON)).collect()["titles"].to_list()
    # lapsed; by the list; not yet; no list speaks of 4; nothing is known of 5
    assert held == [["gyse"], ["hnte"], [], ["hnte"], None]


def test_a_title_is_lost_by_the_list_that_strikes_it_off_though_none_that_gave_it_is_there(tmp_path, city):
    book = register.create(tmp_path, "firms", "企业库", Purpose.ADMINISTRATIVE)
    struck = {1: "2024-05-31", 2: "2026-05-31", 3: "2021-05-31"}
    rows = pl.DataFrame({"uscc": [code(n) for n in struck], "valid_from": [D(day) for day in struck.values()]})
    membership.write(book, Batch("hnte", Stage.REVOKED, 2024), about("2024-05-31"), rows, recorded_at=MORNING)
    again = pl.DataFrame({"uscc": [code(3)], "valid_from": [D("2022-06-30")], "valid_to": [D("2027-06-30")]})
    membership.write(book, Batch("hnte", Stage.RECOGNISED, 2022), about("2022-06-30"), again, recorded_at=MORNING)
    lists = membership.read(book, purpose=Purpose.SERVICE)
    said = {1: ["hnte", "gyse"], 2: ["hnte"], 3: [], 4: ["hnte"]}
    firms = pl.LazyFrame({"uscc": [code(n) for n in said], "titles": list(said.values())})
    held = membership.holding(firms, membership.titles_told(lists, ON)).collect()["titles"].to_list()
    # struck off; not yet; struck off and recognised again; no list speaks of 4
    assert held == [["gyse"], ["hnte"], ["hnte"], ["hnte"]]


def test_firms_read_for_statistics_are_no_candidates(city):
    firms = judged(city, [gyse(1, 1.0)])
    counted = Firms(firms.rows, firms.columns, firms.day, 2024, Purpose.STATISTICAL, Purpose.STATISTICAL)
    with pytest.raises(Forbidden):
        candidate.candidates(counted, city, "gyse", ON)


def met(node, truths):
    """The definition: three answers joined; unknown is neither."""
    if not isinstance(node, Joined):
        return truths[node.clause if isinstance(node, Meets) else node.table]
    parts, decides = [met(part, truths) for part in node.parts], node.how == "any"
    return decides if decides in parts else None if None in parts else not decides


def test_the_clauses_of_a_decision_alone_bring_about_the_verdict(city):
    """Whatever is made of all other clauses, the verdict stays; of an unknown one each clause named can change it."""
    rng = random.Random(4)
    checked = 0
    for _ in range(25):
        rule = worlds.rule(rng, ON)
        if rule.node is None:
            continue
        rows = [worlds.firm(rng) for _ in range(20)]
        answers = classified(frame_of(rows).lazy(), [rule], ["nr"]).with_columns(why=candidate.deciding(rule)).collect()
        for row in answers.iter_rows(named=True):
            verdict, why = row[rule.id], set(row["why"])
            assert why, row
            others = {leaf: None for leaf in _names(rule) if leaf not in why}
            own = {leaf: row[f"{rule.id}__{leaf}"] for leaf in why}
            assert set(own.values()) == {verdict}
            if verdict is not None:
                assert met(rule.node, own | others) is verdict
                checked += 1
    assert checked > 100


@pytest.mark.parametrize(
    ("ip_class1", "ip_class2", "employees", "verdict", "why"),
    [
        (1, 0, 5, True, ["c"]),  # a is met, but its company b is not
        (1, 1, 0, True, ["a", "b"]),
        (1, None, 0, None, ["b"]),
        (None, 0, None, None, ["c"]),  # a would change nothing
        (1, 0, 0, False, ["b", "c"]),
    ],
)
def test_clauses_beside_the_way_of_the_verdict_are_not_named(ip_class1, ip_class2, employees, verdict, why):
    """(a and b) or c."""
    metrics = {"a": ("ip_class1", "项"), "b": ("ip_class2", "项"), "c": ("employees", "人")}
    conditions = [{"id": k, "metric": m, "op": ">=", "value": "1", "unit": u} for k, (m, u) in metrics.items()]
    node = {"any": [{"all": [{"cond": "a"}, {"cond": "b"}]}, {"cond": "c"}]}
    version = TierVersion.model_validate({"version": "1", "rule": node, "conditions": conditions})
    rule = resolve(worlds.suzhou(), "hnte", ON, version)
    row = {"ip_class1": ip_class1, "ip_class2": ip_class2, "employees": employees}
    answers = classified(frame_of([row]).lazy(), [rule]).with_columns(why=candidate.deciding(rule)).collect()
    assert (answers["hnte"][0], answers["why"][0].to_list()) == (verdict, why)


def _names(rule):
    return [leaf.clause if isinstance(leaf, Meets) else leaf.table for leaf in leaves(rule.node)]
