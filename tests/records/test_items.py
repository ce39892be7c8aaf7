"""Items of a docket: opened, filled, moved by whom the docket grants it, and never changed behind their history."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from jiqun import flows
from jiqun.ledger import chain, store, triggers
from jiqun.ledger.models import Event
from jiqun.model.errors import Conflict, Forbidden, InputRefused, NotFound
from jiqun.records.filling import typed
from jiqun.records.models import DocketItem, stands
from jiqun.tables import Cell
from jiqun.workspace import Workspace
from tests.records.conftest import Day

pytestmark = pytest.mark.django_db
BASE = {"name": "高精导轨", "node": "导轨"}
POSTED = {"money": "300", "begins_on": "2026-03-01", "due_on": "2026-12-31"}


def cells(**texts: str) -> dict[str, Cell]:
    return {id_: typed(text) for id_, text in texts.items()}


def item(ws: Workspace, user: Any, **texts: str) -> DocketItem:
    return flows.open_item(ws, "matters", cells(**{**BASE, **texts}), user=user)


def codes(refused: Any) -> set[tuple[str, str]]:
    return {(finding.code.split(".")[-1], finding.place.cell) for finding in refused.value.findings}


def test_an_item_gets_a_number_a_state_and_a_deadline(ws: Workspace, people: Any) -> None:
    row = item(ws, people("editor"), share="45.5", partners="市科技局、市工信局", lead="市工信局")
    assert (row.key, row.number, row.state) == ("matters|GG-2026-001", "GG-2026-001", "open")
    assert (row.since, row.due_on) == (date(2026, 2, 1), date(2026, 3, 3))  # 30 days after 1 February
    assert row.values == {
        "name": "高精导轨", "node": "tools/rail", "share": "45.5", "partners": ["kjj", "gxj"], "lead": "gxj",
    }  # fmt: skip
    assert (row.owner_kind, row.owner_id, row.opener_kind, row.body_ids) == ("body", "gxj", "city", ["gxj", "kjj"])
    assert Event.objects.order_by("sequence").last().action == "item.opened"


def test_numbers_run_on_by_year_and_are_never_used_again(ws: Workspace, people: Any, day: Day) -> None:
    editor = people("editor")
    first = item(ws, editor)
    flows.withdraw_item(ws, first.key, user=editor, reason="误登")
    assert item(ws, editor).number == "GG-2026-002"
    day.set("2027-01-04")
    assert item(ws, editor, name="车床主轴").number == "GG-2027-001"


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ({"name": ""}, {("missing", "name")}),
        ({"name": "长" * 21}, {("too_long", "name")}),
        ({"node": "齿轮"}, {("reference", "node")}),
        ({"kind": "商品"}, {("choice", "kind")}),
        ({"money": "约三百"}, {("not_a_number", "money")}),
        ({"money": "1.234"}, {("digits", "money")}),
        ({"money": "-1"}, {("negative", "money")}),
        ({"money": "20亿元"}, {("most", "money")}),
        ({"share": "300%"}, {("most", "share")}),
        ({"lead": "市商务局"}, {("reference", "lead")}),
        ({"partners": "市科技局、市商务局"}, {("reference", "partners")}),
        ({"due_on": "2026年底"}, {("not_a_day", "due_on")}),
        ({"firms": "91320500MA0000001X 某公司"}, {("check", "firms")}),
        ({"nmae": "x"}, {("unknown", "nmae")}),
        ({"kind": "商品", "money": "-1"}, {("choice", "kind"), ("negative", "money")}),
        ({"begins_on": "2026-05-01", "due_on": "2026-05-01"}, {("hard", "due_on")}),
        ({"share": "29.9"}, {("soft", "share")}),
    ],
)
def test_what_cannot_be_read_or_does_not_fit_is_told_at_its_field(
    ws: Workspace, people: Any, texts: dict[str, str], expected: set[tuple[str, str]]
) -> None:
    with pytest.raises(InputRefused) as refused:
        item(ws, people("editor"), **texts)
    assert codes(refused) == expected
    assert not DocketItem.objects.exists()


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("money", "０．５亿元", "5000"), ("money", "1,200.50", "1200.5"), ("share", "45%", "45"),
        ("due_on", "2026年3月1日", "2026-03-01"), ("node", "机床·导轨", "tools/rail"),
        ("node", "tools/lathe", "tools/lathe"),
        ("lead", "平川市科学技术局", "kjj"), ("kind", "软件", "software"), ("name", " 导轨 \n 副 ", "导轨 副"),
        ("words", "一行 \n二行", "一行\n二行"), ("firms", "某公司；某学院", [["", "某公司"], ["", "某学院"]]),
        ("firms", "某公司 91329900MA00000001", [["91329900MA00000001", "某公司"]]),
    ],
)  # fmt: skip
def test_what_people_write_is_read(ws: Workspace, people: Any, field: str, text: str, value: object) -> None:
    assert item(ws, people("editor"), **{field: text}).values[field] == value


def test_a_soft_check_wants_a_reason(ws: Workspace, people: Any) -> None:
    about = flows_opened("战略性产品，先行列入")
    row = flows.open_item(ws, "matters", cells(**BASE, share="10"), user=people("editor"), about=about)
    assert row.reason == "战略性产品，先行列入"


def flows_opened(reason: str) -> Any:
    from jiqun.flows.dockets import Opened

    return Opened(reason)


def test_no_two_items_are_the_same(ws: Workspace, people: Any) -> None:
    first = item(ws, people("editor"))
    with pytest.raises(InputRefused) as refused:
        item(ws, people("body"))
    assert codes(refused) == {("twin", "name")}
    assert first.number in str(refused.value)
    other = item(ws, people("editor"), node="车床")
    with pytest.raises(InputRefused):
        flows.amend_item(ws, other.key, cells(node="导轨"), user=people("editor"), reason="更正")


def test_what_a_department_opens_is_its_own_and_of_a_district_nobodys(ws: Workspace, people: Any) -> None:
    own = item(ws, people("body"))
    assert (own.owner_id, own.opener_id) == ("gxj", "gxj")
    with pytest.raises(InputRefused) as refused:
        item(ws, people("body"), name="别的", lead="市科技局")
    assert codes(refused) == {("owner", "lead")}
    district = item(ws, people("east"), name="东区的")
    assert (district.owner_kind, district.opener_kind, district.opener_id) == ("", "area", "east")
    for name in ("viewer", "auditor", "F1"):
        with pytest.raises(Forbidden):
            item(ws, people(name), name=name)


def test_only_those_the_state_grants_it_amend(ws: Workspace, people: Any) -> None:
    row = item(ws, people("east"))
    for name in ("west", "body", "viewer", "auditor", "F1"):
        with pytest.raises(Forbidden):
            flows.amend_item(ws, row.key, cells(words="改"), user=people(name), reason="试")
    row = flows.amend_item(ws, row.key, cells(words="补充"), user=people("east"), reason="补充")
    row = flows.amend_item(ws, row.key, cells(lead="市科技局"), user=people("editor"), reason="明确牵头")
    assert (row.version, row.owner_id) == (3, "kjj")
    with pytest.raises(InputRefused) as refused:  # nor does an owner pass it on
        flows.amend_item(ws, row.key, cells(lead="市工信局"), user=people("kjj"), reason="不是我局")
    assert codes(refused) == {("owner", "lead")}
    row = flows.move_item(ws, row.key, "post", cells(**POSTED), user=people("admin"))
    for name in ("east", "kjj"):
        with pytest.raises(Forbidden):
            flows.amend_item(ws, row.key, cells(words="改"), user=people(name), reason="试")
    row = flows.move_item(ws, row.key, "start", user=people("kjj"))
    with pytest.raises(Forbidden):  # once it is at work, not even the city
        flows.amend_item(ws, row.key, cells(words="改"), user=people("admin"), reason="试")
    row = flows.amend_item(ws, row.key, cells(due_on="2027-03-31"), user=people("kjj"), reason="延期")
    assert row.due_on == date(2027, 3, 31)


def test_an_amendment_needs_a_reason_and_the_version_it_was_made_on(ws: Workspace, people: Any) -> None:
    row = item(ws, people("editor"))
    with pytest.raises(InputRefused):
        flows.amend_item(ws, row.key, cells(words="改"), user=people("editor"), reason=" ")
    flows.amend_item(ws, row.key, cells(words="改"), user=people("editor"), reason="改", version=1)
    with pytest.raises(Conflict):
        flows.amend_item(ws, row.key, cells(words="再改"), user=people("editor"), reason="改", version=1)
    before = Event.objects.count()
    same = flows.amend_item(ws, row.key, cells(words="改"), user=people("editor"), reason="又")
    assert (same.version, Event.objects.count()) == (2, before), "what says nothing new is no version"


def test_a_body_answers_for_what_its_predecessor_opened(ws: Workspace, people: Any) -> None:
    row = item(ws, people("editor"), lead="市科委")
    assert row.owner_id == "kjj_old"
    assert flows.amend_item(ws, row.key, cells(words="接手"), user=people("kjj"), reason="接续").version == 2


def test_a_step_wants_what_its_state_requires_and_takes_nothing_else(ws: Workspace, people: Any) -> None:
    row = item(ws, people("editor"))
    with pytest.raises(InputRefused) as refused:
        flows.move_item(ws, row.key, "post", cells(money="300"), user=people("editor"))
    assert codes(refused) == {("missing", "lead"), ("missing", "due_on")}
    with pytest.raises(InputRefused) as refused:
        flows.move_item(ws, row.key, "post", cells(**POSTED, lead="gxj", words="夹带"), user=people("editor"))
    assert codes(refused) == {("field", "words")}
    row = flows.move_item(ws, row.key, "post", cells(**POSTED, lead="gxj"), user=people("editor"))
    assert (row.state, row.step, row.due_on, row.owner_id) == ("posted", "post", date(2026, 12, 31), "gxj")
    with pytest.raises(InputRefused) as refused:
        flows.move_item(ws, row.key, "back", user=people("body"))
    assert codes(refused) == {("reason", "")}
    with pytest.raises(Conflict):
        flows.move_item(ws, row.key, "finish", user=people("editor"), reason="x")


PARTIES = {"admin": "city", "editor": "city", "kjj": "owner", "east": "opener", "north_park": "", "west": "",
           "body": "", "viewer": "", "auditor": "", "F1": ""}  # fmt: skip


@pytest.mark.parametrize("name", PARTIES)
def test_every_step_is_taken_by_those_it_is_granted_to_and_nobody_else(ws: Workspace, people: Any, name: str) -> None:
    docket, user = ws.city.dockets["matters"], people(name)
    paths = {"open": (), "posted": ("post",), "work": ("post", "start"), "done": ("post", "start", "finish"),
             "ended": ("end",)}  # fmt: skip
    for state, path in paths.items():
        for step in docket.steps:
            row = item(ws, people("east"), name=f"{name} {state} {step.id}"[:20])
            row = flows.amend_item(ws, row.key, cells(lead="kjj"), user=people("editor"), reason="定")
            for taken in path:
                who = "kjj" if taken == "start" else "editor"
                row = flows.move_item(ws, row.key, taken, cells(**POSTED) if taken == "post" else {},
                                      user=people(who), reason="步")  # fmt: skip
            given = cells(**POSTED) if step.id == "post" else {}
            if state in step.before and PARTIES[name] in step.by:
                moved = flows.move_item(ws, row.key, step.id, given, user=user, reason="试")
                assert (moved.state, moved.version) == (step.after, row.version + 1)
            else:
                with pytest.raises((Forbidden, Conflict)):
                    flows.move_item(ws, row.key, step.id, given, user=user, reason="试")
                assert store.current(DocketItem, row.key).version == row.version


def test_withdrawing(ws: Workspace, people: Any) -> None:
    row = item(ws, people("east"))
    with pytest.raises(Forbidden):
        flows.withdraw_item(ws, row.key, user=people("west"), reason="x")
    with pytest.raises(InputRefused):
        flows.withdraw_item(ws, row.key, user=people("east"), reason="")
    flows.withdraw_item(ws, row.key, user=people("east"), reason="误登")
    with pytest.raises(Conflict):
        flows.amend_item(ws, row.key, cells(words="改"), user=people("east"), reason="x")
    with pytest.raises(NotFound):
        flows.withdraw_item(ws, "matters|GG-2026-999", user=people("admin"), reason="x")


def test_who_did_it_undoes_it_and_nobody_else(ws: Workspace, people: Any) -> None:
    row = item(ws, people("editor"), lead="kjj")
    flows.move_item(ws, row.key, "post", cells(**POSTED), user=people("editor"))
    flows.move_item(ws, row.key, "start", user=people("kjj"))
    last = Event.objects.order_by("-sequence").first()
    assert last is not None
    with pytest.raises(Forbidden):
        flows.undo(ws, last.sequence, actor="admin", reason="越权")
    flows.undo(ws, last.sequence, actor="kjj", reason="误点")
    now = store.current(DocketItem, row.key)
    assert (now.state, now.version) == ("posted", 4)
    assert [each.state for each in store.history(DocketItem, row.key)] == ["open", "posted", "work", "posted"]


def test_an_opening_undone_leaves_a_withdrawn_item(ws: Workspace, people: Any) -> None:
    row = item(ws, people("editor"))
    flows.undo(ws, row.event_id, actor="editor", reason="误登")
    assert store.current(DocketItem, row.key).standing == "withdrawn"
    assert item(ws, people("editor")).number == "GG-2026-002"


def test_items_are_guarded_as_the_ledger_is(ws: Workspace, people: Any) -> None:
    from django.db import DatabaseError, connection, transaction

    item(ws, people("editor"))
    assert triggers.missing(connection) == []
    for sql in ("UPDATE records_docketitem SET state = 'done'", "DELETE FROM records_docketitem"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    assert chain.verify().is_whole
    assert stands(DocketItem).count() == 1
