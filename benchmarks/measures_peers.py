"""Steps of `measures.py` that peers do, run by a Python that has them; nothing of Jiqun is imported but its answers.

esda does 20 industries and is scaled to all; ecomplexity leaves out its check of log-supermodularity, which costs more
than the rest together. concentrationmetrics iterates over one-element keys, which pandas 2 gives as tuples: it is
handed plain keys.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
import measures

warnings.filterwarnings("ignore")
FEW = 20


def concentrationmetrics(data: Path) -> Callable[[], object]:
    import pandas as pd
    from concentrationMetrics import Index

    grouped = pd.DataFrame.groupby

    def plain(self: pd.DataFrame, by: object = None, **more: object) -> object:
        return grouped(self, by[0] if isinstance(by, list) and len(by) == 1 else by, **more)

    pd.DataFrame.groupby = plain

    def work() -> dict[str, float]:
        frame = pd.read_parquet(data / "numbered.parquet", columns=["employees", "area", "industry"])
        frame.columns = ["Exposure", "Area", "Industry"]
        return {"sum_of_eg": float(np.nansum(Index().ellison_glaeser(frame, measures.AREAS, measures.INDUSTRIES)))}

    return work


def long_frame(data: Path) -> object:
    import pandas as pd

    sizes = np.load(data / "sizes.npy")
    area, industry = np.indices(sizes.shape)
    return pd.DataFrame(
        {"year": 1, "area": area.ravel(), "industry": industry.ravel(), "size": sizes.ravel()}
    )  # fmt: skip


def ecomplexity(data: Path) -> Callable[[], object]:
    from ecomplexity import ecomplexity as peer

    frame = long_frame(data)
    columns = {"time": "year", "loc": "area", "prod": "industry", "val": "size"}

    def work() -> object:
        with contextlib.redirect_stdout(io.StringIO()):
            work.found = peer(frame, columns, check_logsupermodularity=False)
        return None

    return work


def economic_complexity(data: Path) -> Callable[[], object]:
    import economic_complexity as peer
    import pandas as pd

    table = pd.DataFrame(np.load(data / "sizes.npy"))

    def work() -> None:
        rca = peer.rca(table)
        peer.complexity(rca)
        near = peer.proximity(rca)
        peer.relatedness(rca, proximities=near)

    return work


def esda(data: Path) -> Callable[[], object]:
    from esda.moran import Moran
    from libpysal.weights import KNN

    values = measures.shares(data)
    w = KNN.from_array(np.load(data / "areas.npy"), k=6)
    w.transform = "r"

    def work() -> dict[str, float]:
        for column in range(FEW):
            Moran(values[:, column], w, permutations=999)
        return {"scaled": measures.INDUSTRIES / FEW}

    return work


def sklearn(data: Path) -> Callable[[], object]:
    from sklearn.cluster import DBSCAN

    points = np.load(data / "points.npy")

    def work() -> dict[str, str]:
        found = DBSCAN(eps=measures.REACH_M, min_samples=measures.LEAST, n_jobs=2).fit(points)
        return {"labels": measures.digest(found.labels_)}

    return work


def brute(data: Path) -> Callable[[], object]:
    """Every pair's distance into bins of 250 m, compiled, two threads: the floor that dbmss was measured against."""
    import numba

    points = np.load(data / "points.npy")[:10_000]

    @numba.njit(parallel=True, fastmath=True)
    def counted(points, bins, width):
        parts = np.zeros((2, bins), np.int64)
        for part in numba.prange(2):
            for k in range(part, len(points), 2):
                for j in range(k + 1, len(points)):
                    place = int(
                        np.sqrt((points[k, 0] - points[j, 0]) ** 2 + (points[k, 1] - points[j, 1]) ** 2) / width
                    )
                    if place < bins:
                        parts[part, place] += 1
        return parts.sum(axis=0)

    return lambda: {"pairs": int(counted(points, 1_440, 250.0).sum())}


def complexity_difference(data: Path) -> Callable[[], object]:
    """How far the answers of ecomplexity are from ours, which our own Python wrote; both standardised."""
    work = ecomplexity(data)
    own = np.load(data / "complexity.npz")

    def compared() -> dict[str, float]:
        work()
        out = {}
        for name, by in (("eci", "area"), ("pci", "industry")):
            theirs = work.found.drop_duplicates(by).sort_values(by)[name].to_numpy()
            theirs, ours = ((v - np.nanmean(v)) / np.nanstd(v) for v in (theirs, own[name]))
            out[name] = float(np.nanmax(np.abs(theirs - ours)))
        return out

    return compared


STEPS: dict[str, Callable[[Path], Callable[[], object]]] = {
    "concentrationmetrics": concentrationmetrics,
    "ecomplexity": ecomplexity,
    "economic_complexity": economic_complexity,
    "esda": esda,
    "sklearn": sklearn,
    "brute 10000": brute,
    "complexity difference": complexity_difference,
}

if __name__ == "__main__":
    words = argparse.ArgumentParser()
    words.add_argument("--step")
    words.add_argument("--data", type=Path)
    asked = words.parse_args()
    print(json.dumps(measures.timed(STEPS[asked.step], asked.data)))
