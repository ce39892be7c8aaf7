"""Commands on registers of firms; no workspace needed."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def classify(
    register: Annotated[Path, typer.Argument(metavar="REGISTER.parquet", help="企业名册的一份快照")],
    out: Annotated[Path, typer.Option("-o", "--out", metavar="OUT.parquet", help="判定结果写到")],
    tiers: Annotated[str, typer.Option(metavar="A,B", help="梯度层级的编号；不写为当日有效的全部")] = "",
    as_of: Annotated[datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="按哪一天的标准")] = None,
    city: Annotated[str, typer.Option(help="城市文件夹，或随程序提供的名称")] = "china",
    engine: Annotated[str, typer.Option(help="local：本机；spark：Spark")] = "local",
) -> None:
    """按梯度培育标准逐条判定企业：每条符合、不符合或未知，结果写成 Parquet。"""
    from jiqun import packs
    from jiqun.enterprises import tiers as ladder
    from jiqun.model.errors import UsageError

    if engine not in ("local", "spark"):
        raise UsageError(f"没有引擎“{engine}”（可用：local、spark）")
    on = date.today() if as_of is None else as_of.date()  # noqa: DTZ011 - the office's own calendar
    folder = packs.load(city)
    wanted = [name.strip() for name in tiers.split(",") if name.strip()] or list(ladder.tiers_on(folder, on))
    firms = ladder.write_classified(register, folder, wanted, on, out, "spark" if engine == "spark" else "local")
    typer.echo(f"{out}：{firms} 家企业，{len(wanted)} 个层级，{on} 的标准")
