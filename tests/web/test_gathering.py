"""The page of dense areas and curves: what a run found, for whom, in which words; and before any run what to do."""

from __future__ import annotations

import io
import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from typer.testing import CliRunner

from jiqun import flows
from jiqun.cli import app
from jiqun.flows import gathering as gathering_verb
from jiqun.flows import settling
from jiqun.ledger.models import Event, Run
from jiqun.model.errors import EnvironmentFailed, Forbidden, NotFound, UsageError
from jiqun.model.purposes import Purpose
from tests.enterprises.conftest import code
from tests.industry.measures.test_gathering import planted
from tests.web.test_firms import DAY, ON, admin, firm, sign_in, snapshot, text

__all__ = ["admin", "sign_in"]
HOME = "suzhou_sip"


def located(city: Any, **more: Any) -> tuple[dict[str, Any], ...]:
    """The firms of the planted world, as rows of a register."""
    rows = planted(city).rows.collect()
    return tuple(
        firm(n, uscc=row["uscc"], area_id=row["area_id"], industry_code=row["industry_code"],
             longitude=row["longitude"], latitude=row["latitude"], coordinate_system="cgcs2000") | more
        for n, row in enumerate(rows.iter_rows(named=True), 1)
    )  # fmt: skip


@pytest.fixture
def filled(suzhou: Any) -> Any:
    snapshot(suzhou, DAY, located(suzhou.city), Purpose.ADMINISTRATIVE)
    return suzhou


@pytest.fixture
def done(filled: Any) -> Any:
    return flows.gather_firms(filled, ON, actor="zhang", reason="测试", draws=79)


def test_a_run_is_kept_once_and_told_by_one_event(filled, done):
    assert done.is_new and (done.firms, done.placed) == (940, 940) and done.areas >= 1
    event = Event.objects.order_by("-sequence").first()
    assert event is not None and event.action == "firms.gathered"
    told = json.loads(event.payload)
    assert (told["areas"], told["run"]) == (done.areas, done.run_id)
    assert not any(code(n) in event.payload for n in range(1, 941))
    assert not any(code(n) in done.file.read_text() for n in range(1, 941))
    again = flows.gather_firms(filled, ON, actor="li", draws=79)
    assert not again.is_new and again.run_id == done.run_id and again.file == done.file
    assert Event.objects.count() == event.sequence
    other = flows.gather_firms(filled, ON, actor="li", draws=19)
    assert other.is_new and other.file != done.file


def test_the_page_before_any_run_names_the_command(filled, admin):
    answer = admin.get("/firms/gathering/")
    assert answer.status_code == 200
    assert "jiqun gather-firms" in text(answer)
    assert admin.get("/firms/gathering.xlsx").status_code == 404


def test_what_is_planted_stands_on_the_page_with_its_evidence(done, admin):
    answer = admin.get("/firms/gathering/")
    page, html = answer.context["page"], text(answer)
    (row,) = page.places
    assert (row.group.id, row.is_chosen) == ("65", True)
    assert [(area.id, firms) for area, firms in row.areas] == [(HOME, row.place.firms)]
    assert "软件和信息技术服务业：在哪些距离上集聚" in html
    assert "公里显著集聚" in html
    assert html.count('<svg xmlns="http://www.w3.org/2000/svg"') + html.count("<svg ") >= 3
    assert 'href="#place-1"' in html and 'id="place-1"' in html
    assert "940 家企业中 940 家有坐标" in html
    assert "79 次" in html


def test_groupings_and_groups_are_chosen_by_the_address(done, admin):
    page = admin.get("/firms/gathering/?group=17").context["page"]
    assert page.chosen.group.id == "17"
    assert not page.chosen.m.line.together
    clusters = admin.get("/firms/gathering/?by=suzhou-2022")
    assert clusters.context["page"].grouped.id == "suzhou-2022"
    assert "/clusters/sz22-" in clusters.content.decode()
    strange = admin.get("/firms/gathering/?by=<script>&group=<script>")
    assert strange.context["page"].grouped.id == "2"
    assert "<script>&" not in strange.content.decode()


def test_a_district_sees_the_areas_that_reach_into_it(done, sign_in):
    page = sign_in("district", area_id=HOME).get("/firms/gathering/").context["page"]
    assert (len(page.places), page.elsewhere) == (1, 0)


