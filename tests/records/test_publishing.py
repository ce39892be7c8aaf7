"""Accepted totals become figures, with coverage and vintages; each leads back to its round and its cells."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from jiqun import flows
from jiqun.flows.rounds import round_of
from jiqun.ledger import chain, store
from jiqun.ledger.models import Event, Observation
from jiqun.records import context, releasing
from jiqun.records.models import Return, stands
from jiqun.records.projection import layout_of, projected
from jiqun.statistics.publishing import DIFFERS
from jiqun.workspace import Workspace
from tests.records.conftest import Day
from tests.records.test_returns import ROUND, cells, opened, owed, up

pytestmark = pytest.mark.django_db
WAY = {
    "F1": ("north_park", "east", "pingchuan"), "F2": ("north_park", "east", "pingchuan"),
    "F3": ("south_park", "east", "pingchuan"), "F4": ("west", "pingchuan"), "F6": ("pingchuan",),
}  # fmt: skip


def send(ws: Workspace, people: Any, firm: str, output: str, fresh: str = "0", *, levels: int = 3, **how: str) -> None:
    flows.submit_return(ws, owed(firm).key, cells(output, fresh), user=people(firm), **how)
    up(ws, people, firm, *WAY[firm][:levels])


def text_at(ws: Workspace, area: str, key: str, known_on: date | None = None) -> str | None:
    return context.totals(round_of(ROUND), ws.city, known_on).by[area, key].text


def test_each_level_adds_up_what_it_has_accepted(ws: Workspace, people: Any) -> None:
    opened(ws)
    send(ws, people, "F1", "100", "10", levels=1)
    send(ws, people, "F2", "50.5", "20", levels=2)
    send(ws, people, "F3", "30", levels=0)
    totals = context.totals(round_of(ROUND), ws.city)
    assert totals.by["north_park", "output@current"].text == "150.5"
    assert str(totals.by["east", "output@current"].covered) == "1/3"
    assert totals.by["east", "output@current"].reason == "覆盖面不足：1/3"  # the form asks for 75 %
    rows = projected(round_of(ROUND), layout_of(round_of(ROUND), ws.city), basis="submitted")
    assert rows["output@current"].drop_nulls().to_list() == [1000, 505, 300], "as sent, for a first look"


def test_accepted_totals_are_figures_with_their_coverage_and_round(ws: Workspace, people: Any) -> None:
    opened(ws)
    for firm, output in (("F1", "100"), ("F2", "60"), ("F3", "40"), ("F4", "50")):
        send(ws, people, firm, output, "20")
    done = flows.publish_round(ws, ROUND, actor="editor")
    rows = {(row.indicator_id, row.area_id): row for row in Observation.objects.all()}
    city = rows["output", "pingchuan"]
    assert (city.value_text, city.unit, city.note, city.round_key) == ("250.0", "万元", "覆盖面 4/5", ROUND)
    assert (city.value_kind, city.period, city.value_scaled) == ("preliminary", "2026M1", 250 * 10**6)
    assert rows["share_new", "pingchuan"].value_text == "32.00"  # 80 / 250
    assert ("output", "west") not in rows, "a figure of one firm stays inside"
    assert ("output", "east") not in rows, "250 - 200 would be that firm's figure"
    assert ("output", "north_park") not in rows, "parks are not published"
    assert done.too_few == 8  # four fields of two districts
    assert flows.publish_round(ws, ROUND, actor="editor").written == 0, "again is no change"


def test_what_was_known_on_a_day_can_be_asked(ws: Workspace, people: Any, day: Day) -> None:
    opened(ws)
    day.set("2026-02-05")
    for firm in ("F1", "F2", "F3", "F4", "F6"):
        send(ws, people, firm, "100")
    flows.publish_round(ws, ROUND, actor="editor")
    day.set("2026-02-20")
    flows.lock_round(ws, ROUND, actor="editor")
    flows.publish_round(ws, ROUND, actor="editor")
    day.set("2026-03-03")
    send(ws, people, "F4", "90", levels=1, reason="审计调整")
    assert text_at(ws, "pingchuan", "output@current") == "500.0", "a revision counts when it has come through"
    up(ws, people, "F4", "pingchuan")
    flows.publish_round(ws, ROUND, actor="editor", reason="修订")
    for known, text in ((date(2026, 2, 4), None), (date(2026, 2, 6), "500.0"), (date(2026, 3, 3), "490.0")):
        assert text_at(ws, "pingchuan", "output@current", known) == text
    key = Observation.objects.filter(indicator_id="output", area_id="pingchuan").values_list("key", flat=True)[0]
    said = [(row.value_text, row.value_kind) for row in store.history(Observation, key)]
    assert said == [("500.0", "preliminary"), ("500.0", "final"), ("490.0", "revised")]
    assert store.as_of(Observation, known_on=date(2026, 2, 21)).get(key=key).value_text == "500.0"
    assert owed("F4").state == "accepted"
    flows.lock_round(ws, ROUND, actor="editor")
    assert {r.state for r in stands(Return)} == {"locked"}


def test_a_late_firm_is_not_told_by_the_final_less_the_preliminary_figure(ws: Workspace, people: Any) -> None:
    opened(ws)
    for firm, output in (("F1", "100"), ("F2", "60"), ("F3", "40"), ("F4", "50")):
        send(ws, people, firm, output, "20")
    flows.publish_round(ws, ROUND, actor="editor")
    send(ws, people, "F6", "7.5", "5")
    found = releasing.release_of(round_of(ROUND), ws.city)
    assert found.released.held["pingchuan", "output@current"] == DIFFERS, "257.5 - 250.0 is that firm"
    assert ("pingchuan", "share_new@current") not in found.shown, "nor is a share made of it"
    done = flows.publish_round(ws, ROUND, actor="editor")
    assert done.withdrawn == 0
    assert text_at(ws, "pingchuan", "output@current") == "257.5", "inside it is known"
    rows = Observation.objects.filter(superseded_at=None, indicator_id="output", area_id="pingchuan")
    assert [(row.value_text, row.state, row.value_kind) for row in rows] == [("250.0", "active", "preliminary")]


def test_readers_of_a_locked_table_are_an_edition_too(ws: Workspace, people: Any, day: Day) -> None:
    opened(ws)
    for firm, output in (("F1", "100"), ("F2", "60"), ("F3", "40"), ("F4", "50")):
        send(ws, people, firm, output, "20")
    day.set("2026-02-20")
    flows.lock_round(ws, ROUND, actor="editor")
    assert ("pingchuan", "output@current") in releasing.release_of(round_of(ROUND), ws.city).shown
    send(ws, people, "F6", "7.5", "5", reason="补报")
    assert releasing.release_of(round_of(ROUND), ws.city).released.held["pingchuan", "output@current"] == DIFFERS


def test_a_figure_that_has_lost_its_ground_is_withdrawn(ws: Workspace, people: Any) -> None:
    opened(ws)
    for firm in ("F1", "F2", "F3"):
        send(ws, people, firm, "100")
    flows.publish_round(ws, ROUND, actor="editor")
    assert Observation.objects.get(superseded_at=None, area_id="east", indicator_id="output").value_text == "300.0"
    flows.give_back_returns(ws, [owed("F1").key, owed("F2").key], user=people("editor"), reason="口径有误")
    assert flows.publish_round(ws, ROUND, actor="editor").withdrawn > 0
    assert Observation.objects.get(superseded_at=None, area_id="east", indicator_id="output").state == "withdrawn"


def test_coverage_is_weighed_by_the_month_before(ws: Workspace, people: Any, day: Day) -> None:
    opened(ws)
    for firm, output in (("F1", "600"), ("F2", "300"), ("F3", "50"), ("F4", "25"), ("F6", "25")):
        send(ws, people, firm, output)
    day.set("2026-03-02")
    flows.open_round(ws, "monthly", "2026M2", actor="editor")
    for firm in ("F1", "F2"):
        key = f"monthly|2026M2|{firm}"
        flows.submit_return(ws, key, cells("500"), user=people(firm))
        up(ws, people, firm, *WAY[firm], round_key="monthly|2026M2")
    total = context.totals(round_of("monthly|2026M2"), ws.city).by["pingchuan", "output@current"]
    assert str(total.covered) == "2/5，按上期占 90%"


def test_what_is_asked_of_the_past_is_weighed_as_the_past_knew(ws: Workspace, people: Any, day: Day) -> None:
    """January of F1 becomes 100 of 500 afterwards: 400 of them, 80 %, are in; as known before, 90 % were."""
    test_coverage_is_weighed_by_the_month_before(ws, people, day)
    flows.lock_round(ws, ROUND, actor="editor")
    then = chain.head()[0]
    day.set("2026-03-05")
    send(ws, people, "F1", "100", reason="审计调整")
    february = round_of("monthly|2026M2")

    def covered(**when: Any) -> str:
        return str(context.totals(february, ws.city, **when).by["pingchuan", "output@current"].covered)

    assert covered() == "2/5，按上期占 80%"
    assert covered(upto=then) == covered(known_on=date(2026, 3, 2)) == "2/5，按上期占 90%"
    first = Event.objects.filter(action="round.opened", subject_key=ROUND).values_list("sequence", flat=True)[0]
    assert context.totals(february, ws.city, upto=first).all == ()


def test_what_is_published_says_no_share_of_last_month_that_the_missing_firm_had(
    ws: Workspace, people: Any, day: Day
) -> None:
    """1,000 last month: with “97.5 % of last month” beside 4 of 5, the fifth firm's 25 would be told."""
    opened(ws)
    for firm, output in (("F1", "300"), ("F2", "300"), ("F3", "300"), ("F4", "75"), ("F6", "25")):
        send(ws, people, firm, output)
    day.set("2026-03-02")
    flows.open_round(ws, "monthly", "2026M2", actor="editor")
    for firm, output in (("F1", "260"), ("F2", "250"), ("F3", "240"), ("F4", "70")):
        flows.submit_return(ws, f"monthly|2026M2|{firm}", cells(output), user=people(firm))
        up(ws, people, firm, *WAY[firm], round_key="monthly|2026M2")
    total = context.totals(round_of("monthly|2026M2"), ws.city).by["pingchuan", "output@current"]
    assert str(total.covered) == "4/5，按上期占 97.5%", "inside it is known"
    flows.publish_round(ws, "monthly|2026M2", actor="editor")
    rows = Observation.objects.filter(indicator_id="output", area_id="pingchuan", period="2026M2")
    assert [row.note for row in rows] == ["覆盖面 4/5"]


