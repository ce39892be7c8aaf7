"""A chain taken away as tables, sent back changed, looked at, adopted, and taken back."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from jiqun import flows, packs, workspace
from jiqun.industry.chains import carrying
from jiqun.industry.chains.differences import differences
from jiqun.ledger import adopted_chains, chain
from jiqun.ledger.models import Event
from jiqun.model.errors import EnvironmentFailed
from jiqun.packs.schema.chains import ChainEdge, ChainNode
from jiqun.workspace import Workspace
from tests.web.conftest import signing_in

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def editor(suzhou: Workspace) -> Client:
    return signing_in(suzhou)("city_editor")


def send(client: Client, files: dict[str, bytes], key: str = "robot") -> tuple[int, str]:
    sent = [SimpleUploadedFile(name, content) for name, content in files.items()]
    answer = client.post("/chains/proposal/", {"chain": key, "tables": sent})
    return answer.status_code, answer.content.decode()


def digest_in(page: str) -> str:
    return page.split('name="digest" value="')[1][:64]


def edges_with(ws: Workspace, change: dict[str, str]) -> bytes:
    """The robot chain's edges.csv, its first row with these cells."""
    rows = list(csv.reader(io.StringIO(carrying.csv_files(ws.city.chains["robot"])["edges.csv"].decode("utf-8-sig"))))
    for column, value in change.items():
        rows[1][rows[0].index(column)] = value
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def test_three_formats_are_taken_away_and_sent_back_without_a_difference(editor: Client, suzhou: Workspace) -> None:
    archive = zipfile.ZipFile(io.BytesIO(editor.get("/chains/tables/robot.zip").content))
    whole = {name: archive.read(name) for name in archive.namelist()}
    for files in (
        {"chain.xlsx": editor.get("/chains/tables/robot.xlsx").content},
        {"chain.graphml": editor.get("/chains/tables/robot.graphml").content},
        whole,
        {"edges.csv": whole["edges.csv"]},
    ):
        status, page = send(editor, files)
        assert status == 200 and "没有差别" in page and "chain-adopt" not in page, list(files)
    assert not Event.objects.filter(action__startswith="chain.").exists()


def test_a_changed_edge_is_shown_adopted_kept_and_taken_back(editor: Client, suzhou: Workspace) -> None:
    before = suzhou.city.digest
    status, page = send(editor, {"edges.csv": edges_with(suzhou, {"cost_share_pct": "25"})})
    assert status == 200 and "伺服系统（rb_servo）" in page and "<del>22</del>" in page and "<ins>25</ins>" in page
    digest = digest_in(page)
    file = editor.get(f"/chains/proposal.yaml?digest={digest}")
    assert file["Content-Disposition"].endswith('"robot.yaml"') and "cost_share_pct: '25'" in file.content.decode()
    assert editor.post("/chains/proposal/adopt/", {"digest": digest, "reason": " "}).status_code >= 400
    answer = editor.post("/chains/proposal/adopt/", {"digest": digest, "reason": "链长会议议定"}, follow=True)
    assert "链长会议议定" in answer.content.decode()
    now = workspace.current()
    assert now.city.chains["robot"].edges[0].cost_share_pct == 25
    assert now.city.digest != before and chain.verify().is_whole
    # the same when it is opened again, unless the folder's own file has changed since
    again = adopted_chains.with_adopted(packs.load("suzhou"), suzhou.files)
    assert again.digest == now.city.digest
    mended = packs.amended(packs.load("suzhou"), {"chains/robot.yaml": suzhou.city.read("chains/robot.yaml") + b"\n#"})
    assert adopted_chains.with_adopted(mended, suzhou.files) is mended
    # a second on top, then both taken back one by one
    _, page = send(editor, {"edges.csv": edges_with(now, {"cost_share_pct": "26"})})
    editor.post("/chains/proposal/adopt/", {"digest": digest_in(page), "reason": "再议"})
    assert workspace.current().city.chains["robot"].edges[0].cost_share_pct == 26
    editor.post("/chains/tables/robot/withdraw/", {"reason": "有误"})
    assert workspace.current().city.chains["robot"].edges[0].cost_share_pct == 25
    event = Event.objects.get(action="chain.adopted", reason="链长会议议定")
    flows.undo(workspace.current(), event.sequence, actor="li", reason="都不对")
    assert workspace.current().city.digest == before
    (suzhou.files / digest).write_bytes(b"other")
    with pytest.raises(EnvironmentFailed, match="robot"):
        adopted_chains.kept(suzhou.files, digest, "robot")