def test_another_district_sees_curves_but_no_areas(done, sign_in):
    away = sign_in("district", area_id="suzhou_kunshan")
    page = away.get("/firms/gathering/").context["page"]
    assert (page.places, page.elsewhere) == ((), 1)
    assert page.groups and page.chosen is not None
    book = openpyxl.load_workbook(io.BytesIO(away.get("/firms/gathering.xlsx").content))
    assert not any("软件和信息技术服务业" in map(str, row) for row in book["疑似新兴集群"].iter_rows(values_only=True))
    assert "dense_area" not in away.get("/firms/gathering.csv").content.decode()


def test_who_may_not_read_firms_does_not_come_in(done, sign_in):
    viewer = sign_in("viewer")
    for address in ("/firms/gathering/", "/firms/gathering.xlsx", "/firms/gathering.csv"):
        assert viewer.get(address).status_code == 403


def test_a_day_before_the_register_has_none(done, admin):
    assert "还没有企业名册" in text(admin.get("/firms/gathering/?as_of=2020-01-01"))


def test_a_file_that_is_gone_is_no_answer(done, admin):
    done.file.unlink()
    assert admin.get("/firms/gathering/").context["page"].found is None


def test_a_damaged_file_is_told_in_one_line_and_not_read(done, admin):
    done.file.write_bytes(done.file.read_bytes().replace(b'"firms":9', b'"firms":8', 1))
    answer = admin.get("/firms/gathering/")
    assert answer.context["page"].found is None
    assert f"第 {done.run_id} 号运行的结果文件已损坏" in text(answer)
    for ending in ("xlsx", "csv"):
        refused = admin.get(f"/firms/gathering.{ending}")
        assert refused.status_code == 404
        assert "已损坏" in text(refused)


def test_an_older_run_answers_where_the_newest_is_damaged(filled, done, admin):
    other = flows.gather_firms(filled, ON, actor="zhang", draws=99)
    other.file.write_bytes(b"{")
    answer = admin.get("/firms/gathering/")
    assert (answer.context["page"].run_id, answer.context["page"].found.settings.area_draws) == (done.run_id, 79)
    assert f"第 {other.run_id} 号运行的结果文件已损坏" in text(answer)
    assert admin.get("/firms/gathering.csv").status_code == 200


@pytest.mark.parametrize("spoiled", [b"", b"{", None])
def test_a_broken_run_is_done_again_and_heals(filled, done, admin, spoiled):
    whole = done.file.read_bytes()
    done.file.write_bytes(whole.replace(b"suzhou", b"suzhox", 1) if spoiled is None else spoiled)
    with pytest.raises(EnvironmentFailed, match="已损坏"):
        flows.write_gathered(filled, done, done.file.parent.parent.parent / "out.csv")
    again = flows.gather_firms(filled, ON, actor="li", draws=79)
    assert again.is_new
    assert again.file.read_bytes() == whole
    assert admin.get("/firms/gathering/").context["page"].run_id == again.run_id


def test_two_runs_at_once_do_not_write_into_each_other_s_half(filled, done, monkeypatch):
    """While one writes, another of the same inputs begins and ends."""
    whole, halves, replace = done.file.read_bytes(), [], Path.replace

    def meanwhile(half: Path, target: Path) -> Path:
        halves.append(half.name)
        if len(halves) == 1:
            gathering_verb._write(target, whole)
        return replace(half, target)

    monkeypatch.setattr(Path, "replace", meanwhile)
    gathering_verb._write(done.file, whole)
    assert len(set(halves)) == 2
    assert done.file.read_bytes() == whole
    assert not list(done.file.parent.glob(".half-*"))


def test_what_a_killed_run_left_half_done_is_cleared_after_a_day(filled, done):
    old, young = (done.file.parent / f".half-{name}" for name in ("old", "young"))
    for half in (old, young):
        half.write_bytes(b"{")
    os.utime(old, (0, 0))
    settling.settle(filled, actor="zhang")
    assert not old.exists()
    assert young.exists()
    assert done.file.exists()


@pytest.mark.parametrize("area", ["suzhou_snd", "suzhou_huqiu"])
def test_both_names_of_a_district_see_its_areas(suzhou, sign_in, area):
    """高新区 and 虎丘区 are one; firms write either."""
    rows = located(suzhou.city)
    twin = tuple(row | {"area_id": ("suzhou_snd", "suzhou_huqiu")[n % 2]} for n, row in enumerate(rows))
    snapshot(suzhou, DAY, twin, Purpose.ADMINISTRATIVE)
    flows.gather_firms(suzhou, ON, actor="zhang", draws=39)
    reader = sign_in("district", area_id=area)
    page = reader.get("/firms/gathering/").context["page"]
    assert [[one.id for one, _ in row.areas] for row in page.places] == [["suzhou_snd"]]
    assert "dense_area" in reader.get("/firms/gathering.csv").content.decode()


