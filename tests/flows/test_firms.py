"""The register in a workspace: what comes in, what the ledger says of it, what is judged, and what is refused."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from jiqun import flows, packs, workspace
from jiqun.enterprises import register, verdicts
from jiqun.enterprises.invented import Drawing
from jiqun.ledger.access import firm_areas
from jiqun.ledger.models import Account, Event, Run
from jiqun.model.errors import Conflict, Forbidden, InputRefused, NotFound
from jiqun.model.purposes import Purpose
from jiqun.workspace import Workspace
from tests.enterprises.conftest import code
from tests.flows.conftest import Ticking

DAY = date(2025, 12, 31)
HEAD = "统一社会信用代码,企业名称,所属区划,营业收入（万元）,从业人员"


@pytest.fixture
def ws(db: None, tmp_path: Path) -> Workspace:
    city = packs.load("suzhou")
    path = tmp_path / "ws"
    workspace.lay_out(path, city, "suzhou")
    return Workspace(path, city.name, city, Ticking())


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Three firms; the second's revenue cannot be read, the third's code is wrong."""
    lines = [
        HEAD,
        f"{code(1)},昆山甲精密机械有限公司,昆山市,1000,20",
        f"{code(2)},吴江乙软件有限公司,吴江区,很多,8",
        "91329900MA0000000X,丙有限公司,昆山市,5,1",
    ]
    path = tmp_path / "firms.csv"
    path.write_text("\n".join(lines), "utf-8")
    return path


def firms_of(ws: Workspace) -> list[dict[str, object]]:
    book = register.open(ws.path / "registers", "firms")
    read = register.read(book, ws.city, purpose=Purpose.SERVICE)
    return read.rows.select("uscc", "name", "area_id", "revenue_yuan", "employees").sort("name").collect().to_dicts()


def test_a_table_becomes_the_snapshot_of_a_day(ws: Workspace, table: Path) -> None:
    done = flows.import_firms(ws, table, actor="zhang", day=DAY)
    assert (done.rows, done.manifest.rows, done.kept_out, done.is_new) == (3, 2, 1, True)
    assert firms_of(ws) == [
        {"uscc": code(2), "name": "吴江乙软件有限公司", "area_id": "suzhou_wujiang", "revenue_yuan": None,
         "employees": 8},
        {"uscc": code(1), "name": "昆山甲精密机械有限公司", "area_id": "suzhou_kunshan", "revenue_yuan": 1e7,
         "employees": 20},
    ]  # fmt: skip
    assert {finding.place.line for finding in done.findings} == {3, 4}
    assert done.manifest.about.figures_year == 2024
    run = Run.objects.get()
    assert (run.kind, run.state, run.result["table_rows"], run.result["kept_out"]) == ("import_firms", "done", 3, 1)


def test_the_event_has_digests_and_purpose_and_no_firm(ws: Workspace, table: Path) -> None:
    done = flows.import_firms(ws, table, actor="zhang", day=DAY, reason="年度更新")
    event = Event.objects.get()
    told = json.loads(event.payload)
    assert (event.action, event.actor, event.reason) == ("firms.imported", "zhang", "年度更新")
    assert told["snapshot_digest"] == done.manifest.digest
    assert (told["purpose"], told["collected_for"], told["damaged_rows"]) == ("administrative", "administrative", 2)
    assert not any(word in event.payload for word in (code(1), "甲精密", "吴江乙"))


def test_the_same_file_again_changes_nothing(ws: Workspace, table: Path) -> None:
    flows.import_firms(ws, table, actor="zhang", day=DAY)
    again = flows.import_firms(ws, table, actor="zhang", day=DAY)
    assert not again.is_new
    assert (Event.objects.count(), Run.objects.count()) == (1, 1)


def test_another_file_of_the_day_needs_a_reason_and_leaves_the_first(ws: Workspace, table: Path) -> None:
    flows.import_firms(ws, table, actor="zhang", day=DAY)
    table.write_text(f"{HEAD}\n{code(1)},昆山甲精密机械有限公司,昆山市,1200,20\n", "utf-8")
    with pytest.raises(Conflict, match="写明理由"):
        flows.import_firms(ws, table, actor="zhang", day=DAY)
    flows.import_firms(ws, table, actor="zhang", day=DAY, reason="更正收入")
    assert [firm["revenue_yuan"] for firm in firms_of(ws)] == [1.2e7]
    kept = register.open(ws.path / "registers", "firms").snapshots()
    assert [manifest.directory for manifest in kept] == ["2025-12-31", "2025-12-31.2"]


