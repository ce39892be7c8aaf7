"""`jiqun user`: accounts of a workspace."""

from __future__ import annotations

from typing import Annotated

import typer

from jiqun.cli.speaking import Actor, Here, opened, who

app = typer.Typer(no_args_is_help=True, help="账号：add 新增、reset 重置口令、list 列出。")


@app.command("add")
def user_add(
    workspace: Here,
    username: Annotated[str, typer.Argument(metavar="USERNAME", help="账号名，登录用")],
    role: Annotated[str, typer.Option(help="city_admin city_editor department district respondent viewer auditor")],
    body: Annotated[str, typer.Option(help="责任部门账号的部门编号")] = "",
    area: Annotated[str, typer.Option(help="县级市（区）、园区、镇账号的地区编号")] = "",
    firm: Annotated[str, typer.Option(help="填报单位账号的统一社会信用代码")] = "",
    actor: Actor = "",
) -> None:
    """新增账号；口令随机生成，只显示这一次。"""
    ws = opened(workspace)
    from jiqun import flows

    scope = {"body_id": body or None, "area_id": area or None, "respondent_id": firm or None}
    password = flows.add_user(ws, username, role, actor=who(actor), **scope)
    typer.echo(f"账号 {username}\n口令 {password}\n（只显示这一次，首次登录后请修改）")


@app.command("reset")
def user_reset(
    workspace: Here,
    username: Annotated[str, typer.Argument(metavar="USERNAME", help="账号名，登录用")],
    actor: Actor = "",
) -> None:
    """重置口令；新口令只显示这一次。"""
    ws = opened(workspace)
    from jiqun import flows

    typer.echo(f"账号 {username}\n口令 {flows.reset_password(ws, username, actor=who(actor))}\n（只显示这一次）")


@app.command("list")
def user_list(workspace: Here) -> None:
    """列出账号。"""
    ws = opened(workspace)
    from jiqun import flows

    for account in flows.list_users(ws):
        scope = account.body_id or account.area_id or account.respondent_id or ""
        state = "" if account.user.is_active else "　停用"
        typer.echo(f"{account.user.get_username()}　{account.get_role_display()}　{scope}{state}")
