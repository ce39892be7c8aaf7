"""The command line as a script meets it: what it prints, where, and its exit code."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import pytest

from tests.flows.conftest import FOLDER

PLAN = FOLDER / "documents" / "plan.txt"


def jiqun(*words: object, **how: object) -> subprocess.CompletedProcess[str]:
    there = {k: v for k, v in os.environ.items() if k not in ("DJANGO_SETTINGS_MODULE", "JIQUN_WORKSPACE")}
    command = [sys.executable, "-W", "error", "-m", "jiqun", *map(str, words)]
    return subprocess.run(command, check=False, capture_output=True, text=True, env=there, **how)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that the tests of this module share, with the plan ingested and the folder's figures in a table."""
    path = tmp_path_factory.mktemp("office") / "ws"
    made = jiqun("init", path, "--city", FOLDER)
    assert (made.returncode, made.stderr) == (0, ""), made.stderr
    done = jiqun("ingest", path, PLAN, "--actor", "zhang")
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert done.stdout == f"{PLAN}：5 条事项待核，2 项任务\n"
    return path


def test_help_loads_nothing_heavy() -> None:
    asked = (
        "import sys; from jiqun.cli import main; sys.argv[1:] = ['--help']\ntry: main()\nfinally: print(*sys.modules)"
    )
    loaded = set(
        subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=False).stdout.split()
    )
    assert "jiqun.cli" in loaded
    assert not loaded & {"django", "polars", "sqlglot", "lxml", "pydantic", "jiqun.packs", "jiqun.documents"}


def test_help_lists_every_command() -> None:
    told = jiqun("--help")
    assert told.returncode == 0
    for command in (
        "demo", "new-city", "check", "extract", "init", "ingest", "import", "serve", "user", "assess", "backup",
        "restore", "upgrade",
    ):  # fmt: skip
        assert re.search(rf"^  {command}\b", told.stdout, re.MULTILINE), command


def test_help_waits_for_no_library() -> None:
    code = "import sys, jiqun.cli; print(*({'django', 'polars', 'pydantic', 'yaml'} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert told.stdout.strip() == ""


