"""Commands on split keys: which divisions of the cluster catalogue have one, and stating it."""

from __future__ import annotations

from typing import Annotated

import typer

from jiqun.cli.speaking import Actor, Here, Reason, day_of, opened, who
from jiqun.model.errors import UsageError

app = typer.Typer()
_PART = "去向的份额，每个一次：39、39% 或 2/5；目录外写 =5"


@app.command("split-keys")
def split_keys(
    workspace: Here,
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE", help="按哪一天（默认今天）")] = "",
) -> None:
    """列出各版目录之间要分劈的集群，和写明的分劈依据。"""
    ws = opened(workspace)
    from jiqun.industry.catalogues import editions
    from jiqun.reports.split_pages import division_rows
    from jiqun.reports.view import View

    view = View(ws.city, day_of(as_of) or ws.today, ws.today)
    is_none = True
    for series in dict.fromkeys(one.series for one in ws.city.catalogues):
        for row in division_rows(view, editions(ws.city.catalogues, series)):
            parts = "，".join(f"{part.id}={part.share or '?'}（{part.name}）" for part in row.parts)
            said = f"{row.key.since} 起，{row.key.source}" if row.key else "没有依据"
            typer.echo(f"{row.from_id}:{row.to_id}:{row.cluster.id}\t{row.cluster.name}\t{parts}\t{said}")
            is_none = False
    if is_none:
        typer.echo("各版目录之间没有要分劈的集群", err=True)


@app.command("split-key")
def split_key(  # noqa: PLR0913, PLR0917 - each is a word of the command
    workspace: Here,
    division: Annotated[str, typer.Argument(metavar="FROM:TO:CLUSTER", help="要分劈的，写法同 split-keys 所列")],
    part: Annotated[list[str] | None, typer.Option(metavar="ID=SHARE", help=_PART)] = None,
    by: Annotated[str, typer.Option(metavar="INDICATOR@PERIOD", help="依据的序列；不写份额时按它的数分")] = "",
    source: Annotated[str, typer.Option(help="来源：文件、年鉴、统计口径")] = "",
    since: Annotated[str, typer.Option(metavar="DATE", help="施行日（默认今天）；之前各日不变")] = "",
    withdraw: Annotated[bool, typer.Option("--withdraw", help="撤回：自施行日起没有依据")] = False,
    actor: Actor = "",
    reason: Reason = "",
) -> None:
    """写明、修订或撤回一个集群的分劈依据；记为一个事件，可以撤销。"""
    ws = opened(workspace)
    from jiqun import flows
    from jiqun.reports.split_keys import parts_of, shares_of
    from jiqun.reports.view import View

    named = division.split(":")
    if len(named) != 3:
        raise UsageError("写成 原版:新版:集群；可写的见 jiqun split-keys")
    found = flows.division_of(ws.city, *named)
    if withdraw:
        gone = flows.withdraw_split_key(ws, found, actor=who(actor), reason=reason, known_on=day_of(since))
        typer.echo(f"{found.cluster_id}：自 {gone.known_on} 起没有分劈依据")
        return
    pairs = [text.rpartition("=") for text in part or ()]
    if any(not equals for _, equals, _ in pairs):
        raise UsageError("--part 写成 去向的编号=份额，例：--part 编号=39")
    indicator_id, _, period = by.partition("@")
    typed = flows.KeyTyped({id_: share for id_, _, share in pairs}, indicator_id, period, source)
    row = flows.state_split_key(ws, found, typed, actor=who(actor), reason=reason, known_on=day_of(since))
    told = parts_of(View(ws.city, ws.today, ws.today), shares_of(row))
    typer.echo(f"{found.cluster_id}：{'，'.join(f'{one.name} {one.share}' for one in told)}，自 {row.known_on} 起")
