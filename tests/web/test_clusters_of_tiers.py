"""A cluster judged by a rule about clusters, with the figures typed; and firms near a tier, by cluster."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from jiqun.ledger.models import Event
from jiqun.workspace import Workspace
from tests.enterprises.conftest import code
from tests.web.test_firms import SCRIPT, admin, judged, listed_near, sign_in, text

__all__ = ["admin", "judged", "sign_in"]
PAGE = "/tiers/sme_specialty_cluster/cluster/"
WHOLE = {
    "f-cluster_gross_output": "45", "f-cluster_gross_output_prev1": "42", "f-cluster_gross_output_prev2": "40",
    "f-sme_share_of_output": "70", "f-leading_industry_share_of_output": "70",
    "f-cluster_output_growth_average": "10", "f-located_within_one_county_level_area": "yes",
}  # fmt: skip


def answer_of(page: str) -> str:
    found = re.search(r'<h2>[^<]*<span class="answer[^"]*">([^<]+)</span></h2>', page)
    assert found
    return found[1]


def test_every_threshold_of_the_rule_stands_on_its_boundary(admin: Client, suzhou: Workspace) -> None:
    assert answer_of(text(admin.get(PAGE, WHOLE))) == "符合"
    for name, below in (
        ("f-cluster_gross_output_prev2", "39.9999"), ("f-sme_share_of_output", "69.99"),
        ("f-leading_industry_share_of_output", "69.99"), ("f-cluster_output_growth_average", "9.99"),
        ("f-located_within_one_county_level_area", "no"),
    ):  # fmt: skip
        assert answer_of(text(admin.get(PAGE, WHOLE | {name: below}))) == "不符合", name
        assert answer_of(text(admin.get(PAGE, WHOLE | {name: ""}))) == "未知", name


def test_what_is_short_and_what_is_missing_is_said_and_nothing_kept(admin: Client, suzhou: Workspace) -> None:
    before = Event.objects.count()
    page = text(admin.get(PAGE, {"f-cluster_gross_output": "38.5", "name": "甲集群"}))
    assert "还差 1.5 亿元" in page
    assert "缺：" in page
    assert "甲集群" in page
    assert "2022年" in page, "the last finished year of 2023"
    assert Event.objects.count() == before


@pytest.mark.parametrize("typed", ["x", "1e400", "NaN", SCRIPT, "1" * 39])
def test_what_is_no_number_is_refused_in_words(admin: Client, suzhou: Workspace, typed: str) -> None:
    answer = admin.get(PAGE, WHOLE | {"f-sme_share_of_output": typed})
    assert answer.status_code == 422
    assert SCRIPT not in answer.content.decode()
    assert admin.get(PAGE, {"name": SCRIPT * 9} | WHOLE).status_code == 200


def test_a_tier_of_firms_judges_no_cluster(admin: Client, suzhou: Workspace) -> None:
    assert admin.get("/tiers/hnte/cluster/").status_code == 404
    assert admin.get(PAGE + "?as_of=2020-01-01").status_code == 404, "no edition was in force"
    assert "判定一个集群" in text(admin.get("/tiers/sme_specialty_cluster/?as_of=2023-08-08"))


def test_the_nearest_are_listed_by_cluster(admin: Client, judged: Workspace) -> None:
    page = admin.get("/tiers/srdi_sme/near/").content.decode()
    clusters = re.findall(r'href="\?cluster=([^"&]+)"', page)
    assert clusters, "firms of the industry of a chain's links are near"
    seen = {each: listed_near(admin.get(f"/tiers/srdi_sme/near/?cluster={each}")) for each in clusters}
    assert all(code(2) in found for found in seen.values())
    assert listed_near(admin.get("/tiers/srdi_sme/near/?cluster=none-such")) == listed_near(
        admin.get("/tiers/srdi_sme/near/")
    ), "a cluster nobody knows is passed over"