def test_extract_waits_for_no_django(tmp_path: Path) -> None:
    code = (
        "import sys; from jiqun import flows; from pathlib import Path;"
        "list(flows.extract_files([Path(sys.argv[1])], sys.argv[2])); print('django' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code, PLAN, FOLDER], check=True, capture_output=True, text=True)
    assert told.stdout.strip() == "False"


def test_extract_writes_one_claim_a_line() -> None:
    told = jiqun("extract", PLAN, "--city", FOLDER)
    assert (told.returncode, told.stderr) == (0, "")
    claims = [json.loads(line) for line in told.stdout.splitlines()]
    assert [(claim["value"], claim["indicator_id"]) for claim in claims] == [
        (1200, "output"), (1000, "firms"), (50, "output_share"), (300, "firms"), (12, None),
    ]  # fmt: skip
    assert {claim["document"] for claim in claims} == {"plan.txt"}


def test_extract_writes_where_it_is_told(tmp_path: Path) -> None:
    claims, tasks, text = (tmp_path / name for name in ("c.jsonl", "t.jsonl", "o.txt"))
    told = jiqun("extract", PLAN, PLAN, "--city", FOLDER, "--claims", claims, "--tasks", tasks, "--text", text)
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")
    assert (len(claims.read_text("utf-8").splitlines()), len(tasks.read_text("utf-8").splitlines())) == (10, 4)
    original = text.read_bytes().decode("utf-8")
    for claim in map(json.loads, claims.read_text("utf-8").splitlines()[:5]):
        assert original[claim["start"] : claim["end"]] == claim["quote"]
    only_tasks = jiqun("extract", PLAN, "--city", FOLDER, "--tasks", "-")
    assert [json.loads(line)["title"] for line in only_tasks.stdout.splitlines()] == [
        "培育高新技术企业",
        "建设创新平台",
    ]


def test_extract_lists_what_will_be_made_and_tells_absent_annexes(tmp_path: Path) -> None:
    plan = tmp_path / "plan.txt"
    plan.write_text("某市方案\n一、重点任务\n编制集群图谱，建立企业培育库。\n附件：重点工作清单\n", "utf-8")
    told = jiqun("extract", plan, "--systems", "-")
    assert [(s["kind"], s["name"]) for s in map(json.loads, told.stdout.splitlines())] == [
        ("图谱", "集群图谱"), ("库", "企业培育库"),
    ]  # fmt: skip
    assert (told.returncode, told.stderr.count("\n")) == (0, 1)
    assert told.stderr.startswith("plan.txt:4: 警告：文中提到的附件“重点工作清单”不在此文件中。")


def test_claims_and_tasks_cannot_share_standard_output() -> None:
    told = jiqun("extract", PLAN, "--city", FOLDER, "--claims", "-", "--tasks", "-")
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr.splitlines() == ["错误：--claims、--tasks、--systems、--text、--figures 只能有一个写到标准输出"]


def test_the_text_alone_goes_to_standard_output_when_asked_there() -> None:
    told = jiqun("extract", PLAN, "--city", FOLDER, "--text", "-")
    assert (told.returncode, told.stdout) == (0, PLAN.read_text("utf-8"))


def test_results_go_to_places_of_their_own(tmp_path: Path) -> None:
    plan = shutil.copy(PLAN, tmp_path / "plan.txt")
    for words in (("--claims", tmp_path / "x", "--tasks", tmp_path / "x"), ("--text", plan)):
        told = jiqun("extract", plan, "--city", FOLDER, *words)
        assert (told.returncode, told.stdout) == (2, ""), told.stderr
    assert (tmp_path / "plan.txt").read_bytes() == PLAN.read_bytes()


def test_a_document_behind_an_option_is_not_written_over(tmp_path: Path) -> None:
    for option, name in (("--tasks", "other.docx"), ("--claims", "other.TXT"), ("--text", "other.pdf")):
        other = tmp_path / name
        other.write_text("某市方案", "utf-8")
        told = jiqun("extract", option, other, PLAN, "--city", FOLDER)
        assert (told.returncode, told.stdout) == (2, "")
        assert f"写“{option} -”" in told.stderr
        assert other.read_text("utf-8") == "某市方案"
    told = jiqun("extract", PLAN, "--city", FOLDER, "--figures", tmp_path / "out.xls")
    assert (told.returncode, (tmp_path / "out.xls").exists()) == (2, False)
    assert "只能写成 .xlsx 或 .csv" in told.stderr


def test_a_pipe_and_a_link_stay_what_they_are(tmp_path: Path) -> None:
    pipe, link, behind = tmp_path / "pipe", tmp_path / "link", tmp_path / "behind"
    os.mkfifo(pipe)
    link.symlink_to(behind)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text("utf-8")))
    reader.start()
    assert jiqun("extract", PLAN, "--city", FOLDER, "--claims", pipe, "--text", link).returncode == 0
    reader.join(timeout=30)
    assert pipe.is_fifo()
    assert read[0].startswith('{"document"')
    assert link.is_symlink()
    assert behind.read_text("utf-8") == PLAN.read_text("utf-8")


def test_a_full_standard_output_is_one_line_and_exit_3() -> None:
    for words in (("extract", PLAN, "--city", FOLDER), ("check", FOLDER)):
        with Path("/dev/full").open("w") as full:
            told = subprocess.run(
                [sys.executable, "-m", "jiqun", *map(str, words)],
                check=False,
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
            )
        assert told.returncode == 3
        assert told.stderr == "错误：输出 读写不了：磁盘已满（jiqun --debug … 查看详情）\n"


def test_warnings_are_told_and_let_the_file_in(tmp_path: Path) -> None:
    misnamed = shutil.copy(PLAN, tmp_path / "plan.docx")
    told = jiqun("extract", misnamed, "--city", FOLDER)
    assert (told.returncode, "内容却是 纯文本" in told.stderr) == (0, True), told.stderr
    assert told.stdout


def test_one_bad_file_does_not_keep_back_the_others(tmp_path: Path) -> None:
    bad = tmp_path / "empty.txt"
    bad.write_bytes(b"")
    told = jiqun("extract", bad, PLAN, "--city", FOLDER)
    assert (told.returncode, len(told.stdout.splitlines()), len(told.stderr.splitlines())) == (1, 5, 1)
    assert "empty.txt" in told.stderr