def test_a_total_leads_down_to_the_cells_it_is_made_of(ws: Workspace, people: Any) -> None:
    from jiqun.records import tracing

    opened(ws)
    for firm, output in (("F1", "100"), ("F2", "60"), ("F3", "40"), ("F6", "7.5")):
        send(ws, people, firm, output)
    send(ws, people, "F4", "50", levels=1)  # waits for the city
    city = tracing.trace(round_of(ROUND), ws.city, "pingchuan", "output@current")
    assert city.total.text == "207.5"
    assert [(total.area_id, total.text) for total in city.areas] == [("east", "200.0"), ("west", "50.0")]
    assert [(cell.respondent_name, cell.text) for cell in city.cells] == [("六厂", "7.5")], "it stands in no district"
    east = tracing.trace(round_of(ROUND), ws.city, "east", "output@current")
    assert sum(total.steps or 0 for total in east.areas) + sum(c.steps or 0 for c in east.cells) == east.total.steps
    park = tracing.trace(round_of(ROUND), ws.city, "north_park", "output@current")
    assert [(cell.return_key, cell.text, cell.counts) for cell in park.cells] == [
        (f"{ROUND}|F1", "100.0", True), (f"{ROUND}|F2", "60.0", True),
    ]  # fmt: skip
    sent = tracing.submission(park.cells[0].return_key, park.cells[0].submission_version)
    assert (sent.printed["output@current"], sent.actor) == ("100", "F1")
