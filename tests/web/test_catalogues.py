"""Pages of catalogues: editions side by side, recast figures beside printed ones, preview, adoption, withdrawal."""

from __future__ import annotations

import html
import io
import itertools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from jiqun import flows, packs, workspace
from jiqun.workspace import Workspace
from tests.flows.test_catalogues import draft, office, suzhou

__all__ = ["draft", "office", "suzhou"]


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


@pytest.fixture
def client_of(office: Workspace) -> Callable[[str], Client]:
    def signed_in(role: str) -> Client:
        from django.contrib.auth import get_user_model

        flows.add_user(office, role, role, actor="setup", password="correct-horse-9")
        client = Client()
        client.force_login(get_user_model().objects.get(username=role), "django.contrib.auth.backends.ModelBackend")
        return client

    return signed_in


@pytest.fixture
def admin_here(client_of: Callable[[str], Client]) -> Client:
    return client_of("city_admin")


def test_editions_stand_side_by_side_with_a_ribbon_for_each_step(admin_here: Client) -> None:
    answer = admin_here.get(reverse("catalogue", args=["suzhou-clusters"]))
    assert answer.status_code == 200
    drawn = answer.content.decode()
    assert drawn.count('class="lineage__box') - 1 == 13 + 4 + 4  # one more in the legend
    assert drawn.count('class="ribbon ribbon--regrouped" d=') == 13
    assert drawn.count('class="ribbon ribbon--kept" d=') == 4
    assert "集成电路 → 电子信息产业创新集群（归并）" in html.unescape(drawn)
    assert "style=" not in re.search(r'<svg class="lineage".*?</svg>', drawn, re.S)[0]  # type: ignore[index]


def test_figures_are_recast_beside_what_is_printed(office: Workspace, admin_here: Client) -> None:
    for cluster_id, value in (("sz18-biomed", "900"), ("sz18-nano", "300"), ("sz18-textile", "150.5"),
                              ("sz22-mat", "800")):  # fmt: skip
        fields = {"indicator_id": "output_biomedicine", "area_id": "suzhou", "cluster_id": cluster_id,
                  "period": "2019", "value_text": value, "unit": "亿元", "source_title": "测试"}  # fmt: skip
        flows.add_observation(office, fields, actor="zhang", reason="测试")
    said = text(admin_here.get(reverse("cluster", args=["sz22-bio"]) + "?as_of=today"))
    assert "900亿元 把握不足：各版对应关系未经官方逐一列明 生物医药和新型医疗器械 900亿元" in said
    mat = text(admin_here.get(reverse("cluster", args=["sz22-mat"])))
    assert "不少于 450.5亿元" in mat
    assert "缺 前沿新材料 的数" in mat
    assert "800亿元" in mat
    back = text(admin_here.get(reverse("catalogue", args=["suzhou-clusters"]) + "?to=suzhou-2018"))
    assert "0—800亿元" in back
    assert "先进材料产业创新集群 没有分劈依据" in back
    keyed = admin_here.get(
        reverse("catalogue", args=["suzhou-clusters"]) + "?to=suzhou-2018&key=output_biomedicine@2019"
    )
    assert keyed.status_code == 200


def add_figure(office: Workspace, cluster_id: str, value: str, **more: str) -> None:
    fields = {"indicator_id": "output_biomedicine", "area_id": "suzhou", "cluster_id": cluster_id, "period": "2019",
              "value_text": value, "unit": "亿元", "source_title": "测试"} | more  # fmt: skip
    flows.add_observation(office, fields, actor="zhang", reason="测试")


def test_what_is_printed_as_a_lower_bound_stays_one(office: Workspace, admin_here: Client) -> None:
    add_figure(office, "sz18-biomed", "900", value_kind="at_least")
    add_figure(office, "sz22-mat", "800", value_kind="at_least")
    add_figure(office, "sz18-auto", "70", value_kind="about")
    bio = text(admin_here.get(reverse("cluster", args=["sz23-bio"]) + "?as_of=today"))
    assert "2019年 2018版，归并 2022-01-01，保留 2023-12-31 不少于 900亿元" in bio
    assert "生物医药和新型医疗器械 不少于 900亿元" in bio
    nano = text(admin_here.get(reverse("cluster", args=["sz18-nano"]) + "?as_of=today"))
    assert "不少于 0亿元" in nano  # 800 and more, of which nobody knows how much is nano
    back = text(admin_here.get(reverse("catalogue", args=["suzhou-clusters"]) + "?to=suzhou-2018&as_of=today"))
    assert "0—800亿元" not in back
    assert "约 不少于 70亿元" in text(admin_here.get(reverse("cluster", args=["sz22-eq"]) + "?as_of=today"))


