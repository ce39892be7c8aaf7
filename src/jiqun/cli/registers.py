"""Commands on registers of firms; no workspace needed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from jiqun.cli.speaking import day_of

app = typer.Typer()


@app.command()
def classify(
    register: Annotated[Path, typer.Argument(metavar="REGISTER.parquet", help="企业名册的一份快照")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="OUT.parquet", help="判定结果写到")],
    tiers: Annotated[str, typer.Option(metavar="A,B", help="梯度层级的编号；不写为当日有效的全部")] = "",
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE", help="按哪一天的标准（默认今天）")] = "",
    city: Annotated[str, typer.Option(help="城市文件夹，或随程序提供的名称")] = "china",
    engine: Annotated[str, typer.Option(help="local：本机；spark：Spark")] = "local",
) -> None:
    """按梯度培育标准逐条判定企业，写成 Parquet：每条一列 __meets（符合）、一列 __fails（不符合），都不是即未知。"""
    from jiqun import packs
    from jiqun.enterprises import tiers as ladder
    from jiqun.model.errors import UsageError

    if engine not in ("local", "spark"):
        raise UsageError(f"没有引擎“{engine}”（可用：local、spark）")
    on = day_of(as_of) or date.today()  # noqa: DTZ011 - the office's own calendar
    folder = packs.load(city)
    wanted = [name.strip() for name in tiers.split(",") if name.strip()] or list(ladder.tiers_on(folder, on))
    firms = ladder.write_classified(register, folder, wanted, on, out, "spark" if engine == "spark" else "local")
    typer.echo(f"{out}：{firms} 家企业，{len(wanted)} 个层级，{on} 的标准")


@app.command()
def measure(  # noqa: PLR0913, PLR0917 - each is a word of the command
    register: Annotated[Path, typer.Argument(metavar="REGISTER.parquet", help="企业名册的一份快照", readable=False)],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="OUT.xlsx|csv|json", help="结果写到")],
    by: Annotated[str, typer.Option(help="行业层级 1 门类、2 大类、3 中类、4 小类，或集群目录的编号")] = "2",
    size: Annotated[str, typer.Option(help="规模：firms（企业数）、employees、revenue_yuan 等数据项")] = "employees",
    measures: Annotated[str, typer.Option(metavar="A,B", help="测度的编号；不写为全部")] = "",
    before: Annotated[
        Path | None, typer.Option(metavar="EARLIER.parquet", help="前期快照：算增幅，找疑似新兴集群")
    ] = None,
    city: Annotated[str, typer.Option(help="城市文件夹，或随程序提供的名称")] = "china",
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE", help="集群归属按哪一天（默认今天）")] = "",
    declared: Annotated[str, typer.Option("--collected-for", help="名册没有写明收集用途时写明")] = "",
) -> None:
    """按区域和产业（或集群）计算集聚测度：区位商及区间、集中度、专业化、关联密度、复杂度、星级、与相邻区域的比较。

    会泄露个别企业的格子不予显示；每个测度的公式和出处随表写明，没有数的格子写明原因。
    """
    from jiqun import flows
    from jiqun.flows.measuring import MeasureOrder

    on = day_of(as_of) or date.today()  # noqa: DTZ011 - the office's own calendar
    wanted = tuple(name.strip() for name in measures.split(",") if name.strip())
    done = flows.measure_register(
        register, out, MeasureOrder(by, size, wanted, on, declared), city=city, before=before
    )  # fmt: skip
    of = done.survey
    said = (
        f"{done.firms} 家企业，{len(of.area_ids)} 个区域，{len(of.group_ids)} 个产业，{int(of.hidden.sum())} 格不予显示"
    )
    typer.echo(f"{out}：{said}")
