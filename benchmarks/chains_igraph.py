"""Load, closures, sampled betweenness and articulation points in igraph (GPL, a peer, never imported by Jiqun).

Run by `chains.py --peer`, on the same edges and sources.
"""

from __future__ import annotations

import json
import sys
import time

import igraph
import numpy as np


def main() -> None:
    given = np.load(sys.argv[1])
    told = {}
    begun = time.perf_counter()
    pairs = np.column_stack([given["begins"], given["ends"]])
    graph = igraph.Graph(n=int(given["links"]), edges=pairs, directed=True)
    told["load"] = time.perf_counter() - begun
    begun = time.perf_counter()
    reached = sum(len(graph.subcomponent(int(link), mode="out")) - 1 for link in given["roots"])
    told["closures"] = time.perf_counter() - begun
    begun = time.perf_counter()
    between = graph.betweenness(directed=True, sources=given["sources"].tolist(), targets=None)
    told["betweenness"] = time.perf_counter() - begun
    begun = time.perf_counter()
    cuts = len(graph.as_undirected(mode="collapse").articulation_points())
    told["cut links"] = time.perf_counter() - begun
    top = int(np.argmax(between))
    print(json.dumps({"times": told, "answers": {"reached": reached, "top": top, "cuts": cuts, "value": between[top]}}))


if __name__ == "__main__":
    main()
