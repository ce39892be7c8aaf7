"""Score extraction on the reference documents with the reference scorer, and hold it to its thresholds.

    make evaluate                       scores, every slot
    make evaluate ARGS="--show 40"      and the misses
    make evaluate ARGS="--preds DIR"    keeps the predicted JSON Lines

The documents, gold answers and scorer stand beside the project (`JIQUN_REFERENCE_DIR`, default ../shared).
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from types import ModuleType

from jiqun import packs
from jiqun.documents import read
from jiqun.extraction import as_record, extract, task_record
from jiqun.packs import City

ROOT = Path(__file__).resolve().parent.parent
THRESHOLDS = {"detection": 0.97, "record": 0.95, "tasks": 0.95}


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument(
        "--reference", type=Path, default=os.environ.get("JIQUN_REFERENCE_DIR", ROOT.parent / "shared")
    )
    arguments.add_argument("--preds", type=Path, help="keep the predictions in this folder")
    arguments.add_argument("--city", default="suzhou")
    arguments.add_argument("--show", type=int, default=0, help="print this many misses")
    options = arguments.parse_args()
    if not (options.reference / "documents").is_dir():
        print(f"没有参考文件夹 {options.reference}，请设置 JIQUN_REFERENCE_DIR", file=sys.stderr)
        return 3
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.preds or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        seconds = predict(options.reference, packs.load(options.city), folder)
        result = score(options.reference, folder)
    misses = result.pop("misses")
    print(json.dumps(result, ensure_ascii=False, indent=1, default=lambda number: round(number, 4)))
    print(f"抽取用时 {seconds:.2f} 秒")
    for miss in misses[: options.show]:
        print(*miss, sep=" | ")
    failed = {name: least for name, least in THRESHOLDS.items() if result[name]["f1"] < least}
    for name, least in failed.items():
        print(f"{name} F1 {result[name]['f1']:.3f} 低于 {least}", file=sys.stderr)
    return 1 if failed else 0


def predict(reference: Path, city: City, folder: Path) -> float:
    """Writes claims and tasks of every document that has gold answers; the seconds that extraction took."""
    seconds = 0.0
    for gold in sorted((reference / "gold").glob("*.claims.jsonl")):
        name = gold.name.split(".")[0]
        document = read(next((reference / "documents").glob(f"{name}*")))
        began = time.perf_counter()
        extraction = extract(document, city)
        seconds += time.perf_counter() - began
        _write(folder / f"{name}.claims.jsonl", [as_record(claim, document) for claim in extraction.claims])
        _write(folder / f"{name}.tasks.jsonl", [task_record(task, document) for task in extraction.tasks])
    return seconds


def score(reference: Path, folder: Path) -> dict[str, object]:
    """What the reference scorer says of the predictions in `folder`, claims and tasks."""
    scorer = _scorer(reference)
    claims, tasks = [], []
    for gold in sorted((reference / "gold").glob("*.claims.jsonl")):
        name = gold.name.split(".")[0]
        text = next((reference / "documents").glob(f"{name}*")).read_text("utf-8")
        claims.append((name, text, scorer.read(gold), scorer.read(folder / gold.name)))
        expected = gold.with_name(f"{name}.tasks.jsonl")
        tasks.append((name, text, scorer.read(expected), scorer.read(folder / expected.name)))
    return {**scorer.score(claims), "tasks": scorer.score_tasks(tasks)}


def _scorer(reference: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("score_extraction", reference / "tools" / "score_extraction.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _write(path: Path, records: list[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
