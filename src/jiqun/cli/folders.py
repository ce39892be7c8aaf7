"""Commands on city folders and single documents; no workspace needed."""

from __future__ import annotations

import contextlib
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jiqun.cli.speaking import FORMATS, line, progress, tell
from jiqun.model.findings import Severity

if TYPE_CHECKING:
    from jiqun.reports.reported_table import Line

app = typer.Typer()


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
    """检查城市文件夹：一次列出全部问题，运行其中的 examples/，并算出每张报表的填报负担。"""
    from jiqun import flows, packs
    from jiqun.statistics.layout import burdens

    refused, today = False, datetime.now(UTC).date()
    for folder in folders:
        findings = packs.check(folder, today)
        errors = sum(finding.severity is Severity.ERROR for finding in findings)
        city = None if errors else packs.load(folder)
        if city is not None:
            findings = [*findings, *flows.run_examples(city)]
            errors = sum(finding.severity is Severity.ERROR for finding in findings)
        for finding in findings:
            typer.echo(line(finding))
        refused = refused or errors > 0
        for form, cost in burdens(city, today) if city is not None else ():
            typer.echo(
                f"{form.number} {form.name}：每家每期 {cost.cells} 格，一年 {cost.rounds} 期共 {cost.cells_a_year} 格"
            )
        typer.echo(f"{folder}：{'没有问题' if not findings else f'{errors} 处错误，{len(findings) - errors} 处提示'}")
    if refused:
        raise typer.Exit(1)


@app.command()
def extract(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help=FORMATS, readable=False)],
    city: Annotated[str, typer.Option(help="城市文件夹，或随程序提供的名称")] = "china",
    claims: Annotated[str, typer.Option(metavar="PATH|-", help="量化事项写到（- 为标准输出）")] = "",
    tasks: Annotated[str, typer.Option(metavar="PATH|-", help="任务写到（- 为标准输出）")] = "",
    systems: Annotated[
        str, typer.Option(metavar="PATH|-", help="文件提出要建立的库、清单、平台、机制写到（- 为标准输出）")
    ] = "",
    text: Annotated[str, typer.Option(metavar="PATH|-", help="原文文本写到")] = "",
    figures: Annotated[
        str, typer.Option(metavar="PATH|-", help="已实现数写成可导入的表（.xlsx 或 .csv；- 为标准输出，csv）")
    ] = "",
    jobs: Annotated[int, typer.Option(min=0, help="同时用几个进程（0：按处理器核数，文件少时只用一个）")] = 0,
) -> None:
    """从政策文件、统计公报中抽取目标、已实现数和任务，每行一条 JSON，已实现数也可成表；不需要工作区。"""
    targets = claims or ("" if tasks or systems or figures or text == "-" else "-"), tasks, systems, text, figures
    from jiqun import flows

    options = ("--claims", "--tasks", "--systems", "--text", "--figures")
    flows.check_places(dict(zip(options, targets, strict=True)), files)
    is_shown = "-" in targets and sys.stdout.isatty()
    refused = False
    table: list[Line] = []
    with contextlib.ExitStack() as open_now:
        step = open_now.enter_context(progress("抽取", 0 if is_shown else len(files)))
        write_claims, write_tasks, write_systems, write_text, write_figures = (
            open_now.enter_context(flows.delivery(target)) for target in targets
        )
        results = flows.extract_files(files, city, jobs=jobs, with_figures=bool(figures))
        for found in open_now.enter_context(contextlib.closing(results)):
            tell((*found.warnings, *found.refused))
            refused = refused or bool(found.refused)
            write_claims(found.claims)
            write_tasks(found.tasks)
            write_systems(found.systems)
            write_text(found.text)
            table += found.figures
            step()
        if figures:
            if not table:
                typer.echo("没有读到已实现数，写出的表是空的；目标用 jiqun ingest 收录", err=True)
            write_figures(flows.figures_table(table, figures, now=datetime.now(UTC)))
    if refused:
        raise typer.Exit(1)
