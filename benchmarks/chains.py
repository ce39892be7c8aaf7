"""A chain of 100,000 links and 500,000 edges: load, closures, layers, betweenness, weak spots, a shock.

    python benchmarks/chains.py                     our own figures
    python benchmarks/chains.py --peer PYTHON       also igraph (GPL), of the Python that has it with numpy

The edges are invented: ends drawn at random, beginnings with a leaning towards few suppliers, so that some feed
hundreds. With a peer, both do the same work in turn, three rounds each, the best counts, and answers are compared.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from jiqun.industry.chains import graph as graphs
from jiqun.industry.chains.graph import Graph
from jiqun.industry.chains.shocks import Supplies, losses

IGRAPH = Path(__file__).with_name("chains_igraph.py")


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--links", type=int, default=100_000)
    words.add_argument("--edges", type=int, default=500_000)
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--peer", help="a Python that has igraph and numpy")
    asked = words.parse_args()
    given = drawn(asked.links, asked.edges)
    best: dict[str, float] = {}
    theirs: dict[str, float] = {}
    answers: dict[str, float] = {}
    told: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "chain.npz"
        np.savez(file, **given)
        for _ in range(asked.rounds):
            keep_best(best, own(given, answers))
            if asked.peer:
                whole = subprocess.run([asked.peer, str(IGRAPH), str(file)], check=True, capture_output=True, text=True)
                told = json.loads(whole.stdout.splitlines()[-1])
                keep_best(theirs, told["times"])
    print(f"{asked.links:,} links, {asked.edges:,} edges; load average {os.getloadavg()[0]:.1f}")
    for name, seconds in best.items():
        beside = f"   igraph {theirs[name]:7.3f} s   {theirs[name] / seconds:5.1f} ×" if name in theirs else ""
        print(f"{name:28} {seconds:7.3f} s{beside}")
    if told:
        same = all(np.isclose(answers[name], value) for name, value in dict(told["answers"]).items())
        print(f"answers {'agree' if same else 'DIFFER'}: {answers}")


def drawn(links: int, edges: int) -> dict[str, np.ndarray]:
    chance = np.random.default_rng(20)
    begins = (links * chance.random(2 * edges) ** 2).astype(np.int64)
    whole = np.unique(begins * links + chance.integers(0, links, 2 * edges))
    whole = chance.permutation(whole[whole // links != whole % links])[:edges]
    return {
        "links": np.array(links), "begins": (whole // links).astype(np.int32), "ends": (whole % links).astype(np.int32),
        "roots": chance.choice(links, 30, replace=False), "sources": chance.choice(links, 64, replace=False),
    }  # fmt: skip


def own(given: dict[str, np.ndarray], answers: dict[str, float]) -> dict[str, float]:
    times: dict[str, float] = {}

    def timed(name: str, work: Callable[[], object]) -> object:
        begun = time.perf_counter()
        done = work()
        times[name] = time.perf_counter() - begun
        return done

    links = int(given["links"])

    def load() -> Graph:
        graph = Graph.of(links, given["begins"], given["ends"])
        assert graph.matrix.nnz and graph.sources.size
        return graph

    graph = timed("load", load)
    assert isinstance(graph, Graph)
    answers["reached"] = timed("closures", lambda: sum(graphs.reached(graph, int(r)).size for r in given["roots"]))  # type: ignore[assignment]
    times["closure of one"] = times["closures"] / given["roots"].size
    between = timed("betweenness", lambda: graphs.betweenness(graph, given["sources"]))
    cuts = timed("cut links", lambda: graphs.cut_links(graph))
    assert isinstance(between, np.ndarray) and isinstance(cuts, np.ndarray)
    answers |= {"top": int(between.argmax()), "value": float(between.max()), "cuts": int(cuts.size)}
    timed("layers", lambda: graphs.layers(graph))
    timed("sole ways", lambda: graphs.sole_ways(graph))
    chance = np.random.default_rng(21)
    shares = np.where(chance.random(graph.targets.size) < 0.5, np.nan, chance.random(graph.targets.size) * 0.2)
    supplies = Supplies.of(graph, shares, chance.random(graph.targets.size) < 0.1)
    timed("shock of one, both bounds", lambda: losses(supplies, [int(given["roots"][0])]))
    return times


def keep_best(best: dict[str, float], times: dict[str, float]) -> None:
    for name, seconds in times.items():
        best[name] = min(seconds, best.get(name, seconds))


if __name__ == "__main__":
    main()