def test_check_tells_all_findings_with_file_and_line_and_runs_the_examples(tmp_path: Path) -> None:
    import shutil

    good = jiqun("check", FOLDER)
    assert (good.returncode, good.stdout) == (0, f"{FOLDER}：没有问题\n")
    folder = Path(shutil.copytree(FOLDER, tmp_path / "yunchuan"))
    example = folder / "examples" / "promises.yaml"
    example.write_text(example.read_text("utf-8").replace("value: 1000", "value: 999"), "utf-8")
    wrong = jiqun("check", folder)
    assert wrong.returncode == 1
    assert "例“以上”：没有读出 " in wrong.stdout
    assert "value 读作 1000" in wrong.stdout
    areas = folder / "areas.csv"
    areas.write_text(areas.read_text("utf-8").replace("district,,yunchuan", "district,,mars"), "utf-8")
    broken = jiqun("check", folder, FOLDER)
    assert broken.returncode == 1
    assert re.search(r"areas\.csv:3: 错误：", broken.stdout)
    assert broken.stdout.endswith(f"{FOLDER}：没有问题\n")


def test_the_same_file_again_changes_nothing_and_says_so(office: Path) -> None:
    again = jiqun("ingest", office, PLAN)
    assert (again.returncode, again.stdout) == (0, f"{PLAN}：已收录过，未作改动\n")


def test_a_table_is_imported_whole_or_refused_cell_by_cell(office: Path, tmp_path: Path) -> None:
    table = tmp_path / "台账.csv"
    table.write_text("指标,地区,时期,数值,单位\n高新技术企业,东川区,2023,520,家\n", "utf-8")
    done = jiqun("import", office, table, "--actor", "zhang", "--reason", "年报")
    assert (done.returncode, done.stdout) == (0, f"{table}：写入 1 条公布数，0 条没有变化\n")
    table.write_text("指标,地区,时期,数值,单位\n高新技术企业,火星,2023,很多,家\n", "utf-8")
    refused = jiqun("import", office, table)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert [line.partition("：")[0] for line in refused.stderr.splitlines()] == [
        "台账.csv:2 《台账》 D2: 错误", "台账.csv:2 《台账》 B2: 错误",
    ]  # fmt: skip


def test_a_table_that_is_not_there_is_refused_input(office: Path, tmp_path: Path) -> None:
    for table, said in ((tmp_path / "none.xlsx", "没有这个文件"), (tmp_path, "这是目录，不是文件")):
        told = jiqun("import", office, table)
        assert (told.returncode, told.stderr.count("\n")) == (1, 1)
        assert said in told.stderr


def test_targets_are_assessed_as_of_a_day(office: Path, tmp_path: Path) -> None:
    table = tmp_path / "目标.csv"
    table.write_text("指标,地区,目标年份,目标值,单位,发布日期\n高新技术企业,东川区,2025,600,家,2022-01-10\n", "utf-8")
    assert jiqun("import", office, table).returncode == 0
    told = jiqun("assess", office, "--as-of", "2024-06-01", "--json")
    assert told.returncode == 0, told.stderr
    record = json.loads(told.stdout)
    assert (record["indicator_id"], record["area_id"], record["light"], record["value"]) == (
        "firms", "dong", "no_data", None,
    )  # fmt: skip
    assert jiqun("assess", office, "--as-of", "2021-01-01", "--json").stdout == ""
    assert jiqun("assess", office, "--as-of", "2024-13-01").returncode == 2


def test_accounts_have_generated_passwords_told_once(office: Path) -> None:
    added = jiqun("user", "add", office, "li", "--role", "department", "--body", "gxj")
    assert added.returncode == 0, added.stderr
    password = re.search(r"口令 (\S{14})", added.stdout)
    assert password is not None
    assert jiqun("user", "add", office, "li", "--role", "viewer").stderr == "错误：账号“li”已存在\n"
    reset = jiqun("user", "reset", office, "li")
    assert reset.returncode == 0
    assert password[1] not in reset.stdout
    assert jiqun("user", "list", office).stdout == "li　责任部门　gxj\n"
    wrong = jiqun("user", "add", office, "wu", "--role", "king", "--area", "mars")
    assert (wrong.returncode, len(wrong.stderr.splitlines())) == (1, 2)
    nobody = jiqun("user", "reset", office, "nobody")
    assert (nobody.returncode, nobody.stderr) == (1, "错误：没有账号“nobody”\n")
    for file in (office / "ledger.sqlite", office / "ledger.sqlite-wal"):
        assert not file.exists() or password[1].encode() not in file.read_bytes()


@pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 151])
def test_a_name_that_would_break_a_list_is_refused(office: Path, name: str) -> None:
    told = jiqun("user", "add", office, name, "--role", "viewer")
    assert (told.returncode, told.stdout, "不能用" in told.stderr) == (1, "", True)


