"""A round by derived industry: bounds where a class counts in part, each firm once, down to the firms; and who may."""

from __future__ import annotations

import io
from collections import OrderedDict
from dataclasses import replace
from datetime import date

import openpyxl
import polars as pl
import pytest
from django.urls import reverse
from typer.testing import CliRunner

from jiqun import flows, workspace
from jiqun.enterprises import register
from jiqun.enterprises.snapshots import About, Contents, Origin
from jiqun.flows.returns import Filled
from jiqun.model.errors import Forbidden, UsageError
from jiqun.model.purposes import Purpose
from jiqun.packs.schema.forms import FormField, RollUp
from jiqun.records import deriving
from jiqun.records.deriving import derive
from jiqun.records.models import Round, stands
from jiqun.records.projection import layout_of
from jiqun.reports import kept
from tests.records.conftest import FIRMS, day, people, pingchuan, ws
from tests.records.test_publishing import WAY, send
from tests.records.test_release_editions import of_the_whole, with_thresholds
from tests.records.test_returns import cells, up
from tests.web.test_rounds import ROUND, enter, opened, text

__all__ = ["day", "enter", "opened", "people", "pingchuan", "ws"]
# 3911 counts whole in 智能产业, 3912 in part; 绿色产业 has 3912 whole and 3511 in part; 39 is not said to its end
CODES = {"F1": "3911", "F2": "3912", "F3": "39", "F4": "3511", "F5": None, "F6": None}


def classed(ws, name=register.MAIN, purpose=Purpose.ADMINISTRATIVE):
    columns = dict(zip(("uscc", "name", "area_id", "revenue_yuan"), zip(*FIRMS, strict=True), strict=True))
    rows = pl.LazyFrame(columns).with_columns(
        industry_code=pl.Series([CODES[code] for code, *_ in FIRMS], dtype=pl.String)
    )
    origin = Origin("登记", date(2026, 1, 1), purpose)
    about = About(date(2026, 1, 1), 2025, date(2026, 1, 1), (origin,), is_invented=True, reason="补行业代码")
    book = register.open(ws.path / "registers", name)
    register.append(book, about, Contents([rows]), city=ws.city, recorded_at=ws.clock())


@pytest.fixture
def four(opened, people):
    classed(opened)
    for firm, output in (("F1", "100"), ("F2", "60"), ("F3", "40"), ("F4", "50")):
        send(opened, people, firm, output, "20")
    return opened


def page(client, **asked):
    return client.get(reverse("round-derived", args=[ROUND]), asked)


def test_classes_in_part_give_bounds_and_each_firm_counts_once(four, enter):
    """By hand: smart 100 and up to 60 and 40 more; green 60 and up to 40 and 50 more; together 160 to 250 of 250."""
    found = page(enter("editor")).context["page"]
    told = {line.ref.id: (line.amount.low, line.amount.high, line.amount.firms) for line in found.lines}
    assert told == {"smart_2020": ("100.0", "200.0", 3), "green_2020": ("60.0", "150.0", 3)}
    assert (found.whole.low, found.whole.high, found.whole.firms) == ("160.0", "250.0", 4)
    assert found.apart == ("160.0", "350.0")
    both = found.lines[0].shared[1]
    assert (both.low, both.high, both.firms) == ("0.0", "100.0", 2)
    assert (found.total, found.covered) == ("250.0", "4/5")
    assert str(found.lines[0].amount.low_pct) == "40" and str(found.lines[0].amount.high_pct) == "80"


def test_bounds_that_print_alike_are_exact_only_where_they_are_one_value(four, enter, monkeypatch):
    """A third of 100.0 is held as between 333,333 and 333,334 millionths: 33.3 both ways, and exact neither way."""
    honest = deriving.derive

    def third(*of, **how):
        made = honest(*of, **how)
        ends = {"low_ppm": pl.lit(333_333, pl.Int64), "high_ppm": pl.lit(333_334, pl.Int64)}
        return replace(
            made, found=made.found.filter(pl.col("firm_id") == "F1").with_columns(**ends, why=pl.lit("stated"))
        )

    whole = page(enter("editor")).context["page"].lines[0].amount
    assert not whole.is_exact
    monkeypatch.setattr(deriving, "derive", third)
    monkeypatch.setattr(kept, "_answers", OrderedDict())
    shown = page(enter("editor"))
    one = shown.context["page"].lines[0].amount
    assert (one.low, one.high, one.is_exact) == ("33.3", "33.3", False)
    assert "33.3–33.3" not in text(shown)
    assert shown.content.decode().count("<strong>33.3") == 2, "bold is the line of the sum only"


def test_a_classification_is_parted_into_its_groups(four, enter):
    found = page(enter("editor"), way="smart").context["page"]
    told = [(line.ref.name, line.amount.low, line.amount.high) for line in found.lines]
    assert told == [("整机", "100.0", "140.0"), ("零件", "0.0", "100.0")]
    assert page(enter("editor"), way="none").status_code == 404


