"""Published lists of titles in a workspace: counted in a run, held against published figures, recorded with the run."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from jiqun import flows, packs, workspace
from jiqun.enterprises import membership, register
from jiqun.enterprises.invented import Drawing
from jiqun.enterprises.membership import Batch
from jiqun.enterprises.spells import Stage
from jiqun.ledger import chain
from jiqun.ledger.models import Event, Observation, Run
from jiqun.model.errors import Conflict, Forbidden, InputRefused, NotFound, UsageError
from jiqun.model.purposes import Purpose
from jiqun.workspace import Workspace
from tests.enterprises.conftest import code
from tests.flows.conftest import Ticking

NAMES = {1: "昆山甲精密机械有限公司", 2: "吴江乙软件有限公司", 3: "太仓丙生物医药有限公司"}
AREAS = {1: "昆山市", 2: "吴江区", 3: "太仓市"}
# four firms of the table come in by these lists: two each in 2021 and 2024, firm 1 in both
LISTS = {2021: (1, 2), 2022: (), 2023: (), 2024: (1, 3)}


@pytest.fixture
def ws(db: None, tmp_path: Path) -> Workspace:
    city = packs.load("suzhou")
    path = tmp_path / "ws"
    workspace.lay_out(path, city, "suzhou")
    made = Workspace(path, city.name, city, Ticking())
    table = tmp_path / "firms.csv"
    rows = [f"{code(n)},{name},{AREAS[n]}" for n, name in NAMES.items()]
    table.write_text("\n".join(["统一社会信用代码,企业名称,所属区划", *rows]), "utf-8")
    flows.import_firms(made, table, actor="zhang", day=date(2024, 12, 31), name="city")
    return made


@pytest.fixture
def lists(ws: Workspace, tmp_path: Path) -> None:
    for year, firms in LISTS.items():
        path = tmp_path / f"{year}.csv"
        path.write_text("\n".join(["企业名称", *(NAMES[n] for n in firms)]), "utf-8")
        batch = Batch("hnte", Stage.RECOGNISED, year)
        flows.import_list(ws, path, batch, actor="zhang", published_on=date(year, 11, 30), name="city")


def figures(indicator_id: str, area_id: str = "suzhou") -> dict[str, str]:
    rows = Observation.objects.filter(indicator_id=indicator_id, area_id=area_id, superseded_at=None)
    return {row.period: row.value_text for row in rows.order_by("period") if row.source_title.startswith("企业名单")}


@pytest.mark.usefixtures("lists")
def test_stock_yearly_flow_and_change_become_figures_of_three_indicators(ws: Workspace) -> None:
    run = flows.count_cohorts(ws, actor="zhang", name="city")
    assert not Observation.objects.exists()
    done = flows.record_cohorts(ws, run, actor="li")
    # three years of lists are needed for a stock, so 2021 and 2022 have none; of 2021's firms one lapsed in 2024
    assert figures("hnte_count") == {"2023": "2", "2024": "2"}
    assert figures("hnte_new") == {"2021": "2", "2022": "0", "2023": "0", "2024": "2"}
    assert figures("hnte_net_new") == {"2024": "0"}
    assert figures("hnte_count", "suzhou_wujiang") == {"2023": "1", "2024": "0"}
    assert figures("hnte_count", "suzhou_taicang") == {"2023": "0", "2024": "1"}
    assert done.written == Observation.objects.count()
    assert done.left_out > 0


@pytest.mark.usefixtures("lists")
def test_a_figure_leads_back_to_the_run_and_the_run_to_its_lists(ws: Workspace) -> None:
    run = flows.count_cohorts(ws, actor="zhang", name="city")
    flows.record_cohorts(ws, run, actor="li", reason="年度核算")
    row = Observation.objects.get(indicator_id="hnte_count", area_id="suzhou", period="2024")
    assert f"第 {run.pk} 次运行" in row.note
    assert json.loads(Event.objects.get(sequence=row.event_id).payload)["run"] == run.pk
    book = register.open(ws.path / "registers", "city")
    kept = membership.read(book, purpose=Purpose.SERVICE).kept
    assert run.parameters["lists"] == {each.batch.name: each.manifest.digest for each in kept}
    assert (ws.path / "folders" / run.folder_digest).is_dir()


@pytest.mark.usefixtures("lists")
def test_the_same_lists_are_counted_once_and_recorded_once(ws: Workspace) -> None:
    run = flows.count_cohorts(ws, actor="zhang", name="city")
    flows.record_cohorts(ws, run, actor="li")
    head = chain.head()
    again = flows.count_cohorts(ws, actor="zhang", name="city")
    assert again.pk == run.pk
    done = flows.record_cohorts(ws, again, actor="li")
    assert done.written == 0
    assert chain.head() == head


@pytest.mark.usefixtures("lists")
def test_a_published_figure_stays_preferred_and_the_difference_is_told(ws: Workspace) -> None:
    told = {"indicator_id": "hnte_count", "area_id": "suzhou", "period": "2024", "source_title": "公报"}
    flows.add_observation(ws, told | {"value_text": "5", "unit": "家"}, actor="zhang")
    run = flows.count_cohorts(ws, actor="zhang", name="city")
    (difference,) = run.result["differences"]
    assert (difference["ours"], difference["stated"], difference["by"], difference["contradicts"]) == (
        2,
        "5",
        "-3",
        True,
    )
    flows.record_cohorts(ws, run, actor="li")
    rows = Observation.objects.filter(indicator_id="hnte_count", area_id="suzhou", period="2024")
    assert {row.source_title: row.is_preferred for row in rows} == {"公报": True, "企业名单核算（city）": False}


@pytest.mark.usefixtures("lists")
def test_every_balance_of_a_run_adds_up(ws: Workspace) -> None:
    run = flows.count_cohorts(ws, actor="zhang", name="city")
    assert run.result["unexplained"] == []
    city = {each["year"]: each for each in run.result["balances"] if each["area_id"] is None}
    year = city[2024]
    assert (year["opening"], year["gain_new"], year["loss_lapsed"], year["closing"]) == (2, 1, 1, 2)
    assert (year["granted"], year["renewed"], year["ever"]) == (2, 1, 3)


def test_rows_that_wait_for_a_person_are_told_and_counted_once_decided(ws: Workspace, tmp_path: Path) -> None:
    path, batch = tmp_path / "list.csv", Batch("hnte", Stage.RECOGNISED, 2024)
    path.write_text("企业名称\n丙生物医药科技有限公司\n", "utf-8")

    def read(**more: Any) -> membership.Lists:
        flows.import_list(ws, path, batch, actor="zhang", published_on=date(2024, 11, 30), name="city", **more)
        return membership.read(register.open(ws.path / "registers", "city"), purpose=Purpose.SERVICE)

    assert read().entries.is_empty()
    run = flows.count_cohorts(ws, actor="zhang", name="city")
    assert run.result["undecided"] == {batch.name: 1}
    with pytest.raises(Conflict, match="写明理由"):
        read(chosen={2: code(3)})
    assert read(chosen={2: code(3)}, reason="人工核对").entries["uscc"].to_list() == [code(3)]
    event = json.loads(Event.objects.order_by("-sequence")[0].payload)
    assert (event["entries"], event["undecided"]) == (1, 0)
    assert flows.count_cohorts(ws, actor="zhang", name="city").pk != run.pk


def test_what_cannot_be_counted_is_refused(ws: Workspace, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="还没有收录任何名单"):
        flows.count_cohorts(ws, actor="zhang", name="city")
    path = tmp_path / "list.csv"
    path.write_text(f"企业名称\n{NAMES[1]}\n", "utf-8")
    batch = Batch("hnte", Stage.RECOGNISED, 2025)
    flows.import_list(ws, path, batch, actor="zhang", published_on=date(2025, 11, 30), name="city")
    with pytest.raises(UsageError, match="2026 年还没有结束"):
        flows.count_cohorts(ws, actor="zhang", name="city", years=[2025, 2026])
    other = Run.objects.create(kind="classify_firms", actor="zhang", folder_digest="", created_at=ws.clock())
    with pytest.raises(UsageError, match="不是已完成的名单核算"):
        flows.record_cohorts(ws, other, actor="li")


def test_a_corrected_list_is_known_from_today_and_one_of_tomorrow_is_refused(ws: Workspace, tmp_path: Path) -> None:
    path, batch = tmp_path / "list.csv", Batch("hnte", Stage.RECOGNISED, 2024)

    def bring(firm: int, reason: str, published_on: date) -> None:
        path.write_text(f"企业名称\n{NAMES[firm]}\n", "utf-8")
        flows.import_list(ws, path, batch, actor="zhang", published_on=published_on, name="city", reason=reason)

    bring(1, "", date(2024, 11, 30))
    bring(2, "公示后更正", date(2024, 11, 30))
    book = register.open(ws.path / "registers", "city")
    known = {
        day: membership.read(book, purpose=Purpose.SERVICE, known_on=day).entries["uscc"].to_list()
        for day in (date(2024, 11, 30), date(2026, 1, 4), date(2026, 1, 5))
    }
    assert list(known.values()) == [[code(1)], [code(1)], [code(2)]]
    with pytest.raises(InputRefused, match="还没有到"):
        bring(3, "", date(2026, 1, 6))


def test_counts_of_invented_firms_do_not_become_figures(db: None, tmp_path: Path) -> None:
    city = packs.load("suzhou")
    workspace.lay_out(tmp_path / "ws", city, "suzhou")
    made = Workspace(tmp_path / "ws", city.name, city, Ticking())
    book = flows.draw_firms(made, [Drawing(20, date(2025, 7, 1), 2024)], actor="演示")
    firm = register.read(book, city, purpose=Purpose.SERVICE).rows.select("uscc", "name").collect().row(0)
    path = tmp_path / "list.csv"
    path.write_text(f"统一社会信用代码,企业名称\n{firm[0]},{firm[1]}\n", "utf-8")
    batch = Batch("hnte", Stage.RECOGNISED, 2024)
    flows.import_list(made, path, batch, actor="演示", published_on=date(2024, 11, 30), name=book.name)
    run = flows.count_cohorts(made, actor="演示", name=book.name)
    granted = [each["value"] for each in run.result["counts"] if each["kind"] == "granted" and each["year"] == 2024]
    assert sum(granted) == 2  # the city and one district
    with pytest.raises(Conflict, match="演示企业"):
        flows.record_cohorts(made, run, actor="演示")
    assert not Observation.objects.exists()


def test_lists_of_a_statistical_register_are_not_counted(ws: Workspace, tmp_path: Path) -> None:
    table = tmp_path / "returns.csv"
    table.write_text(f"统一社会信用代码,企业名称\n{code(1)},{NAMES[1]}\n", "utf-8")
    flows.import_firms(ws, table, actor="zhang", day=date(2024, 12, 31), name="returns", purpose=Purpose.STATISTICAL)
    with pytest.raises(Forbidden):
        flows.count_cohorts(ws, actor="zhang", name="returns")
    with pytest.raises(Forbidden):
        batch = Batch("hnte", Stage.RECOGNISED, 2024)
        flows.import_list(ws, table, batch, actor="zhang", published_on=date(2024, 11, 30), name="returns")
