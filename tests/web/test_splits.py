"""The page of a split key: tried by its address, written with a source, named by every figure, revised, withdrawn."""

from __future__ import annotations

import io
from collections.abc import Callable

import openpyxl
from django.test import Client
from django.urls import reverse

from jiqun.ledger.models import Event
from jiqun.workspace import Workspace
from tests.web.test_catalogues import add_figure, admin_here, client_of, draft, office, suzhou, text

__all__ = ["admin_here", "client_of", "draft", "office", "suzhou"]
WAY = ["suzhou-2022", "suzhou-2018", "sz22-mat"]  # advanced materials were nano, frontier materials and textiles
PARTS = {"p-sz18-nano": "20", "p-sz18-frontier_mat": "30.5", "p-sz18-textile": "49.5"}
SIGNED = {"source": "2021年统计年鉴", "reason": "按2019年产值", "version": "0"}


def test_a_key_is_tried_stated_named_by_figures_revised_and_withdrawn(office: Workspace, admin_here: Client) -> None:
    add_figure(office, "sz22-mat", "800")
    page = reverse("split-key", args=WAY)
    assert "没有分劈依据" in text(admin_here.get(page + "?as_of=today"))
    before = Event.objects.count()
    said = text(admin_here.get(page, PARTS))
    assert "0—800亿元 160亿元" in said
    assert "0—800亿元 244亿元" in said
    assert "0—12500亿元" in said  # the target of 12500 亿元 for the cluster
    assert "2500亿元" in said
    assert Event.objects.count() == before
    done = admin_here.post(reverse("split-key-state", args=WAY), PARTS | SIGNED, follow=True)
    assert "已写明" in text(done)
    recast = admin_here.get(reverse("cluster", args=["sz18-nano"]) + "?as_of=today")
    assert "先进材料产业创新集群 分劈为 " in text(recast)
    assert "纳米技术应用 20%" in text(recast)
    assert f'href="{page}"' in recast.content.decode()
    line = reverse("catalogue", args=["suzhou-clusters"])
    assert "2021年统计年鉴" in text(admin_here.get(line + "?to=suzhou-2018"))
    export = admin_here.get(reverse("catalogue-xlsx", args=["suzhou-clusters"]))
    book = openpyxl.load_workbook(io.BytesIO(export.content))
    rows = [row for row in book["分劈依据"].iter_rows(values_only=True) if row[0] == "先进材料产业创新集群"]
    assert "2021年统计年鉴" in {row[6] for row in rows}
    told = admin_here.get("/api/clusters/sz18-nano").json()["recasts"]
    assert [(row["said"], row["keys"][0]["cluster_id"]) for row in told] == [("160亿元", "sz22-mat")]
    again = admin_here.post(reverse("split-key-state", args=WAY), PARTS | SIGNED)
    assert again.status_code == 409  # version 0 is not what stands now
    why = {"reason": "年鉴更正", "version": "1"}
    gone = admin_here.post(reverse("split-key-withdraw", args=WAY), why, follow=True)
    assert "没有分劈依据" in text(gone)
    assert "已撤回" in text(gone)


def test_faults_stand_beside_the_form_and_nothing_is_written(admin_here: Client) -> None:
    page = reverse("split-key", args=WAY)
    answer = admin_here.get(page, PARTS | {"p-sz18-nano": "21", "as_of": "today"})
    assert answer.status_code == 422
    assert "各份额合计 101%，不是 100%" in text(answer)
    assert 'value="30.5"' in answer.content.decode()
    posted = admin_here.post(reverse("split-key-state", args=WAY), PARTS | {"reason": "x"})
    assert posted.status_code == 422
    assert "需要来源" in text(posted)
    assert admin_here.get(reverse("split-key", args=["suzhou-2018", "suzhou-2022", "sz18-nano"])).status_code == 404


def test_readers_see_the_key_and_no_form_to_write_it(client_of: Callable[[str], Client]) -> None:
    viewer = client_of("viewer")
    answer = viewer.get(reverse("split-key", args=WAY), PARTS | {"as_of": "today"})
    assert answer.status_code == 200
    assert reverse("split-key-state", args=WAY) not in answer.content.decode()
    assert viewer.post(reverse("split-key-state", args=WAY), PARTS | SIGNED).status_code == 403