def test_from_a_sum_down_to_classes_and_firms(four, enter):
    shown = page(enter("editor"), target="green_2020")
    codes = [(line.code, *line.whys, line.amount.high) for line in shown.context["page"].codes]
    part = "只有一部分计入，比例未知"
    assert codes == [("3912", "整类计入", "60.0"), ("3511", part, "50.0"), ("39", part, "40.0")]
    assert "二厂" in text(shown) and "一厂" not in text(shown)
    shown = page(enter("editor"), target="green_2020", code="3511")
    assert [one.respondent for one in shown.context["page"].firms] == ["四厂"]
    assert reverse("return", args=["monthly|2026M1|F4"]) in shown.content.decode()


def test_an_area_sees_its_own_firms_and_of_the_city_only_what_tells_of_none(four, enter, day):
    east = page(enter("east")).context["page"]
    assert east.area.id == "east" and east.total == "200.0" and not east.is_protected
    assert page(enter("east"), area="pingchuan").status_code == 404, "an open round would tell by its changes"
    day.set("2026-02-20")
    flows.lock_round(four, ROUND, actor="editor")
    shown = page(enter("east"), area="pingchuan", target="green_2020", code="3511", known="2026-02-10")
    found = shown.context["page"]
    assert found.is_protected and not found.codes and not found.firms and found.total == "250.0"
    assert all(line.amount is None for line in found.lines) and found.whole is None and found.apart is None
    assert "四厂" not in text(shown) and "100.0" not in text(shown)
    other = page(enter("east"), area="pingchuan", cell="output@same_period").context["page"]
    assert other.cell == "output@current" and len(other.cells) == 3, "last year's column is not released"
    for who in ("F1", "body", "viewer"):
        assert page(enter(who)).status_code == 403


def seen(client):
    found = page(client, area="pingchuan").context["page"]
    return found.total, {line.ref.id: line.amount and line.amount.high for line in found.lines}, found.is_protected


def test_what_is_shown_outside_is_the_table_that_came_out(four, enter, people, day, monkeypatch):
    """A revision is seen once it is published; thresholds of today and classes of later do not change what was seen."""
    day.set("2026-02-20")
    flows.lock_round(four, ROUND, actor="editor")
    before = seen(enter("east"))
    assert before == ("250.0", {"smart_2020": None, "green_2020": None}, True)
    send(four, people, "F4", "60", "20", reason="审计调整")
    lenient = with_thresholds(four.city, least_respondents=1, top_pct=100, estimate_pct=0)
    monkeypatch.setattr(workspace, "_opened", replace(four, city=lenient))
    assert seen(enter("east")) == before
    monkeypatch.setitem(CODES, "F4", "3911")
    day.set("2026-02-21")
    classed(four)
    assert seen(enter("east")) == before
    flows.publish_round(workspace.current(), ROUND, actor="editor", reason="修订")
    assert seen(enter("east"))[0] == "260.0"


def test_an_industry_is_not_told_by_its_last_edition_less_the_one_before(opened, enter, people, day, monkeypatch):
    """Of 智能产业 160 were out; F6 came with 60 and F4 went down by 30. 280 in all may be told, 220 less 160 is F6."""
    ws = replace(opened, city=with_thresholds(of_the_whole(opened.city), estimate_pct=0))
    monkeypatch.setattr(workspace, "_opened", ws)
    for firm, code in {"F1": "3911", "F2": "3911", "F3": None, "F4": None, "F6": "3911"}.items():
        monkeypatch.setitem(CODES, firm, code)
    classed(ws)
    for firm, output in (("F1", "100"), ("F2", "60"), ("F3", "40"), ("F4", "50")):
        send(ws, people, firm, output, "20")
    day.set("2026-02-20")
    flows.lock_round(ws, ROUND, actor="editor")
    total, told, _ = seen(enter("east"))
    assert (total, told["smart_2020"]) == ("250.0", "160.0")
    send(ws, people, "F6", "60", "20", reason="补报")
    send(ws, people, "F4", "20", "20", reason="审计调整")
    assert seen(enter("east"))[1]["smart_2020"] == "160.0", "not before it is out"
    flows.publish_round(ws, ROUND, actor="editor")
    total, told, _ = seen(enter("east"))
    assert (total, told["smart_2020"]) == ("280.0", None)


def test_the_workbook_says_what_the_page_says_to_the_same_reader(four, enter, day):
    answer = enter("editor").get(reverse("round-derived-xlsx", args=[ROUND]), {"target": "green_2020"})
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    rows = {row[0]: row[1:] for row in book["汇总"].iter_rows(values_only=True)}
    assert rows["智能产业"][:2] == (100, 200) and rows["合计（每家只算一次）"][:2] == (160, 250)
    assert [row[1] for row in book["企业"].iter_rows(values_only=True)][-3:] == ["二厂", "四厂", "三厂"]
    day.set("2026-02-20")
    flows.lock_round(four, ROUND, actor="editor")
    answer = enter("east").get(reverse("round-derived-xlsx", args=[ROUND]), {"area": "pingchuan"})
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert not {"小类", "企业"} & set(book.sheetnames)
    rows = {row[0]: row[1:] for row in book["汇总"].iter_rows(values_only=True)}
    assert set(rows["智能产业"][:7]) == {"…"}