def test_an_indicator_shows_its_series_over_editions_as_recast(office: Workspace, admin_here: Client) -> None:
    add_figure(office, "sz18-biomed", "900")
    add_figure(office, "sz23-bio", "1200", period="2024")
    add_figure(office, "sz18-nano", "5", indicator_id="output_nano")
    page = admin_here.get(reverse("indicator", args=["output_biomedicine"]) + "?as_of=today")
    said = text(page)
    assert "换算到现行目录的数" in said
    assert "2018版，归并 2022-01-01，保留 2023-12-31 900亿元" in said
    assert "纳米技术应用 5亿元" not in said
    told = admin_here.get("/api/indicators/output_biomedicine?as_of=today").json()["recasts"]
    assert [(row["cluster"]["id"], row["said"], row["changes"]) for row in told] == [
        ("sz23-bio", "900亿元", ["归并 2022-01-01", "保留 2023-12-31"])]  # fmt: skip


def test_the_demo_folder_prints_figures_of_clusters_in_two_editions(office: Workspace, admin_here: Client) -> None:
    flows.import_folder_figures(office, actor="setup", reason="测试")
    mat = text(admin_here.get(reverse("cluster", args=["sz22-mat"]) + "?as_of=today"))
    assert "不少于 1000亿元 缺 高端纺织、前沿新材料 的数" in mat
    assert "10578" in mat
    bio = text(admin_here.get(reverse("cluster", args=["sz23-bio"]) + "?as_of=today"))
    assert "2188亿元" in bio
    assert "不少于 1750亿元" in bio


def test_a_cluster_and_its_chain_lead_to_each_other_and_the_board_leads_to_it(admin_here: Client) -> None:
    city = workspace.current().city
    here = reverse("cluster", args=["sz26-pil-1"])
    chain = next(one for one in city.chains.values() if "sz26-pil-1" in one.cluster_ids)
    layout = next(one for one in city.layouts.values() if one.catalogue_id == "suzhou-2026-pillar")
    there = reverse("chain", args=[chain.id])
    assert f'href="{there}"' in admin_here.get(here + "?as_of=today").content.decode()
    for page in (reverse("layout", args=[layout.id]), there):
        assert f'href="{here}"' in admin_here.get(page + "?as_of=2026-02-15").content.decode(), page


def test_a_cluster_tells_the_targets_of_those_it_came_from_and_became(admin_here: Client) -> None:
    said = text(admin_here.get(reverse("cluster", args=["sz23-mat"]) + "?as_of=today"))
    assert "前后各版有的，列在下面" in said
    assert "与本集群有保留关系，目标仍按原名考核" in said
    assert "12500亿元" in said
    old = text(admin_here.get(reverse("cluster", args=["sz18-nano"]) + "?as_of=today"))
    assert "与本集群有归并关系" in old
    assert "12500亿元" in old


def test_the_workbook_has_changes_shares_and_figures(office: Workspace, admin_here: Client) -> None:
    fields = {"indicator_id": "output_biomedicine", "area_id": "suzhou", "cluster_id": "sz18-biomed",
              "period": "2019", "value_text": "900", "unit": "亿元", "source_title": "测试"}  # fmt: skip
    flows.add_observation(office, fields, actor="zhang", reason="测试")
    address = reverse("catalogue-xlsx", args=["suzhou-clusters"]) + "?to=suzhou-2022&as_of=today"
    book = openpyxl.load_workbook(io.BytesIO(admin_here.get(address).content))
    assert book.sheetnames[:3] == ["变动", "对应份额", "换算数"]
    cells = [row for row in book["换算数"].iter_rows(values_only=True) if row[0] == "生物医药产业创新集群"]
    assert ("2018版", "900亿元", "是") in [(row[4], row[6], row[7]) for row in cells]
    assert sum(row[2] == "100%" for row in book["对应份额"].iter_rows(values_only=True)) == 13


