"""Firms that may be one under two codes: proposed, decided by a person, never merged; a decision can be taken back."""

from __future__ import annotations

import dataclasses
import json
import re
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest
from django.test import Client

from jiqun.enterprises import register, twins
from jiqun.enterprises.twins import Decision, Verdict
from jiqun.ledger.models import Event
from jiqun.model.errors import UsageError
from jiqun.model.purposes import Purpose
from jiqun.workspace import Workspace
from tests.enterprises.conftest import code
from tests.web.test_firms import DAY, admin, firm, listed, sign_in, snapshot, text
from tests.web.test_lists import sheet

__all__ = ["admin", "sign_in"]
LATER = date(2023, 7, 15)
FIRMS = (
    firm(1, name="昆山甲（中国）精密机械有限公司"),
    firm(2, name="昆山甲(中国)精密机械有限公司"),  # the same but for the width of its brackets
    firm(3, name="苏州乙软件有限公司", area_id="suzhou_wujiang"),
    firm(4, name="吴江新乙软件有限公司", area_id="suzhou_wujiang"),
    firm(5, name="太仓丙材料科技有限公司", area_id="suzhou_taicang"),
    firm(6, name="太仓丙材料科技股份有限公司", area_id="suzhou_taicang"),
)


@pytest.fixture
def doubled(suzhou: Workspace) -> Workspace:
    snapshot(suzhou, DAY, FIRMS, Purpose.ADMINISTRATIVE)
    return suzhou


def book(ws: Workspace) -> register.Register:
    return register.open(ws.path / "registers", "firms")


def pairs(answer: Any) -> list[tuple[str, str]]:
    return re.findall(r'<section class="panel panel--flush" id="(\w{18})-(\w{18})"', answer.content.decode())


def decide(client: Client, verdict: str, one: int = 1, other: int = 2, reason: str = "查过登记系统") -> Any:
    sent = {"one": code(one), "other": code(other), "verdict": verdict, "reason": reason}
    return client.post("/firms/twins/decide/", sent)


def test_pairs_are_proposed_with_what_speaks_for_them_the_surest_first(admin: Client, doubled: Workspace) -> None:
    answer = admin.get("/firms/twins/")
    assert pairs(answer) == [(code(1), code(2)), (code(5), code(6))]
    assert "名称相同，代码不同" in text(answer)
    assert "字号、行业和区域相同" in text(answer)


def test_a_former_name_and_a_merger_that_is_known(suzhou: Workspace) -> None:
    snapshot(suzhou, DAY, FIRMS, Purpose.ADMINISTRATIVE)
    firms = register.read(book(suzhou), suzhou.city, purpose=Purpose.SERVICE)
    is_four, is_two = pl.col("uscc") == code(4), pl.col("uscc") == code(2)
    rows = firms.rows.with_columns(
        former_names=pl.when(is_four).then(pl.lit(["苏州乙软件有限公司"])).otherwise("former_names"),
        merged_into_uscc=pl.when(is_two).then(pl.lit(code(1))).otherwise("merged_into_uscc"),
    )
    found = twins.proposals(dataclasses.replace(firms, rows=rows))
    assert found.select("one", "other", "evidence").rows() == [
        (code(3), code(4), "former_name"), (code(5), code(6), "core"),
    ]  # fmt: skip


def test_a_person_decides_and_nothing_is_merged(admin: Client, doubled: Workspace) -> None:
    digest = book(doubled).snapshots()[0].digest
    assert decide(admin, f"same-{code(1)}").status_code == 302
    assert pairs(admin.get("/firms/twins/")) == [(code(5), code(6))]
    page = text(admin.get("/firms/twins/?only=same"))
    assert f"以 {code(1)} 为准" in page
    assert "查过登记系统" in page
    assert "经人工认定" in text(admin.get(f"/firms/{code(2)}/"))
    assert len(listed(admin.get("/firms/"))) == 6, "both stay in the register"
    assert book(doubled).snapshots()[0].digest == digest
    rows = sheet(admin.get("/firms/twins.xlsx?only=same"), "疑似重复")
    assert [row[7] for row in rows if row[0] == code(1)] == [code(1)]


def test_the_ledger_keeps_who_decided_and_no_code(admin: Client, doubled: Workspace) -> None:
    decide(admin, "different")
    event = Event.objects.get(action="twins.decided")
    assert (event.actor, event.reason) == ("city_admin", "查过登记系统")
    assert code(1) not in event.payload
    assert json.loads(event.payload)["verdict"] == "different"


def test_a_decision_is_taken_back(admin: Client, doubled: Workspace) -> None:
    decide(admin, "different")
    assert pairs(admin.get("/firms/twins/")) == [(code(5), code(6))]
    decide(admin, "open", reason="看错了")
    assert pairs(admin.get("/firms/twins/")) == [(code(1), code(2)), (code(5), code(6))]
    assert twins.decisions(book(doubled))[code(1), code(2)].verdict is Verdict.OPEN


def test_a_decision_outlives_the_snapshot_that_it_was_made_on(admin: Client, doubled: Workspace) -> None:
    decide(admin, f"same-{code(2)}", 3, 4)
    assert decide(admin, f"same-{code(4)}", 3, 4).status_code == 302, "nobody proposed it; a person knows"
    snapshot(doubled, LATER, FIRMS[:4], Purpose.ADMINISTRATIVE)
    assert pairs(admin.get("/firms/twins/?only=same")) == [(code(3), code(4))]


@pytest.mark.parametrize("verdict", ["", "same", "same-x", "same-" + code(9), "merged", "<script>"])
def test_what_is_no_decision_is_refused(admin: Client, doubled: Workspace, verdict: str) -> None:
    before = Event.objects.count()
    assert decide(admin, verdict).status_code in (400, 422), verdict
    assert decide(admin, "different", reason=" ").status_code == 422
    assert decide(admin, "different", 1, 1).status_code in (400, 422)
    assert decide(admin, "different", 1, 9).status_code == 404, "not in the register"
    assert Event.objects.count() == before
    with pytest.raises(UsageError):
        Decision(code(2), code(1), Verdict.DIFFERENT, "", "zhang", "x", datetime(2026, 1, 1, tzinfo=UTC))


def test_a_pair_is_seen_by_who_may_read_both(sign_in: Any, doubled: Workspace) -> None:
    client = sign_in("district", area_id="suzhou_taicang")
    assert pairs(client.get("/firms/twins/")) == [(code(5), code(6))]
    assert decide(client, "different", 5, 6).status_code == 403
    assert sign_in("viewer").get("/firms/twins/").status_code == 403


def test_statistical_returns_propose_no_pairs(admin: Client, suzhou: Workspace) -> None:
    snapshot(suzhou, DAY, FIRMS, Purpose.STATISTICAL)
    assert admin.get("/firms/twins/").status_code == 403
    assert decide(admin, "different").status_code == 403


def test_a_district_is_not_told_of_a_double_in_another(admin: Client, sign_in: Any, doubled: Workspace) -> None:
    assert decide(admin, f"same-{code(3)}", 1, 3).status_code == 302
    assert code(3) in text(admin.get(f"/firms/{code(1)}/"))
    page = sign_in("district", area_id="suzhou_kunshan").get(f"/firms/{code(1)}/")
    assert page.status_code == 200
    assert code(3) not in text(page)
