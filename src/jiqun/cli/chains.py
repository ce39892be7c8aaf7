"""Chains of a city folder walked on the command line; no workspace needed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()


@app.command("chain")
def chain(
    city: Annotated[str, typer.Argument(metavar="CITY", help="城市文件夹，或随程序提供的名称")],
    chain_id: Annotated[str, typer.Argument(metavar="[CHAIN]", help="产业链的编号；不写为全部")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="每个环节一行 JSON")] = False,
) -> None:
    """逐环节列出层次、上下游、独此一路和断供影响（区间）。"""
    from jiqun import packs
    from jiqun.industry.chains.analysis import ChainGraph
    from jiqun.model.errors import NotFound

    held = packs.load(city).chains
    if chain_id and chain_id not in held:
        raise NotFound(f"没有产业链“{chain_id}”（已有：{'、'.join(held) or '无'}）")
    for found in [held[chain_id]] if chain_id else held.values():
        walked = ChainGraph(found)
        for number, node in enumerate(found.nodes):
            critical = walked.criticality[number] if walked.criticality else None
            told = {
                "chain_id": found.id, "node_id": node.id, "name": node.name, "segment": node.segment,
                "layer": walked.layers[number], "upstream": len(walked.upstream(node.id)),
                "downstream": len(walked.downstream(node.id)), "cuts_off": walked.sole_ways[number],
                "criticality": critical,
            }  # fmt: skip
            if as_json:
                typer.echo(json.dumps(told, ensure_ascii=False))
                continue
            lost = f"{critical[0]:.0%}—{critical[1]:.0%}" if critical else "未算"
            typer.echo(
                f"{found.name}\t{node.name}\t第{told['layer']}层\t上游{told['upstream']}\t下游{told['downstream']}\t"
                f"独此一路{told['cuts_off']}\t断供影响{lost}"
            )


@app.command("chain-export")
def chain_export(
    city: Annotated[str, typer.Argument(metavar="CITY", help="城市文件夹，或随程序提供的名称")],
    chain_id: Annotated[str, typer.Argument(metavar="CHAIN", help="产业链的编号")],
    target: Annotated[Path, typer.Argument(metavar="FILE", help=".xlsx、.graphml，或放 CSV 的新目录")],
) -> None:
    """导出一条产业链的环节表、边表及其余各表，一项不少。"""
    from jiqun import packs
    from jiqun.industry.chains import carrying
    from jiqun.model.errors import NotFound, UsageError

    held = packs.load(city).chains
    if chain_id not in held:
        raise NotFound(f"没有产业链“{chain_id}”（已有：{'、'.join(held) or '无'}）")
    if target.exists():
        raise UsageError(f"{target} 已存在；请换一个名字，以免盖掉已有的文件")
    chain, kind = held[chain_id], target.suffix.lower()
    if kind == ".xlsx":
        target.write_bytes(carrying.workbook(chain, created=datetime.now(UTC)))
    elif kind == ".graphml":
        target.write_bytes(carrying.graphml(chain))
    elif kind:
        raise UsageError(f"不认得的格式“{kind}”；写 .xlsx、.graphml，或一个没有后缀的目录名（CSV）")
    else:
        target.mkdir(parents=True)
        for name, content in carrying.csv_files(chain).items():
            (target / name).write_bytes(content)
    typer.echo(f"{chain.name}：{len(chain.nodes)} 个环节、{len(chain.all_edges())} 条边，已写入 {target}")


@app.command("chain-import")
def chain_import(
    source: Annotated[Path, typer.Argument(metavar="FILE", help=".xlsx、.graphml，或放 CSV 的目录", readable=False)],
    city: Annotated[str, typer.Argument(metavar="CITY", help="城市文件夹，或随程序提供的名称（只核对）")],
    is_written: Annotated[
        bool, typer.Option("--write", help="写成文件夹里的 chains/<编号>.yaml；不写则只核对")
    ] = False,
    is_replaced: Annotated[bool, typer.Option("--replace", help="文件夹里已有这条产业链时替换它")] = False,
    chain_id: Annotated[str, typer.Option("--id", help="产业链的编号；表里没有写时")] = "",
    name: Annotated[str, typer.Option("--name", help="产业链的名称；表里没有写时")] = "",
) -> None:
    """核对产业链的表，一次列出全部问题；加 --write 写进城市文件夹。"""
    from jiqun import packs
    from jiqun.industry.chains import carrying, exchange
    from jiqun.model.errors import UsageError

    held = packs.load(city)
    tables = exchange.named(carrying.read_tables(source), chain_id, name)
    chain = exchange.assembled(tables)
    exchange.within(chain, held, tables)
    typer.echo(f"{chain.name}：{len(chain.nodes)} 个环节、{len(chain.all_edges())} 条边，没有问题")
    if not is_written:
        return
    folder = Path(city)
    if not (folder / "city.yaml").is_file() or packs.is_bundled(folder):
        raise UsageError("随程序提供的文件夹不能改；请先复制一份，或用 jiqun new-city 新建后写入")
    file = folder / "chains" / f"{chain.id}.yaml"
    if file.exists() and not is_replaced:
        raise UsageError(f"{file} 已存在；要替换它请加 --replace（文件里的注释不会保留）")
    file.parent.mkdir(exist_ok=True)
    half = file.with_name(f".{file.name}.half")
    half.write_text(exchange.as_yaml(chain), "utf-8", newline="\n")
    half.replace(file)
    typer.echo(f"已写入 {file}")