def test_what_is_no_table_leaves_no_register_and_a_failed_run(ws: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("甲,乙\n1,2\n", "utf-8")
    with pytest.raises(InputRefused):
        flows.import_firms(ws, path, actor="zhang", day=DAY)
    with pytest.raises(InputRefused, match="读不了"):
        flows.import_firms(ws, tmp_path / "none.csv", actor="zhang", day=DAY)
    with pytest.raises(InputRefused, match="还没有到"):
        flows.import_firms(ws, path, actor="zhang", day=date(2030, 1, 1))
    assert register.names(ws.path / "registers") == ()
    assert [(run.state, run.result["error"]) for run in Run.objects.all()] == [("failed", "InputRefused")]
    assert not Event.objects.exists()


@pytest.mark.parametrize(("rows", "told"), [("1234,甲公司\n,乙公司\n", "2 行没有一行能用"), ("", "表头下面没有企业")])
def test_a_table_without_a_firm_that_can_be_read_makes_no_snapshot(
    ws: Workspace, table: Path, tmp_path: Path, rows: str, told: str
) -> None:
    flows.import_firms(ws, table, actor="analyst", day=DAY)
    empty = tmp_path / "empty.csv"
    empty.write_text(f"统一社会信用代码,企业名称\n{rows}", "utf-8")
    with pytest.raises(InputRefused, match=told) as refused:
        flows.import_firms(ws, empty, actor="analyst", day=DAY, reason="更正")
    assert len(refused.value.findings) > rows.count("\n"), "every damaged row is told too"
    assert len(firms_of(ws)) == 2
    assert Event.objects.count() == 1


def test_statistical_returns_stand_apart_and_are_not_judged(ws: Workspace, table: Path) -> None:
    flows.import_firms(ws, table, actor="zhang", day=DAY, purpose=Purpose.STATISTICAL, name="returns")
    with pytest.raises(Forbidden, match="为统计收集的，不得用于企业服务"):
        flows.classify_firms(ws, DAY, actor="zhang", name="returns")
    with pytest.raises(Conflict, match="为统计收集的，不能收进为行政管理收集的数据"):
        flows.import_firms(ws, table, actor="zhang", day=DAY, name="returns")


def test_every_tier_of_the_day_is_judged_and_its_inputs_are_in_the_ledger(ws: Workspace, table: Path) -> None:
    flows.import_firms(ws, table, actor="zhang", day=DAY)
    done = flows.classify_firms(ws, date(2026, 1, 5), actor="zhang")
    assert (done.firms, done.snapshot_day, done.is_new) == (2, DAY, True)
    assert "srdi_sme" in done.tier_ids
    run = Run.objects.get(kind="classify_firms")
    told = json.loads(Event.objects.get(action="firms.classified").payload)
    book = register.open(ws.path / "registers", "firms")
    assert told["snapshot"] == run.parameters["snapshot"] == book.snapshots()[0].digest
    assert (told["folder"], told["on"], told["tiers"]) == (ws.city.digest, "2026-01-05", list(done.tier_ids))
    kept = verdicts.read(ws.path / "registers" / run.result["file"], Purpose.SERVICE).collect()
    # 工业 by no known code: 小微 cannot be told; 20 people and 1000万元 are known
    assert set(kept["uscc"]) == {code(1), code(2)}
    assert "srdi_sme" in kept.columns
    with pytest.raises(NotFound):
        flows.classify_firms(ws, date(2020, 1, 1), actor="zhang")


def test_judging_again_with_the_same_inputs_is_answered_by_the_first_run(ws: Workspace, table: Path) -> None:
    flows.import_firms(ws, table, actor="zhang", day=DAY)
    first = flows.classify_firms(ws, DAY, actor="zhang")
    again = flows.classify_firms(ws, DAY, actor="li")
    assert (again.is_new, again.run_id) == (False, first.run_id)
    (ws.path / "registers" / Run.objects.get(pk=first.run_id).result["file"]).unlink()
    assert flows.classify_firms(ws, DAY, actor="li").is_new, "its file is gone"


def test_verdicts_are_read_through_the_same_wall(ws: Workspace, table: Path) -> None:
    flows.import_firms(ws, table, actor="zhang", day=DAY, purpose=Purpose.SERVICE, name="told")
    flows.classify_firms(ws, DAY, actor="zhang", name="told")
    file = ws.path / "registers" / Run.objects.get(kind="classify_firms").result["file"]
    with pytest.raises(Forbidden, match="为企业服务收集的，不得用于统计"):
        verdicts.read(file, Purpose.STATISTICAL)


def test_invented_firms_are_drawn_once_and_never_stand_among_real_ones(ws: Workspace, table: Path) -> None:
    drawings = [Drawing(40, date(2025, 7, 1), 2024, years_back=back) for back in (1, 0)]
    for _ in range(2):
        book = flows.draw_firms(ws, drawings, actor="演示")
    assert [manifest.about.is_invented for manifest in book.snapshots()] == [True, True]
    assert Event.objects.filter(action="firms.invented").count() == 2
    with pytest.raises(Conflict, match="演示企业"):
        flows.import_firms(ws, table, actor="zhang", day=DAY)
    assert all("（演示）" in str(firm["name"]) for firm in firms_of(ws))


def test_a_real_register_takes_no_invented_firms(ws: Workspace, table: Path) -> None:
    flows.import_firms(ws, table, actor="zhang", day=DAY)
    with pytest.raises(Conflict, match="真实企业"):
        flows.draw_firms(ws, [Drawing(4, DAY, 2024)], actor="演示")


SCOPES = [
    ("city_admin", {}, None),
    ("city_editor", {}, None),
    ("department", {"body_id": "sz_stb"}, None),  # works for the whole city
    ("district", {"area_id": "suzhou_kunshan"}, "suzhou_kunshan"),
    ("district", {"area_id": "suzhou"}, None),
]


@pytest.mark.parametrize(("role", "scope", "sees"), SCOPES)
def test_whose_firms_a_role_reads(ws: Workspace, django_user_model: type, role: str, scope: dict, sees: str) -> None:
    user = django_user_model.objects.create(username="u")
    Account.objects.create(user=user, role=role, **scope)
    areas = firm_areas(user, ws.city)
    if sees is None:
        assert areas is None
    else:
        assert areas is not None
        assert sees in areas
        assert "suzhou_wujiang" not in areas


@pytest.mark.parametrize(("role", "scope"), [("viewer", {}), ("auditor", {}), ("department", {}), ("district", {})])
def test_who_reads_no_firm(ws: Workspace, django_user_model: type, role: str, scope: dict) -> None:
    user = django_user_model.objects.create(username="u")
    Account.objects.create(user=user, role=role, **scope)
    with pytest.raises(Forbidden):
        firm_areas(user, ws.city)