def test_faults_are_listed_at_their_cells_and_nothing_is_kept(editor: Client, suzhou: Workspace) -> None:
    status, page = send(editor, {"edges.csv": edges_with(suzhou, {"to_id": "nowhere", "cost_share_pct": "三成"})})
    assert status == 422 and "edges.csv" in page and "nowhere" in page and "三成" in page and "共 2 处" in page
    for files, told in (
        ({"x.txt": b"1"}, "不认得这样的文件"),
        ({"a.xlsx": b"1", "nodes.csv": b"1"}, "不认得这样的文件"),
        ({}, "没有选择文件"),
    ):
        status, page = send(editor, files)
        assert status == 422 and told in page
    status, page = send(editor, {"chain.graphml": carrying.graphml(suzhou.city.chains["nev"])})
    assert status == 422 and "不是“robot”" in page
    for path in ("/chains/proposal/?digest=" + "0" * 64, "/chains/proposal.yaml?digest=../x", "/chains/tables/no.xlsx"):
        assert editor.get(path).status_code == 404


def test_a_new_chain_may_be_named_beside_tables_in_chinese(editor: Client, suzhou: Workspace) -> None:
    files = {"环节.csv": "编号,名称,位置\na,硅料,上游\nb,硅片,中游\n", "边.csv": "起点,终点\na,b\n"}
    sent = {name: text.encode("gb18030") for name, text in files.items()}
    status, page = send(editor, sent, key="")
    assert status == 422 and "没有写明是哪条产业链" in page and page.count("缺编号和名称") == 1
    tables = [SimpleUploadedFile(name, content) for name, content in sent.items()]
    answer = editor.post("/chains/proposal/", {"tables": tables, "new_id": "pv", "new_name": "光伏"})
    assert answer.status_code == 200
    assert "光伏" in answer.content.decode()
    editor.post("/chains/proposal/adopt/", {"digest": digest_in(answer.content.decode()), "reason": "新增光伏"})
    drawn = editor.get("/chains/pv/").content.decode()
    assert drawn.count("data-link=") == 2 and 'data-from="a" data-to="b"' in drawn


def test_a_new_chain_comes_in_and_goes_again(editor: Client, suzhou: Workspace) -> None:
    made = suzhou.city.chains["robot"].model_copy(update={"id": "drone", "name": "无人机", "edges": (), "nodes": (
        ChainNode(id="dr_a", segment="upstream", name="飞控", feeds_ids=("dr_b",)),
        ChainNode(id="dr_b", segment="midstream", name="整机"),
    )})  # fmt: skip
    status, page = send(editor, {"drone.xlsx": carrying.workbook(made, created=NOON)}, key="")
    assert status == 200 and "新增产业链" in page
    editor.post("/chains/proposal/adopt/", {"digest": digest_in(page), "reason": "新建"})
    assert editor.get("/chains/drone/").content.decode().count("data-link=") == 2
    status, page = send(editor, {"drone.xlsx": carrying.workbook(made, created=NOON)}, key="")
    assert status == 422 and "已经有了" in page
    assert editor.post("/chains/tables/drone/withdraw/", {"reason": "不要了"}).url == "/chains/"
    assert "drone" not in workspace.current().city.chains


def test_readers_take_tables_away_and_send_none(suzhou: Workspace) -> None:
    viewer = signing_in(suzhou)("viewer")
    assert viewer.get("/chains/tables/robot.graphml").status_code == 200
    assert "核对并看差别" not in viewer.get("/chains/tables/robot/").content.decode()
    assert viewer.post("/chains/proposal/", {"chain": "robot"}).status_code == 403


def test_differences_are_told_row_by_row(suzhou: Workspace) -> None:
    robot = suzhou.city.chains["robot"]
    assert differences(robot, robot) == ()
    assert {one.way for one in differences(None, robot)} == {"added"}
    edge = ChainEdge(from_id="rb_chip", to_id="rb_ctrl", kind="substitutes")
    renamed = robot.nodes[0].model_copy(update={"name": "谐波", "feeds_ids": ()})
    after = robot.model_copy(update={"nodes": (renamed, *robot.nodes[1:]), "edges": (*robot.edges, edge)})
    told = [(one.table, one.way, one.key) for one in differences(robot, after)]
    assert told == [
        ("nodes", "changed", "谐波（rb_harmonic）"),
        ("edges", "added", "芯片与算力模组（rb_chip） → 控制器与控制软件（rb_ctrl），substitutes"),
        ("edges", "removed", "谐波（rb_harmonic） → 工业机器人本体（rb_ind）"),
        ("edges", "removed", "谐波（rb_harmonic） → 协作机器人（rb_cobot）"),
        ("edges", "removed", "谐波（rb_harmonic） → 人形与具身智能机器人（rb_human）"),
    ]
    assert differences(robot, after)[0].cells == (("name", "谐波减速器", "谐波"),)
