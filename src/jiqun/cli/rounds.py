"""Commands on rounds of forms."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from jiqun.cli.speaking import Actor, Here, opened, who
from jiqun.model import files
from jiqun.model.errors import EnvironmentFailed, UsageError

app = typer.Typer(
    no_args_is_help=True,
    help="报表：due 今天要做什么、open 布置、lock 锁定、deliver 转入、publish 发布汇总、derived 按派生产业归集。",
)
Key = Annotated[str, typer.Argument(metavar="ROUND", help="报表编号|报告期，加引号写，例：'monthly|2026M1'")]


@app.command("due")
def rounds_due(
    workspace: Here,
    do: Annotated[bool, typer.Option("--do", help="按日历布置和锁定；可由计划任务每天运行")] = False,
    actor: Actor = "",
) -> None:
    """今天按日历应布置、应锁定的报表。"""
    ws = opened(workspace)
    from jiqun import flows

    kept = flows.keep_calendar(ws, actor=who(actor)) if do else None
    due = kept or flows.rounds_due(ws)
    done = "已" if do else "应"
    for form_id, period in due.to_open:
        typer.echo(f"{done}布置 {form_id}|{period}")
    for key in due.to_lock:
        typer.echo(f"{done}锁定 {key}")
    for key, why in kept.failed if kept else ():
        typer.echo(f"未办 {key}：{why}", err=True)
    if kept and kept.failed:
        raise typer.Exit(1)
    if not due.to_open and not due.to_lock:
        typer.echo("今天没有要布置或锁定的报表")


@app.command("open")
def round_open(
    workspace: Here,
    form: Annotated[str, typer.Argument(metavar="FORM", help="报表编号")],
    period: Annotated[str, typer.Argument(metavar="PERIOD", help="报告期，例：2026M1")],
    actor: Actor = "",
) -> None:
    """布置一期报表，填报对象就此固定。"""
    ws = opened(workspace)
    from jiqun import flows

    row = flows.open_round(ws, form, period, actor=who(actor))
    typer.echo(f"{row.key} 已布置：{row.owing} 家，{row.due_on} 截止，{row.locks_on} 锁定")


@app.command("lock")
def round_lock(workspace: Here, round_key: Key, actor: Actor = "") -> None:
    """锁定一期报表：已通过的为最终数，未报的为缺报。"""
    ws = opened(workspace)
    from jiqun import flows

    typer.echo(f"{flows.lock_round(ws, round_key, actor=who(actor)).key} 已锁定")


@app.command("deliver")
def round_deliver(
    workspace: Here,
    round_key: Key,
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="其他平台导出的 .xlsx 或 .csv")],
    user: Annotated[str, typer.Option(help="以哪个账号转入（要有导入权限）")],
    reason: Annotated[str, typer.Option(help="锁定之后更正的理由")] = "",
) -> None:
    """转入在其他平台填报的一期报表；有一处错误就一行也不写入。"""
    ws = opened(workspace)
    from jiqun import flows

    account = next((each for each in flows.list_users(ws) if each.user.get_username() == user), None)
    done = flows.deliver_returns(ws, round_key, table, user=account.user if account else None, reason=reason)
    typer.echo(f"转入 {done.written} 家，未变 {done.unchanged} 家，文件中没有的 {done.absent} 家")
    if done.unexplained:
        typer.echo(f"{done.unexplained} 家有核实性问题而没有说明，审核时会看到")
    for check, count in done.unknown.items():
        typer.echo(f"审核关系 {check}：{count} 家缺少数据，未能审核")


@app.command("publish")
def round_publish(workspace: Here, round_key: Key, actor: Actor = "") -> None:
    """把一期的汇总数写入台账：填报中为初步数，锁定后为最终数，之后有变的为修订数。"""
    ws = opened(workspace)
    from jiqun import flows

    done = flows.publish_round(ws, round_key, actor=who(actor))
    typer.echo(
        f"写入 {done.written} 个数，撤回 {done.withdrawn} 个；{done.unknown} 个因覆盖面不足等没有数，"
        f"{done.too_few} 个因单位太少不发布"
    )


@app.command("derived")
def round_derived(
    workspace: Here,
    round_key: Key,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE.xlsx", help="写到哪里")],
    user: Annotated[str, typer.Option(help="以哪个账号看；不在其审核范围内的，只给出推算不出单个企业的数")],
    cell: Annotated[str, typer.Option(help="哪个指标，例：output@current；不写为第一个")] = "",
    area: Annotated[str, typer.Option(help="哪个区域；不写为本账号的第一个")] = "",
    way: Annotated[str, typer.Option(help="归集方式：统计分类的系列，或 clusters（集群）；不写为各统计分类")] = "",
    known: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="当时已知的日期；不写为现在")] = "",
) -> None:
    """把企业填报的一期报表按派生产业或集群归集，写成工作簿：与网页所见相同。"""
    ws = opened(workspace)
    from jiqun import flows
    from jiqun.reports.derived import DerivedFilter
    from jiqun.reports.derived_sheets import derived_sheets
    from jiqun.reports.view import View
    from jiqun.tables import xlsx

    account = next((each for each in flows.list_users(ws) if each.user.get_username() == user), None)
    if account is None:
        raise UsageError(f"没有账号“{user}”；见 jiqun user list")
    try:
        day = date.fromisoformat(known) if known else None
    except ValueError:
        raise UsageError(f"日期“{known}”应写成 2026-02-10 这样") from None
    view, wanted = View(ws.city, ws.today, ws.today, account.user), DerivedFilter(way=way, cell=cell, area=area)
    sheets, notes = derived_sheets(view, ws.path / "registers", round_key, wanted, day)
    written = io.BytesIO()
    xlsx.write(written, sheets, created=ws.clock(), notes=notes)
    try:
        output.write_bytes(written.getvalue())
    except OSError as error:
        raise EnvironmentFailed(f"写不了 {output}：{files.why(error)}") from None
    typer.echo(f"{round_key} 已写到 {output}：{'、'.join(sheet.name for sheet in sheets)}")
