"""Commands on dockets: what stands in them, and one command for each verb."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from jiqun.cli.speaking import Here, Reason, day_of, opened, tell
from jiqun.model.errors import UsageError

app = typer.Typer(
    no_args_is_help=True,
    help="清单：list 查看、open 登记、amend 修改、move 办理、withdraw 撤回、import 导入、export 导出。",
)
Docket = Annotated[str, typer.Argument(metavar="DOCKET", help="清单编号，例：bottlenecks")]
Key = Annotated[str, typer.Argument(metavar="ITEM", help="清单编号|条目编号，加引号写，例：'bottlenecks|KBZ-2026-001'")]
Fields = Annotated[list[str] | None, typer.Argument(metavar="FIELD=VALUE", help="各项内容，例：kind=产品")]
User = Annotated[str, typer.Option(help="以哪个账号办理；能做什么由清单写明")]


@app.command("list")
def items_list(
    workspace: Here,
    user: User,
    docket: Annotated[str, typer.Argument(metavar="[DOCKET]", help="只看这一份，逐条列出")] = "",
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE", help="截至哪一天（默认今天）")] = "",
) -> None:
    """各清单每个状态有多少条；指明一份清单时逐条列出，超期的在前。"""
    ws, account = _entered(workspace, user)
    from jiqun.reports.dockets import ItemFilter, dockets
    from jiqun.reports.dockets import docket as one
    from jiqun.reports.view import View

    view = View(ws.city, day_of(as_of) or ws.today, ws.today, account)
    if not docket:
        for row in dockets(view).rows:
            states = "、".join(f"{each.state.name} {each.count}" for each in row.states)
            typer.echo(f"{row.ref.id}　{row.ref.name}：共 {row.total} 条，超期 {row.late} 条（{states}）")
        return
    page = one(view, docket, ItemFilter(), size=20_000)
    for item in page.rows:
        due = f"，本步期限 {item.due_on}" if item.due_on and not item.is_end else ""
        late = f"，超期 {item.days_late} 天" if item.days_late else ""
        owner = item.owner.name if item.owner else "主责待明确"
        mark = "【演示数据】" if item.is_invented else ""
        typer.echo(f"{item.key}　{mark}{item.title}：{item.state.name}，{owner}{due}{late}")


@app.command("open")
def item_open(workspace: Here, docket: Docket, user: User, fields: Fields = None, reason: Reason = "") -> None:
    """登记一个条目，编号自动产生。"""
    ws, account = _entered(workspace, user)
    from jiqun import flows
    from jiqun.flows.dockets import Opened

    row = flows.open_item(ws, docket, _given(fields), user=account, about=Opened(reason, "cli"))
    typer.echo(f"{row.key} 已登记")


@app.command("amend")
def item_amend(workspace: Here, item: Key, user: User, fields: Fields = None, reason: Reason = "") -> None:
    """修改一个条目；改之前的内容留在流转记录里。"""
    ws, account = _entered(workspace, user)
    from jiqun import flows

    typer.echo(f"{flows.amend_item(ws, item, _given(fields), user=account, reason=reason).key} 已修改")


@app.command("move")
def item_move(
    workspace: Here,
    item: Key,
    step: Annotated[str, typer.Argument(metavar="STEP", help="步骤编号，例：publish")],
    user: User,
    fields: Fields = None,
    reason: Reason = "",
) -> None:
    """办理一步。"""
    ws, account = _entered(workspace, user)
    from jiqun import flows

    row = flows.move_item(ws, item, step, _given(fields), user=account, reason=reason)
    typer.echo(f"{row.key} 现在是“{ws.city.dockets[row.docket_id].state(row.state).name}”")


@app.command("withdraw")
def item_withdraw(workspace: Here, item: Key, user: User, reason: Reason = "") -> None:
    """撤回登记有误的条目；编号不再使用。"""
    ws, account = _entered(workspace, user)
    from jiqun import flows

    typer.echo(f"{flows.withdraw_item(ws, item, user=account, reason=reason).key} 已撤回")


@app.command("import")
def items_import(
    workspace: Here,
    docket: Docket,
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="xlsx、xls 或 csv", readable=False)],
    user: User,
    reason: Reason = "",
) -> None:
    """导入一张表：有编号的修改，没有编号的登记；有一处错误就一行也不写入。"""
    ws, account = _entered(workspace, user)
    from jiqun import flows

    done = flows.import_items(ws, docket, table, user=account, reason=reason)
    tell(done.notes)
    typer.echo(f"新登记 {done.opened} 条，修改 {done.amended} 条，未变 {done.unchanged} 条")


@app.command("export")
def items_export(
    workspace: Here,
    docket: Docket,
    user: User,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE.xlsx", help="写到哪里")],
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE", help="截至哪一天（默认今天）")] = "",
) -> None:
    """按清单规定的各栏导出为 Excel。"""
    ws, account = _entered(workspace, user)
    from jiqun import flows

    output.write_bytes(flows.export_items(ws, docket, user=account, on=day_of(as_of)))
    typer.echo(f"已写入 {output}")


def _entered(workspace: Path, name: str) -> tuple[Any, Any]:
    """The workspace, and the account that is asked for. Raises UsageError for one that there is not."""
    ws = opened(workspace)
    from jiqun import flows

    account = next((each.user for each in flows.list_users(ws) if each.user.get_username() == name), None)
    if account is None:
        raise UsageError(f"没有账号“{name}”；见 jiqun user list")
    return ws, account


def _given(fields: list[str] | None) -> dict[str, Any]:
    """The fields as the verbs take them. Raises UsageError for words that are no field."""
    from jiqun.records.filling import typed

    strange = [word for word in fields or () if "=" not in word]
    if strange:
        raise UsageError(f"“{strange[0]}”不是 编号=内容 的写法，例：kind=产品")
    return {id_: typed(text) for id_, _, text in (word.partition("=") for word in fields or ())}
