"""The command line: words in, a verb of `flows` called, one line for a person out.

Exit codes: 0 done (warnings allowed), 1 the input was refused, 2 usage, 3 the environment failed. Commands import
what they need when they run, so that `--help` is quick and `extract` never waits for Django.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from jiqun import __version__
from jiqun.model import files as outside
from jiqun.model.errors import EnvironmentFailed, InputRefused, JiqunError, UsageError
from jiqun.model.findings import Finding, Severity

app = typer.Typer(
    name="jiqun", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None,
    help="集群：从产业集群政策文件到完成情况，每个数都有出处。",
)  # fmt: skip
users = typer.Typer(no_args_is_help=True, help="账号：add 新增、reset 重置口令、list 列出。")
app.add_typer(users, name="user")

# readable=False: a file that may not be read is refused input, told by whoever reads it, and no fault of usage
Here = Annotated[Path, typer.Argument(metavar="WORKSPACE", help="工作区目录", readable=False)]
Archive = Annotated[Path, typer.Argument(metavar="FILE.tar.gz", help="备份文件", readable=False)]
Actor = Annotated[str, typer.Option("--actor", help="记入事件的操作人（默认：登录系统的用户名）")]
Reason = Annotated[str, typer.Option("--reason", help="记入事件的理由")]
Port = Annotated[int, typer.Option("--port", min=1, max=65535, help="端口")]
Host = Annotated[str, typer.Option("--host", help="监听地址；0.0.0.0 供局域网访问")]
_FORMATS, _TABLES = "政策文件：txt md html docx pdf", "xlsx xls csv：公布数或目标"
_SEVERITY = {Severity.ERROR: "错误", Severity.WARNING: "警告", Severity.NOTE: "提示"}


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"jiqun {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="出错时显示完整的堆栈")] = False,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="版本号")] = False,
) -> None:
    """Options of every command; `main` looks at --debug itself."""


def main() -> None:
    """Runs the command line and ends the process with its exit code; faults are one line, never a traceback."""
    try:
        app(standalone_mode=True)
    except JiqunError as error:
        lines = [_line(f) for f in error.findings] if isinstance(error, InputRefused) else []
        typer.echo("\n".join(lines) or f"错误：{error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        if "--debug" in sys.argv:
            raise
        with contextlib.suppress(OSError, ValueError):  # what standard output still holds cannot be written either
            sys.stdout.close()
        typer.echo(f"错误：{_environment_said(error)}（jiqun --debug … 查看详情）", err=True)
        sys.exit(3)


def _environment_said(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"{error.filename or '输出'} 读写不了：{outside.why(error)}"
    if "django.db" in sys.modules and isinstance(error, sys.modules["django.db"].DatabaseError):
        from jiqun.ledger import store

        return f"账本用不了：{store.why(error)}"
    return f"{type(error).__name__} {' '.join(str(error).split())}".strip()


def _tell(findings: Any) -> None:
    for finding in findings:
        typer.echo(_line(finding), err=True)


def _line(finding: Finding) -> str:
    where = f"{finding.place}: " if str(finding.place) else ""
    remedy = f"　{finding.remedy}" if finding.remedy else ""
    return f"{where}{_SEVERITY[finding.severity]}：{finding.message}{remedy}"


@contextlib.contextmanager
def _progress(what: str, total: int) -> Iterator[Callable[[], None]]:
    """Calls move a bar on a terminal; in a pipe nothing is shown."""
    if total < 2 or not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)


def _who(actor: str) -> str:
    with contextlib.suppress(OSError, KeyError):  # a container without a user's name
        return actor or getpass.getuser()
    return "命令行"


# ── folders and documents, no workspace needed ──────────────────────────────────────────────────────────────


@app.command("new-city")
def new_city(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="新的城市文件夹")],
    extends: Annotated[str, typer.Option(help="在哪个文件夹的基础上")] = "china",
) -> None:
    """新建城市文件夹：带注释的模板。"""
    from jiqun import packs

    packs.create(directory, extends)
    typer.echo(f"{directory} 已建立；填好后运行 jiqun check {directory}")


@app.command()
def check(
    folders: Annotated[list[str], typer.Argument(metavar="DIR...", help="城市文件夹，或随程序提供的名称")],
) -> None:
    """检查城市文件夹：一次列出全部问题，并运行其中的 examples/。"""
    from jiqun import flows, packs

    refused = False
    for folder in folders:
        findings = packs.check(folder)
        errors = sum(finding.severity is Severity.ERROR for finding in findings)
        if not errors:
            findings = [*findings, *flows.run_examples(packs.load(folder))]
            errors = sum(finding.severity is Severity.ERROR for finding in findings)
        for finding in findings:
            typer.echo(_line(finding))
        refused = refused or errors > 0
        typer.echo(f"{folder}：{'没有问题' if not findings else f'{errors} 处错误，{len(findings) - errors} 处提示'}")
    if refused:
        raise typer.Exit(1)


@app.command()
def extract(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help=_FORMATS, readable=False)],
    city: Annotated[str, typer.Option(help="城市文件夹，或随程序提供的名称")] = "china",
    claims: Annotated[str, typer.Option(metavar="PATH|-", help="量化事项写到（- 为标准输出）")] = "",
    tasks: Annotated[str, typer.Option(metavar="PATH|-", help="任务写到（- 为标准输出）")] = "",
    text: Annotated[str, typer.Option(metavar="PATH|-", help="原文文本写到")] = "",
) -> None:
    """从政策文件中抽取目标、已实现数和任务，每行一条 JSON；不需要工作区。"""
    claims = claims or ("" if tasks or text == "-" else "-")
    from jiqun import flows

    flows.check_places([claims, tasks, text], files)
    with _progress("抽取", len(files)) as step:
        found = flows.extract_files(files, city, step=step)
    _tell((*found.warnings, *found.refused))
    for content, target in ((found.claims, claims), (found.tasks, tasks), (found.text, text)):
        if target:
            flows.deliver(content, target)
    if found.refused:
        raise typer.Exit(1)


# ── workspaces ──────────────────────────────────────────────────────────────────────────────────────────────


@app.command()
def demo(
    port: Port = 8000,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="建好后是否启动网页")] = True,
    workspace: Annotated[Path, typer.Option("--workspace", help="工作区目录")] = Path("demo-workspace"),
    host: Host = "127.0.0.1",
) -> None:
    """用随程序提供的演示城市建立工作区并启动网页。"""
    from jiqun import flows

    built = flows.build_demo(workspace, tell=lambda step: typer.echo(f"{step} …", err=True))
    typer.echo(f"{workspace}：{built.documents} 份文件，{built.targets} 条目标，{built.figures} 个公布数")
    password = flows.add_demo_user(built.workspace)
    if password:
        typer.echo(f"演示账号 demo，口令 {password}（只显示这一次；忘记了用 jiqun user reset {workspace} demo）")
    if serve:
        flows.serve(built.workspace, host=host, port=port, tell=typer.echo)


@app.command()
def init(
    workspace: Here,
    city: Annotated[str, typer.Option(help="城市文件夹，或随程序提供的名称")],
    database: Annotated[str, typer.Option(help="postgresql://用户@主机/库名；默认用工作区内的 SQLite")] = "",
) -> None:
    """新建工作区。"""
    from jiqun import flows

    ws = flows.create_workspace(workspace, city, database or None)
    typer.echo(f"{ws.path} 已建立（{ws.name}）；用 jiqun user add {workspace} 账号 --role city_admin 新增管理员")


@app.command()
def ingest(
    workspace: Here,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help=_FORMATS, readable=False)],
    actor: Actor = "",
    reason: Reason = "",
) -> None:
    """收录政策文件：保存原件，抽取事项待核。同一份文件再收录一次不会改变什么。"""
    ws = _open(workspace)
    from jiqun import flows

    refused = False
    with _progress("收录", len(files)) as step:
        for file in files:
            step()
            try:
                done = flows.ingest(ws, file, actor=_who(actor), reason=reason)
            except InputRefused as error:
                _tell(error.findings)
                refused = True
                continue
            _tell(finding for finding in done.findings if finding.severity is Severity.WARNING)
            new = f"{done.claims} 条事项待核，{done.tasks} 项任务"
            typer.echo(f"{file}：{new if done.is_new else '已收录过，未作改动'}")
    if refused:
        raise typer.Exit(1)


@app.command("import")
def import_(
    workspace: Here,
    tables: Annotated[list[Path], typer.Argument(metavar="TABLE...", help=_TABLES, readable=False)],
    actor: Actor = "",
    reason: Reason = "",
) -> None:
    """导入本单位的 Excel 台账：全部行都对才导入，否则一行不导，并指出每一处。"""
    ws = _open(workspace)
    from jiqun import flows

    for table in tables:
        done = flows.import_table(ws, table, actor=_who(actor), reason=reason)
        kind = "目标" if done.kind == "targets" else "公布数"
        _tell(finding for finding in done.findings if finding.severity is Severity.WARNING)
        typer.echo(f"{table}：写入 {done.written} 条{kind}，{done.unchanged} 条没有变化")


@app.command()
def assess(
    workspace: Here,
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE", help="按这一天已知的数（默认今天）")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="每行一条 JSON")] = False,
) -> None:
    """对照截至某天已知的数，逐条判断目标进度。"""
    day = _day(as_of)
    ws = _open(workspace)
    import json

    from jiqun import flows

    found = flows.assess(ws, day)
    for target, progress in found.results:
        if as_json:
            typer.echo(json.dumps(flows.progress_record(target, progress), ensure_ascii=False))
        elif progress is not None:
            typer.echo(f"{progress.light.label}　{target.title or target.indicator}：{progress.reason}")
        else:
            typer.echo(f"无法比较　{target.title or target.indicator}：{target.value_text}{target.unit}")
    if not as_json:
        counts = "，".join(f"{light.label} {count}" for light, count in found.lights.items())
        typer.echo(f"{found.on}：{len(found.results)} 条目标；{counts or '无'}", err=True)


@app.command()
def serve(workspace: Here, port: Port = 8000, host: Host = "127.0.0.1") -> None:
    """启动网页。"""
    ws = _open(workspace)
    from jiqun import flows

    flows.serve(ws, host=host, port=port, tell=typer.echo)


@app.command()
def backup(workspace: Here, archive: Archive) -> None:
    """把工作区备份成一个文件；其他人可以继续使用。"""
    from jiqun import flows

    done = flows.backup(workspace, archive)
    typer.echo(f"{done.file}：{done.files} 个文件\nSHA-256 {done.digest}")


@app.command()
def restore(
    workspace: Here,
    archive: Archive,
    database: Annotated[str, typer.Option(help="PostgreSQL 工作区恢复到的空库")] = "",
) -> None:
    """从备份恢复到一个新的工作区目录；逐个文件核对。"""
    from jiqun import flows

    typer.echo(f"{flows.restore(archive, workspace, database_url=database or None)} 已恢复")


@app.command()
def upgrade(workspace: Here) -> None:
    """把工作区升级到本程序的版本，并核对账本。"""
    from jiqun import flows

    ws = flows.upgrade(workspace)
    from jiqun.ledger import chain

    verdict = chain.verify()
    if not verdict.is_whole:
        raise EnvironmentFailed(f"账本核对不通过：{verdict.fault}")
    typer.echo(f"{ws.path} 已是 {__version__} 版；账本完整，共 {verdict.events} 个事件")


@app.command()
def verify(workspace: Here) -> None:
    """核对账本：事件链、每一条记录、防改触发器。"""
    _open(workspace)
    from jiqun.ledger import chain

    verdict = chain.verify()
    if not verdict.is_whole:
        typer.echo(f"账本核对不通过：{verdict.fault}", err=True)
        raise typer.Exit(1)
    typer.echo(f"账本完整，共 {verdict.events} 个事件；末尾 {chain.head()[1]}")


# ── accounts ────────────────────────────────────────────────────────────────────────────────────────────────


@users.command("add")
def user_add(
    workspace: Here,
    username: Annotated[str, typer.Argument(metavar="USERNAME")],
    role: Annotated[str, typer.Option(help="city_admin city_editor department district viewer auditor")],
    body: Annotated[str, typer.Option(help="责任部门账号的部门编号")] = "",
    area: Annotated[str, typer.Option(help="县级市（区）账号的地区编号")] = "",
    actor: Actor = "",
) -> None:
    """新增账号；口令随机生成，只显示这一次。"""
    ws = _open(workspace)
    from jiqun import flows

    password = flows.add_user(ws, username, role, actor=_who(actor), body_id=body or None, area_id=area or None)
    typer.echo(f"账号 {username}\n口令 {password}\n（只显示这一次，首次登录后请修改）")


@users.command("reset")
def user_reset(
    workspace: Here, username: Annotated[str, typer.Argument(metavar="USERNAME")], actor: Actor = ""
) -> None:
    """重置口令；新口令只显示这一次。"""
    ws = _open(workspace)
    from jiqun import flows

    typer.echo(f"账号 {username}\n口令 {flows.reset_password(ws, username, actor=_who(actor))}\n（只显示这一次）")


@users.command("list")
def user_list(workspace: Here) -> None:
    """列出账号。"""
    ws = _open(workspace)
    from jiqun import flows

    for account in flows.list_users(ws):
        scope = account.body_id or account.area_id or ""
        state = "" if account.user.is_active else "　停用"
        typer.echo(f"{account.user.get_username()}　{account.get_role_display()}　{scope}{state}")


# ── shared by commands ──────────────────────────────────────────────────────────────────────────────────────


def _open(path: Path) -> Any:
    from jiqun import workspace

    return workspace.open(path)


def _day(text: str) -> Any:
    from datetime import date

    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"“{text}”不是日期；例：2023-08-08") from None
