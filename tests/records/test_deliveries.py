"""An export of another platform comes in whole, or not at all; and only for forms that are filed there."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from jiqun import flows
from jiqun.flows.returns import Filled
from jiqun.ledger import chain
from jiqun.ledger.models import Event
from jiqun.model.errors import Conflict, Forbidden, InputRefused
from jiqun.records.models import Return, Submission, stands
from jiqun.workspace import Workspace
from tests.records.conftest import Day

pytestmark = pytest.mark.django_db
ROUND = "delivered|2026M1"
ALL = "\n".join(["统一社会信用代码,用电量,2", "F1,100,1.5", "F2,200,", "F3,300,0", "F4,400,", "F5,500,", "F6,600,"])


@pytest.fixture
def held(ws: Workspace) -> Workspace:
    flows.open_round(ws, "delivered", "2026M1", actor="editor")
    return ws


def deliver(ws: Workspace, people: Callable[[str], Any], text: str, **how: Any) -> Any:
    return flows.deliver_returns(ws, ROUND, text.encode(), user=people("editor"), **how)


def test_all_come_in_by_one_event_with_the_digest_of_the_export(held: Workspace, people: Any) -> None:
    people("editor")
    before = chain.head()[0]
    done = deliver(held, people, ALL)
    assert (done.written, done.unchanged, done.absent, done.unknown) == (6, 0, 0, {"jump": 6})
    assert {r.state for r in stands(Return)} == {"submitted"}
    rows = {row.respondent_id: row for row in stands(Submission)}
    assert rows["F1"].amounts == {"power@current": 100, "gas@current": 15}
    assert rows["F2"].amounts == {"power@current": 200}, "empty is not 0"
    assert rows["F1"].origin.startswith("delivered:")
    assert list(Event.objects.filter(sequence__gt=before).values_list("action", flat=True)) == ["returns.delivered"]
    assert chain.verify().is_whole


def test_the_same_export_again_is_no_change(held: Workspace, people: Any) -> None:
    deliver(held, people, ALL)
    before = chain.head()
    assert deliver(held, people, ALL).unchanged == 6
    assert chain.head() == before


def test_the_same_export_sends_again_what_was_recalled_or_given_back(held: Workspace, people: Any, day: Day) -> None:
    """Of a return that is not on its way any more the same figures are news: it would stay owed for ever."""
    deliver(held, people, ALL)
    flows.recall_return(held, f"{ROUND}|F1", user=people("F1"), reason="再核一遍")
    flows.give_back_returns(held, [f"{ROUND}|F2"], user=people("editor"), reason="请核对")
    done = deliver(held, people, ALL)
    assert (done.written, done.unchanged) == (2, 4)
    assert {r.state for r in stands(Return)} == {"submitted"}
    flows.recall_return(held, f"{ROUND}|F1", user=people("F1"), reason="再核一遍")
    day.set("2026-02-20")
    flows.accept_returns(held, [f"{ROUND}|F{n}" for n in range(2, 7)], user=people("editor"))
    flows.lock_round(held, ROUND, actor="editor")
    assert stands(Return).get(key=f"{ROUND}|F1").state == "missing"
    done = deliver(held, people, ALL, reason="补报")
    assert (done.written, done.unchanged) == (1, 5)
    assert stands(Return).get(key=f"{ROUND}|F1").state == "submitted"


def test_an_export_with_some_of_the_words_says_nothing_new(held: Workspace, people: Any, day: Day) -> None:
    """Two checks have their words; an export with a column for one of them keeps no other row from coming in."""
    form = held.city.forms["delivered"]
    jump = next(check for check in form.checks if check.id == "jump")
    more = form.model_copy(update={"checks": (*form.checks, jump.model_copy(update={"id": "leap"}))})
    ws = dataclasses.replace(held, city=dataclasses.replace(held.city, forms={**held.city.forms, "delivered": more}))
    deliver(ws, people, ALL)
    day.set("2026-03-01")
    flows.open_round(ws, "delivered", "2026M2", actor="editor")

    def send(*rows: str) -> Any:
        return flows.deliver_returns(ws, "delivered|2026M2", "\n".join(rows).encode(), user=people("editor"))

    assert send("统一社会信用代码,用电量,说明：jump,说明：leap", "F1,301,检修后复产,扩产").unexplained == 0
    done = send("统一社会信用代码,用电量,说明：leap", "F1,301,扩产", "F2,200,")
    assert (done.written, done.unchanged) == (1, 1)


def test_every_fault_is_told_with_its_row_and_nothing_is_written(held: Workspace, people: Any) -> None:
    wrong = ALL.replace("F2,200", "F9,200").replace("F3,300,0", "F1,300,0").replace("400", "many").replace("500", "0")
    with pytest.raises(InputRefused) as refused:
        deliver(held, people, wrong)
    said = {(f.place.line, f.code) for f in refused.value.findings}
    assert said == {
        (3, "ledger.respondent"), (4, "ledger.twice"), (5, "table.not_a_number"), (6, "form.hard"),
    }  # fmt: skip
    assert not Submission.objects.exists()


def test_soft_failures_come_in_unexplained_for_the_reviewer(held: Workspace, people: Any, day: Day) -> None:
    deliver(held, people, ALL)
    day.set("2026-03-01")
    flows.open_round(held, "delivered", "2026M2", actor="editor")
    done = flows.deliver_returns(held, "delivered|2026M2", ALL.replace("F1,100", "F1,301").encode(),
                                 user=people("editor"))  # fmt: skip
    assert (done.written, done.unexplained, done.unknown) == (6, 1, {})
    row = stands(Submission).get(key="delivered|2026M2|F1")
    assert (row.findings, row.explanations) == ([{"id": "jump", "message": "用电量比上月增长两倍以上"}], {})


def test_words_to_soft_checks_come_with_the_export(held: Workspace, people: Any, day: Day) -> None:
    """One column for whatever fails, one for a check by its id, which holds before it; words to what did not fail are
    not kept."""
    deliver(held, people, ALL)
    day.set("2026-03-01")
    flows.open_round(held, "delivered", "2026M2", actor="editor")
    key = "delivered|2026M2"
    rows = [
        "统一社会信用代码,用电量,说明,说明：jump",
        "F1,301,检修后复产,",
        "F2,601,扩产,新投产一条线",
        "F3,901,,",
        "F4,400,无,",
    ]

    def send(lines: list[str]) -> Any:
        return flows.deliver_returns(held, key, "\n".join(lines).encode(), user=people("editor"))

    done = send(rows)
    assert (done.written, done.unexplained) == (4, 1)
    told = {row.respondent_id: row.explanations for row in stands(Submission).filter(round_key=key)}
    assert told == {"F1": {"jump": "检修后复产"}, "F2": {"jump": "新投产一条线"}, "F3": {}, "F4": {}}
    assert {r.respondent_id: r.explained for r in stands(Return).filter(round_key=key)}["F1"] == 1
    assert send(rows).unchanged == 4
    with pytest.raises(InputRefused, match="审核中"):
        send([rows[0], rows[1].replace("检修后", "大修后")])
    with pytest.raises(InputRefused, match="超过"):
        send([rows[0], "F5,1," + "长" * 2001 + ","])


def test_a_correction_waits_for_the_return_and_is_a_new_version(held: Workspace, people: Any, day: Day) -> None:
    deliver(held, people, ALL)
    corrected = ALL.replace("F1,100", "F1,101")
    with pytest.raises(InputRefused, match="审核中"):
        deliver(held, people, corrected)
    flows.give_back_returns(held, [f"{ROUND}|F1"], user=people("editor"), reason="请核对")
    assert deliver(held, people, corrected).written == 1
    day.set("2026-02-20")
    flows.accept_returns(held, [f"{ROUND}|F{n}" for n in range(1, 7)], user=people("editor"))
    flows.lock_round(held, ROUND, actor="editor")
    again = corrected.replace("F2,200", "F2,201")
    with pytest.raises(InputRefused, match="理由"):
        deliver(held, people, again)
    deliver(held, people, again, reason="平台更正")
    assert stands(Submission).get(key=f"{ROUND}|F2").value_kind == "revised"


def test_nothing_filed_here_comes_by_table_and_nothing_filed_there_is_typed_here(ws: Workspace, people: Any) -> None:
    flows.open_round(ws, "monthly", "2026M1", actor="editor")
    flows.open_round(ws, "delivered", "2026M1", actor="editor")
    for name in ("editor", "admin"):
        with pytest.raises(Conflict, match="不能批量导入"):
            flows.deliver_returns(ws, "monthly|2026M1", ALL.encode(), user=people(name))
    for name in ("F1", "east", "viewer", "auditor", "body"):
        with pytest.raises(Forbidden):
            flows.deliver_returns(ws, ROUND, ALL.encode(), user=people(name))
    with pytest.raises(Conflict, match="联网直报平台"):
        flows.submit_return(ws, f"{ROUND}|F1", Filled({"power@current": "1"}), user=people("F1"))
    assert not Submission.objects.exists()
