"""The command that plans layouts: of a workspace's folder, or of a city folder without one."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from jiqun.cli.speaking import day_of, opened, progress

app = typer.Typer()


@app.command("layout")
def layout(
    place: Annotated[str, typer.Argument(metavar="WORKSPACE|DIR", help="工作区，或城市文件夹，或随程序提供的名称")],
    as_json: Annotated[bool, typer.Option("--json", help="写成 JSON")] = False,
    problem: Annotated[str, typer.Option("--layout", metavar="ID", help="只算这一个（默认：全部）")] = "",
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE", help="按哪一天的权重（默认今天）")] = "",
    seconds: Annotated[float, typer.Option(min=0.1, help="每个问题最多算多少秒")] = 60.0,
) -> None:
    """集群错位布局：求出并证明最优方案和备选；排不下时，指出互相抵触的条款。"""
    from jiqun import flows

    on = day_of(as_of)
    if (Path(place) / "workspace.yaml").is_file():
        ws = opened(Path(place))
        city, today, registers = ws.city, ws.today, ws.path / "registers"
        adopted = flows.adopted_layouts(ws, on or today)
    else:
        from jiqun import packs

        registers, adopted = None, {}
        city, today = packs.load(place), date.today()  # noqa: DTZ011  the day where the command is typed
    day = on or today
    with progress("布局", len(flows.layouts_of(city, problem))) as step, _quiet():
        found = list(
            flows.plan_layouts(
                city, day, layout_id=problem, registers=registers, adopted=adopted, seconds=seconds, step=step
            )
        )
    if as_json:
        records = [flows.layout_record(one, examined, day) for one, examined in found]
        typer.echo(json.dumps({"city": city.id, "folder": city.digest, "layouts": records}, ensure_ascii=False))
        return
    for one, examined in found:
        typer.echo("\n".join(flows.layout_lines(one, examined)))


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """HiGHS prints a line of its own now and then, past Python: it must not stand before the JSON."""
    sys.stdout.flush()
    try:
        kept = os.dup(1)
    except OSError:  # standard output is closed
        yield
        return
    with contextlib.closing(os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")) as nowhere:
        os.dup2(nowhere.fileno(), 1)
        try:
            yield
        finally:
            os.dup2(kept, 1)
            os.close(kept)
