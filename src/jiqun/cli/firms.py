"""Commands on the register of firms of a workspace."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jiqun.cli.speaking import Actor, Here, Reason, day_of, opened, stages, tell, who
from jiqun.model.errors import UsageError

app = typer.Typer()
Name = Annotated[str, typer.Option("--register", help="名册的代号；网页显示的是 firms")]
_LIST = (
    "称号.阶段.年度.批次，如 hnte.recognised.2023.1；阶段：pooled 入库、cultivated 培育、recognised 认定、"
    "rechecked 复核、revoked 取消、left 退库"
)


@app.command("import-firms")
def import_firms(
    workspace: Here,
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="企业名册：xlsx xls csv parquet", readable=False)],
    day: Annotated[str, typer.Option("--day", metavar="DATE", help="名册反映哪一天的企业；年度数默认为上一年的")],
    purpose: Annotated[str, typer.Option(help="为何收集：administrative、service、statistical")] = "administrative",
    register: Name = "firms",
    actor: Actor = "",
    reason: Reason = "",
) -> None:
    """导入企业名册，成为某一天的快照：读不懂的格子记为未知，损坏的行原样留存并逐处指出。"""
    from jiqun.model.purposes import Purpose

    on = day_of(day)
    if on is None or purpose not in list(Purpose):
        raise UsageError(f"没有用途“{purpose}”（可用：{'、'.join(Purpose)}）" if on else "请用 --day 写明日期")
    ws = opened(workspace)
    from jiqun import flows

    with stages("导入名册") as progress:
        done = flows.import_firms(
            ws, table, actor=who(actor), day=on, purpose=Purpose(purpose), name=register, reason=reason,
            progress=progress,
        )  # fmt: skip
    tell(done.findings)
    kept = f"{done.manifest.rows} 家企业，{done.kept_out} 行未收入（原样留存）"
    typer.echo(f"{table}：{kept if done.is_new else '已导入过，未作改动'}（{on} 的快照）")


@app.command("classify-firms")
def classify_firms(
    workspace: Here,
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE", help="按哪一天的名册和标准（默认今天）")] = "",
    tiers: Annotated[str, typer.Option(metavar="A,B", help="梯度层级的编号；不写为当日有效的全部")] = "",
    register: Name = "firms",
    actor: Actor = "",
    reason: Reason = "",
) -> None:
    """按梯度培育标准判定名册里的每一家企业，结果留在工作区，供网页查看。"""
    on = day_of(as_of)
    ws = opened(workspace)
    from jiqun import flows

    wanted = [part.strip() for part in tiers.split(",") if part.strip()]
    done = flows.classify_firms(
        ws, on or ws.today, actor=who(actor), name=register, tier_ids=wanted, reason=reason
    )  # fmt: skip
    said = f"{done.firms} 家企业，{len(done.tier_ids)} 个层级，{done.on} 的标准，{done.snapshot_day} 的名册"
    typer.echo(said if done.is_new else f"{said}（此前已判定，未作改动）")


@app.command("place-firms")
def place_firms(
    workspace: Here,
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE", help="按哪一天的名册（默认今天）")] = "",
    register: Name = "firms",
    actor: Actor = "",
    reason: Reason = "",
) -> None:
    """按经营范围和主导产品把名册里的企业归到产业链环节，结果留在工作区，供网页查看。"""
    on = day_of(as_of)
    ws = opened(workspace)
    from jiqun import flows

    done = flows.place_firms(ws, on or ws.today, actor=who(actor), name=register, reason=reason)
    said = f"{done.firms} 家企业中 {done.placed} 家归到环节，{done.snapshot_day} 的名册"
    typer.echo(said if done.is_new else f"{said}（此前已归链，未作改动）")


@app.command("gather-firms")
def gather_firms(
    workspace: Here,
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE", help="按哪一天的名册（默认今天）")] = "",
    draws: Annotated[int, typer.Option(help="每项检验随机抽取多少次；不写按 definitions.yaml")] = 0,
    out: Annotated[Path | None, typer.Option("-o", "--out", metavar="OUT.xlsx|csv|json", help="另写一份")] = None,
    register: Name = "firms",
    actor: Actor = "",
    reason: Reason = "",
) -> None:
    """按坐标找出各产业、各集群的密集片区，算出在哪些距离上集聚，结果留在工作区，供网页查看。"""
    on = day_of(as_of)
    ws = opened(workspace)
    from jiqun import flows

    with stages("计算集聚") as progress:
        done = flows.gather_firms(
            ws, on or ws.today, actor=who(actor), name=register, reason=reason, draws=draws or None,
            progress=progress,
        )  # fmt: skip
    if out is not None:
        flows.write_gathered(ws, done, out)
    said = f"{done.firms} 家企业中 {done.placed} 家有坐标，{done.areas} 个密集片区，{done.snapshot_day} 的名册"
    typer.echo(said if done.is_new else f"{said}（此前已计算，未作改动）")


@app.command("import-list")
def import_list(
    workspace: Here,
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="公布的名单：xlsx xls csv", readable=False)],
    name: Annotated[str, typer.Option("--list", metavar="LIST", help=_LIST)],
    published_on: Annotated[str, typer.Option("--published-on", metavar="DATE", help="公布日期")],
    actor: Actor = "",
    reason: Reason = "",
) -> None:
    """收录主管部门公布的名单：逐行对到名册里的企业，对不准的留在网页上等人来定。"""
    from jiqun.enterprises.membership import Batch

    on = day_of(published_on)
    try:
        batch = Batch.parse(name)
    except ValueError:
        raise UsageError(f"“{name}”不是名单的代号；{_LIST}") from None
    if on is None:
        raise UsageError("请用 --published-on 写明公布日期")
    ws = opened(workspace)
    from jiqun import flows

    done = flows.import_list(ws, table, batch, actor=who(actor), published_on=on, reason=reason)
    tell(done.listed.findings)
    typer.echo(f"{table}：{done.manifest.rows} 家企业，{done.manifest.damaged_rows} 行待定（名单 {batch.name}）")


@app.command("count-lists")
def count_lists(
    workspace: Here,
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE", help="按哪一天已知的名单和名册（默认今天）")] = "",
    record: Annotated[bool, typer.Option("--record", help="把有指标的计数记入台账")] = False,
    actor: Actor = "",
    reason: Reason = "",
) -> None:
    """核算已收录的名单：逐年逐区的年末数、认定数、净增数和平衡，列出与公布数不同的。"""
    on = day_of(as_of)
    ws = opened(workspace)
    from jiqun import flows

    run = flows.count_cohorts(ws, actor=who(actor), known_on=on)
    told = run.result
    for each in told["differences"]:
        if each["contradicts"]:
            said = f"{each['area_id']} {each['year']} {each['indicator_id']}"
            ours = f"{each['least']}–{each['most']}" if each["ours"] is None else each["ours"]
            typer.echo(f"与公布数不同：{said}：名单 {ours}，公布 {each['stated']}（{each['source']}）", err=True)
    known = sum(count["value"] is not None for count in told["counts"])
    rest = f"另有 {len(told['counts']) - known} 个缺名单或有待定的行"
    balances = f"{len(told['balances'])} 项平衡，{len(told['unexplained'])} 项不平"
    typer.echo(f"第 {run.pk} 号运行：{known} 个数（{rest}），{balances}")
    if record:
        done = flows.record_cohorts(ws, run, actor=who(actor), reason=reason)
        typer.echo(f"记入台账 {done.written} 个数，{done.unchanged} 个没有变化，{done.left_out} 个没有数值或指标")
