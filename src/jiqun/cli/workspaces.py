"""Commands on a workspace, from making one to checking its ledger."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from jiqun import __version__
from jiqun.cli.speaking import (
    FORMATS,
    TABLES,
    Actor,
    Archive,
    Here,
    Host,
    Port,
    Reason,
    day_of,
    opened,
    progress,
    tell,
    who,
)
from jiqun.model.errors import EnvironmentFailed, InputRefused
from jiqun.model.findings import Severity

app = typer.Typer()


@app.command()
def demo(
    port: Port = 8000,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="建好后是否启动网页")] = True,
    workspace: Annotated[Path, typer.Option("--workspace", help="工作区目录")] = Path("demo-workspace"),
    host: Host = "127.0.0.1",
) -> None:
    """用随程序提供的演示城市建立工作区并启动网页。"""
    from jiqun import flows

    if serve:
        flows.require_port(host, port)  # told before the minutes that building takes
    if not workspace.exists():
        typer.echo("第一次建立演示工作区，约需一两分钟", err=True)
    built = flows.build_demo(workspace, tell=lambda step: typer.echo(f"{step} …", err=True))
    typer.echo(
        f"{workspace}：{built.documents} 份文件，{built.targets} 条目标，{built.figures} 个公布数"
        + (f"，{built.firms} 家演示企业（凭空生成）" if built.firms else "")
        + (f"，{built.rounds} 期演示报表（凭空生成）" if built.rounds else "")
    )
    password = flows.add_demo_user(built.workspace)
    if password:
        typer.echo(f"演示账号 demo，口令 {password}（只显示这一次；忘记了用 jiqun user reset {workspace} demo）")
        if built.rounds:
            typer.echo(
                "其余演示账号：demo_区划编号（填报）、demo_statistics（审核）、demo_office（清单）、demo_部门编号（责任部门）；"
                f"全部账号见 jiqun user list {workspace}，口令由 jiqun user reset {workspace} 账号 取得"
            )
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
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help=FORMATS, readable=False)],
    actor: Actor = "",
    reason: Reason = "",
) -> None:
    """收录政策文件：保存原件，抽取事项待核。同一份文件再收录一次不会改变什么。"""
    ws = opened(workspace)
    from jiqun import flows

    refused = False
    with progress("收录", len(files)) as step:
        for file in files:
            step()
            try:
                done = flows.ingest(ws, file, actor=who(actor), reason=reason)
            except InputRefused as error:
                tell(error.findings)
                refused = True
                continue
            tell(finding for finding in done.findings if finding.severity is Severity.WARNING)
            new = f"{done.claims} 条事项待核，{done.tasks} 项任务"
            typer.echo(f"{file}：{new if done.is_new else '已收录过，未作改动'}")
    if refused:
        raise typer.Exit(1)


@app.command()
def suggest(
    workspace: Here,
    documents: Annotated[list[str], typer.Argument(metavar="DOCUMENT...", help="已收录文件的文件名，或编号的前几位")],
    agreed: Annotated[bool, typer.Option("--yes", help="同意把文件中的文字发送到本机之外的模型")] = False,
    actor: Actor = "",
    reason: Reason = "",
) -> None:
    """请 workspace.yaml 里配置的模型再找一遍量化表述：只采信原文里有的，逐条待人审核。默认没有模型。"""
    ws = opened(workspace)
    from jiqun import flows

    model = flows.model_of(ws)
    digests = [flows.document_named(name) for name in documents]
    leaving = flows.leaving(model) if model else ""
    if leaving:
        typer.echo(f"注意：{leaving}", err=True)
        if not agreed and sys.stdin.isatty():
            agreed = typer.confirm("同意发送？", err=True)
    for name, digest in zip(documents, digests, strict=True):
        done = flows.suggest(ws, digest, actor=who(actor), reason=reason, may_leave=agreed)
        tell(done.findings)
        added, asked = len(done.added), f"问了 {done.asked} 段（共 {done.portions} 段）"
        typer.echo(f"{name}：{asked}，新增 {added} 条建议待核，舍去 {done.refused} 条")


@app.command("import")
def import_(
    workspace: Here,
    tables: Annotated[list[Path], typer.Argument(metavar="TABLE...", help=TABLES, readable=False)],
    actor: Actor = "",
    reason: Reason = "",
) -> None:
    """导入本单位的 Excel 台账，或 SDMX 报文：全部行都对才导入，否则一行不导，并指出每一处。"""
    ws = opened(workspace)
    from jiqun import flows

    for table in tables:
        done = flows.import_table(ws, table, actor=who(actor), reason=reason)
        kind = "目标" if done.kind == "targets" else "公布数"
        tell(finding for finding in done.findings if finding.severity is Severity.WARNING)
        typer.echo(f"{table}：写入 {done.written} 条{kind}，{done.unchanged} 条没有变化")


@app.command()
def assess(
    workspace: Here,
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE", help="按这一天已知的数（默认今天）")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="每行一条 JSON")] = False,
) -> None:
    """对照截至某天已知的数，逐条判断目标进度。"""
    day = day_of(as_of)
    ws = opened(workspace)
    import json

    from jiqun import flows

    found = flows.assess(ws, day)
    for target, standing in found.results:
        if as_json:
            typer.echo(json.dumps(flows.progress_record(target, standing), ensure_ascii=False))
        elif standing is not None:
            typer.echo(f"{standing.light.label}　{target.title or target.indicator}：{standing.reason}")
        else:
            typer.echo(f"无法比较　{target.title or target.indicator}：{target.value_text}{target.unit}")
    if not found.results:
        typer.echo("还没有目标：在网页“审核”里采纳事项，或用 jiqun import 导入目标", err=True)
    if not as_json:
        counts = "，".join(f"{light.label} {count}" for light, count in found.lights.items())
        typer.echo(f"{found.on}：{len(found.results)} 条目标" + (f"；{counts}" if counts else ""), err=True)


@app.command()
def serve(workspace: Here, port: Port = 8000, host: Host = "127.0.0.1") -> None:
    """启动网页。"""
    ws = opened(workspace)
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
    """核对账本（事件链、每一条记录、防改触发器）和原件、名册、名单的每个文件；名册快照没有记入账本的，补记。"""
    ws = opened(workspace)
    from jiqun import flows
    from jiqun.ledger import chain

    verdict = chain.verify()
    if not verdict.is_whole:
        typer.echo(f"账本核对不通过：{verdict.fault}", err=True)
        raise typer.Exit(1)
    recovered = flows.settle(ws, actor=who(""))
    tell(flows.recovery(manifest) for manifest in recovered)
    verdict = chain.verify() if recovered else verdict
    if altered := flows.altered(ws):
        raise InputRefused(altered)
    typer.echo(f"账本完整，共 {verdict.events} 个事件；末尾 {chain.head()[1]}")