def test_the_file_is_named_by_the_day_found(filled, done, admin):
    """A later snapshot of which nothing was counted yet does not lend its day."""
    snapshot(filled, date(2023, 8, 1), located(filled.city), Purpose.ADMINISTRATIVE)
    for ending in ("xlsx", "csv"):
        answer = admin.get(f"/firms/gathering.{ending}?as_of=2023-08-08")
        assert f"gathering-{DAY:%Y%m%d}.{ending}" in answer.headers["Content-Disposition"]


def test_the_command_counts_once_and_writes_beside(filled, tmp_path):
    out = tmp_path / "out.csv"

    def asked(*words: str) -> Any:
        return CliRunner().invoke(app, ["gather-firms", str(filled.path), *words], catch_exceptions=False)

    done = asked("--draws", "39", "--as-of", f"{ON}", "-o", str(out), "--actor", "zhang")
    assert done.exit_code == 0, done.output
    assert "940 家企业中 940 家有坐标" in done.output
    assert " 个密集片区" in done.output
    assert "dense_area 1" in out.read_text("utf-8-sig")
    again = asked("--draws", "39", "--as-of", f"{ON}", "--actor", "zhang")
    assert "此前已计算，未作改动" in again.output
    few = CliRunner().invoke(app, ["gather-firms", str(filled.path), "--draws", "3", "--actor", "zhang"])
    assert few.exit_code != 0
    assert "19 和 9999" in f"{few.output}{few.exception}"


def test_a_changed_folder_is_told(done, admin):
    Run.objects.filter(pk=done.run_id).update(
        parameters=Run.objects.get(pk=done.run_id).parameters | {"folder": "another"}
    )
    assert "城市资料夹在计算之后有改动" in text(admin.get("/firms/gathering/"))


def test_the_page_in_english(done, admin):
    admin.post("/language/", {"language": "en", "next": "/"})
    html = text(admin.get("/firms/gathering/"))
    assert "Dense areas and distances of gathering" in html
    assert "significantly gathered at" in html
    assert "Global envelope of chance" in html


def test_pages_lead_here(done, admin):
    assert 'href="/firms/gathering/"' in admin.get("/firms/measures/").content.decode()
    assert "/firms/gathering/?by=suzhou-2022&amp;group=sz22-ei" in admin.get("/clusters/sz22-ei/").content.decode()


def test_firms_of_statistics_and_firms_without_places_are_refused(suzhou):
    with pytest.raises(NotFound):
        flows.gather_firms(suzhou, ON, actor="zhang")
    bare = tuple(firm(n, longitude=None, latitude=None, coordinate_system=None) for n in range(1, 30))
    snapshot(suzhou, DAY, bare, Purpose.STATISTICAL)
    with pytest.raises(Forbidden):
        flows.gather_firms(suzhou, ON, actor="zhang")


def test_firms_without_places_are_told_in_words(suzhou, admin):
    bare = tuple(firm(n, longitude=None, latitude=None, coordinate_system=None) for n in range(1, 30))
    snapshot(suzhou, DAY, bare, Purpose.ADMINISTRATIVE)
    with pytest.raises(NotFound, match="有坐标的企业只有 0 家"):
        flows.gather_firms(suzhou, ON, actor="zhang")
    with pytest.raises(UsageError, match="19 和 9999"):
        flows.gather_firms(suzhou, ON, actor="zhang", draws=3)
    assert Run.objects.filter(state="failed").count() == 1
    assert "jiqun gather-firms" in text(admin.get("/firms/gathering/"))


def test_files_beside_the_run(filled, done, tmp_path):
    for ending in ("xlsx", "csv", "json"):
        flows.write_gathered(filled, done, tmp_path / f"out.{ending}")
        assert (tmp_path / f"out.{ending}").stat().st_size > 1_000
    with pytest.raises(UsageError, match="扩展名"):
        flows.write_gathered(filled, done, tmp_path / "out.doc")
    with pytest.raises(NotFound, match="没有目录"):
        flows.write_gathered(filled, done, tmp_path / "none" / "out.csv")
    assert np.isfinite(json.loads((tmp_path / "out.json").read_text())["groupings"][0]["sectors"][0]["kd"]["p"])
