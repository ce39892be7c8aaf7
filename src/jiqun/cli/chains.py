"""Chains of a city folder walked on the command line; no workspace needed."""

from __future__ import annotations

import json
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