def test_a_proposal_is_seen_through_adopted_and_taken_back(admin_here: Client, draft: bytes) -> None:
    upload = {"edition": SimpleUploadedFile("draft.yaml", draft)}
    seen = admin_here.post(reverse("catalogue-proposal"), upload)
    said = text(seen)
    assert "尚未采用" in said
    assert "一分为几" in said
    assert "要分劈依据" in said
    assert "目标 受影响 3，不受影响 1" in said
    assert "suzhou-draft" not in {one.id for one in workspace.current().city.catalogues}
    digest = re.search(r'name="digest" value="([0-9a-f]{64})"', seen.content.decode())[1]  # type: ignore[index]
    adopted = admin_here.post(reverse("catalogue-adopt"), {"digest": digest, "reason": "议定"}, follow=True)
    assert "由 city_admin 在台账中采用：议定" in text(adopted)
    assert admin_here.get(reverse("cluster", args=["szd-chip"])).status_code == 200
    gone = admin_here.post(reverse("catalogue-withdraw", args=["suzhou-draft"]), {"reason": "有误"}, follow=True)
    assert "已撤回这一版目录" in text(gone)
    assert admin_here.get(reverse("cluster", args=["szd-chip"])).status_code == 404


def test_the_draft_of_the_folder_can_be_looked_at(admin_here: Client) -> None:
    page = text(admin_here.get(reverse("catalogue", args=["suzhou-clusters"])))
    assert "proposals/demo-draft.yaml" in page
    answer = admin_here.get(reverse("catalogue-proposal") + "?file=proposals/demo-draft.yaml")
    assert "演示草案" in text(answer)
    assert admin_here.get(reverse("catalogue-proposal") + "?file=clusters/2018.yaml").status_code == 404
    assert admin_here.get(reverse("catalogue-proposal") + "?digest=../../etc/passwd").status_code == 404


def test_faults_of_an_edition_come_back_all_at_once(admin_here: Client, draft: bytes) -> None:
    broken = draft.decode().replace("expected_count: 5", "expected_count: 6").replace("[sz23-eq]", "[sz23-zz]")
    answer = admin_here.post(reverse("catalogue-proposal"), {"edition": SimpleUploadedFile("x.yaml", broken.encode())})
    assert answer.status_code == 422
    assert "写明 6 个集群" in text(answer)
    assert "sz23-zz" in text(answer)
    assert admin_here.post(reverse("catalogue-proposal")).status_code == 400


def test_readers_see_the_line_and_no_way_to_change_it(client_of: Callable[[str], Client], draft: bytes) -> None:
    viewer = client_of("viewer")
    page = viewer.get(reverse("catalogue", args=["suzhou-clusters"]))
    assert page.status_code == 200
    assert reverse("catalogue-proposal") not in page.content.decode()
    upload = {"edition": SimpleUploadedFile("draft.yaml", draft)}
    assert viewer.post(reverse("catalogue-proposal"), upload).status_code == 403
    assert viewer.get(reverse("catalogue", args=["nowhere"])).status_code == 404


def test_twenty_eight_clusters_fit_and_ribbons_do_not_leave_the_picture(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jiqun.reports.lineage_drawing import drawing

    before, after = packs.load("shenzhen").catalogues
    found = drawing([before, after])
    assert len(found.boxes) == 56
    assert len(found.ribbons) == 29  # 28 clusters, of which one became two
    assert {box.name for box in found.boxes if box.mark == "新增"} == {"智能机器人", "前沿新材料"}
    numbers = [int(n) for ribbon in found.ribbons for n in re.findall(r"[ CV](\d+)", ribbon.path)]
    assert max(numbers) <= max(found.width, found.height)
    assert all(box.y + box.height <= found.height for box in found.boxes)
    for column in {box.x for box in found.boxes}:
        stacked = sorted((box.y, box.height) for box in found.boxes if box.x == column)
        assert all(y + height <= below for (y, height), (below, _) in itertools.pairwise(stacked))