def test_the_demo_leaves_the_workspace_of_an_office_alone(office: Path) -> None:
    before = jiqun("verify", office).stdout
    told = jiqun("demo", "--no-serve", "--workspace", office)
    assert (told.returncode, "不是演示工作区" in told.stderr) == (1, True), told.stderr
    assert jiqun("verify", office).stdout == before


def test_a_pipe_is_ingested_like_a_file(tmp_path: Path, office: Path) -> None:
    pipe = tmp_path / "pipe.txt"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=("到2027年，全市培育高新技术企业900家以上。".encode(),))
    writer.start()
    told = jiqun("ingest", office, pipe)
    writer.join(timeout=30)
    assert told.stdout == f"{pipe}：1 条事项待核，0 项任务\n", told.stderr


def test_a_taken_port_is_one_line_and_exit_3(office: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        told = jiqun("serve", office, "--port", port, timeout=60)
    assert told.returncode == 3
    assert len(told.stderr.splitlines()) == 1
    assert told.stderr.startswith(f"错误：端口 {port} 打不开")


def test_serve_says_where_and_answers(office: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    there = {k: v for k, v in os.environ.items() if k not in ("DJANGO_SETTINGS_MODULE", "JIQUN_WORKSPACE")}
    command = [sys.executable, "-u", "-m", "jiqun", "serve", str(office), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=there) as served:
        try:
            assert served.stdout is not None
            assert served.stdout.readline() == f"云川市：http://127.0.0.1:{port}/\n"
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/login/", timeout=30) as answer:
                assert answer.status == 200
                assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        finally:
            served.terminate()


def test_serve_says_how_to_log_in_where_nobody_can_yet(tmp_path: Path) -> None:
    assert jiqun("init", str(tmp_path / "ws"), "--city", FOLDER).returncode == 0
    there = {k: v for k, v in os.environ.items() if k not in ("DJANGO_SETTINGS_MODULE", "JIQUN_WORKSPACE")}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-u", "-m", "jiqun", "serve", str(tmp_path / "ws"), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=there) as served:
        patience = threading.Timer(30, served.kill)  # a line that never comes must not hold the tests
        patience.start()
        try:
            assert served.stdout is not None
            served.stdout.readline()
            hint = served.stdout.readline()
        finally:
            patience.cancel()
            served.terminate()
    assert "还没有账号" in hint and "jiqun user add" in hint


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("ingest", "{tmp}/none", PLAN), 1),  # no workspace there
        (("init", "{tmp}/ws"), 2),  # no city named
        (("init", "{tmp}/ws", "--city", "atlantis"), 1),
        (("init", "{tmp}/ws", "--city", FOLDER, "--database", "mysql://x/y"), 2),
        (("init", "{tmp}/ws", "--city", FOLDER, "--database", "postgresql://nobody@127.0.0.1:1/none"), 3),
        (("init", "/proc/nothing/ws", "--city", FOLDER), 3),
        (("extract", "{tmp}/none.txt"), 1),
        (("extract", PLAN, "--city", FOLDER, "--claims", "{tmp}/no/such/dir.jsonl"), 3),
        (("nonsense",), 2),
        (("serve", "{tmp}", "--port", "0"), 2),
        (("restore", "{tmp}/ws", "{tmp}/none.tar.gz"), 1),
    ],
)
def test_faults_are_told_without_a_traceback(tmp_path: Path, words: tuple[object, ...], code: int) -> None:
    told = jiqun(*(str(word).replace("{tmp}", str(tmp_path)) for word in words))
    assert (told.returncode, told.stdout) == (code, ""), told.stderr
    assert told.stderr.strip()
    assert "Traceback" not in told.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words", ["new-city {tmp}/new", "init {tmp}/new --city {folder}", "extract {plan} --claims {tmp}/new"]
)
def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path, words: str) -> None:
    command = words.format(tmp=tmp_path, folder=FOLDER, plan=PLAN)
    told = subprocess.run(  # a file may grow to one block of 1024 bytes, then the system refuses
        ["bash", "-c", f"ulimit -f 1; exec {sys.executable} -B -m jiqun {command}"],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert (told.returncode, told.stdout, told.stderr.count("\n")) == (3, "", 1), told.stderr
    assert "超过了系统允许的文件大小" in told.stderr or "磁盘已满或读写出错" in told.stderr
    assert list(tmp_path.iterdir()) == []


def test_nothing_but_text_goes_into_a_pipe(office: Path) -> None:
    told = jiqun("ingest", office, PLAN, PLAN)
    assert "\x1b" not in told.stdout + told.stderr
    assert told.stderr == ""