def test_too_few_returns_give_no_sums(opened, enter, people):
    classed(opened)
    send(opened, people, "F1", "100")
    shown = page(enter("editor"))
    assert "覆盖面不足" in text(shown) and not shown.context["page"].lines


def test_rounds_that_no_firm_answers_have_no_such_page(four, enter, day):
    assert (
        reverse("round-derived", args=[ROUND]) in enter("editor").get(reverse("round", args=[ROUND])).content.decode()
    )
    day.set("2026-04-01")
    flows.open_round(four, "quarterly", "2026Q1", actor="editor")
    assert page(enter("editor")).status_code == 200
    plain = enter("editor").get(reverse("round", args=["quarterly|2026Q1"]))
    assert "/derived/" not in plain.content.decode()
    assert enter("editor").get(reverse("round-derived", args=["quarterly|2026Q1"])).status_code == 404


def test_a_firm_s_own_share_goes_before_its_class(ws, people, monkeypatch):
    """By hand: 100 whole, 25 % of 60, up to 40 of who says nothing, 10 % of 50 though its class is outside; a share
    above the whole is none."""
    field = FormField(
        id="smart_part", code="09", name="智能产业占比", unit="%", digits=1, columns=("current",), is_required=False,
        roll_up=RollUp(kind="none"), share_of_series="smart",
    )  # fmt: skip
    form = ws.city.forms["monthly"]
    form = form.model_copy(update={"fields": (*form.fields, field)})
    here = replace(ws, city=replace(ws.city, forms={**ws.city.forms, "monthly": form}))
    monkeypatch.setattr(workspace, "_opened", here)
    flows.open_round(here, "monthly", "2026M1", actor="editor")
    classed(here)
    for firm, output, share in (("F1", "100", "120"), ("F2", "60", "25"), ("F3", "40", ""), ("F4", "50", "10")):
        filled = Filled({**cells(output, "20").cells, "smart_part@current": share})
        flows.submit_return(here, f"{ROUND}|{firm}", filled, user=people(firm))
        up(here, people, firm, *WAY[firm])
    round_ = stands(Round).get(key=ROUND)
    cell = layout_of(round_, here.city).numbers[0]
    found = derive(round_, here.city, here.path / "registers", cell=cell, area_id="pingchuan", way="")
    told = found.sums["smart_2020"]
    assert (told.low, told.high, told.firms) == (1200, 1600, 4)
    assert (found.sums["green_2020"].low, found.sums["green_2020"].high) == (600, 1500)


def test_firms_are_classed_for_statistics_alone(four, tmp_path):
    """What firms told their helpers sorts no statistics, and nothing of a return is written to any register."""
    root = tmp_path / "other"
    book = register.create(root, register.MAIN, "服务", Purpose.SERVICE)
    about = About(date(2026, 1, 1), 2025, date(2026, 1, 1), (Origin("走访", date(2026, 1, 1), Purpose.SERVICE),))
    register.append(book, about, Contents([pl.LazyFrame({"uscc": ["F1"]})]), city=four.city, recorded_at=four.clock())
    round_ = stands(Round).get(key=ROUND)
    cell = layout_of(round_, four.city).numbers[0]
    before = sorted(path.as_posix() for path in (four.path / "registers").rglob("*"))
    derive(round_, four.city, four.path / "registers", cell=cell, area_id="pingchuan", way="")
    assert sorted(path.as_posix() for path in (four.path / "registers").rglob("*")) == before
    with pytest.raises(Forbidden):
        derive(round_, four.city, root, cell=cell, area_id="pingchuan", way="")


def test_the_command_line_writes_what_the_account_sees_on_the_page(four, people, day, tmp_path, monkeypatch):
    from jiqun.cli import rounds as verbs

    monkeypatch.setattr(verbs, "opened", lambda path: four)
    for name in ("editor", "east"):
        people(name)
    day.set("2026-02-20")
    flows.lock_round(four, ROUND, actor="editor")

    def written(user, *more):
        out = tmp_path / f"{user}.xlsx"
        ran = CliRunner().invoke(verbs.app, ["derived", str(four.path), ROUND, "-o", str(out), "--user", user, *more])
        return ran, out

    ran, out = written("editor", "--cell", "output@current")
    assert ran.exit_code == 0, ran.output
    rows = {row[0]: row[1:] for row in openpyxl.load_workbook(out)["汇总"].iter_rows(values_only=True)}
    assert rows["智能产业"][:2] == (100, 200)
    ran, out = written("east", "--area", "pingchuan")
    assert ran.exit_code == 0 and "小类" not in openpyxl.load_workbook(out).sheetnames
    for user, more in (("nobody", ()), ("editor", ("--known", "soon"))):
        assert isinstance(written(user, *more)[0].exception, UsageError)
