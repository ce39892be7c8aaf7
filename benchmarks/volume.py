"""A workspace of the size a city reaches in some years, all invented, all through the front door.

    python benchmarks/volume.py WORKSPACE [--documents 500] [--claims 20000] [--figures 200000]

Documents are written from the city folder's own indicator and area names, ingested and reviewed by the verbs of
`jiqun.flows`; figures are written in batches by the ledger's store, as an import would.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from jiqun import flows, workspace
from jiqun.model.periods import Period

NUMERALS = "一二三四五六七八九十"


def documents(city, count: int, claims: int, rng: random.Random) -> Iterator[tuple[str, str]]:
    """Name and text of each invented plan; together they hold about `claims` numbers."""
    indicators = [i for i in city.indicators.values() if i.unit in {"亿元", "家", "个", "%", "件", "项", "人"}]
    areas = [city.areas[city.area_id], *city.reporting_areas(city.area_id)]
    departments = [b for b in city.bodies.values() if b.short_name and not b.expands_to_ids]
    each = max(claims // count, 1)
    for number in range(count):
        year = 2016 + number % 10
        issued = date(year, 1, 5) + timedelta(days=rng.randrange(350))
        lines = [
            f"{city.name}第{number + 1}号产业发展行动计划（{year}—{year + 3}年）",
            f"测字〔{year}〕{number + 1}号",
            f"{issued.year}年{issued.month}月{issued.day}日",
            "一、重点任务",
        ]
        for item in range(each // 4):
            named = rng.sample(indicators, 4)
            area = areas[rng.randrange(len(areas))].name
            goals = "，".join(f"{i.name}达到{rng.randrange(10, 9000)}{i.unit}" for i in named)
            bodies = "、".join(b.short_name for b in rng.sample(departments, 3))
            lines.append(
                f"{item + 1}.推进第{number + 1}-{item + 1}项工作。到{year + 3}年，{area}{goals}。（责任部门：{bodies}）"
            )
        yield f"plan-{number + 1:04d}.txt", "\n".join(lines)


def figures(city, count: int, rng: random.Random) -> Iterator[dict[str, object]]:
    """Monthly figures of every indicator in every reporting area, newest years first, until `count`."""
    areas = [city.areas[city.area_id], *city.reporting_areas(city.area_id)]
    months = [Period(y, m, m) for y in range(2026, 2014, -1) for m in range(12, 0, -1)]
    made = 0
    for period in months:
        for indicator in city.indicators.values():
            for area in areas:
                if made == count:
                    return
                made += 1
                yield {
                    "key": hashlib.sha256(f"{indicator.id}|{area.id}|{period}".encode()).hexdigest(),
                    "indicator_id": indicator.id,
                    "area_id": area.id,
                    "period": str(period),
                    "period_start": period.start,
                    "period_end": period.end,
                    "value_text": str(rng.randrange(1, 100_000)),
                    "unit": indicator.unit,
                    "known_on": period.end + timedelta(days=20),
                    "source_title": "测试数据",
                }


def build(path: Path, city: str, counts: tuple[int, int, int]) -> None:
    rng = random.Random(20251122)
    ws = workspace.create(path, city)
    from jiqun.ledger import store
    from jiqun.ledger.models import Claim, Document, Observation, Target

    start = time.perf_counter()
    for name, text in documents(ws.city, counts[0], counts[1], rng):
        flows.ingest(ws, text.encode(), name=name, actor="bench")
    print(
        f"{Document.objects.count()} documents, {Claim.objects.count()} claims in {time.perf_counter() - start:.1f} s"
    )
    start = time.perf_counter()
    flows.decide_claims_above(ws, 0.0, actor="bench", reason="测试数据")
    print(f"{Target.objects.count()} targets accepted in {time.perf_counter() - start:.1f} s")
    start = time.perf_counter()
    with store.recording("figures.imported", actor="bench", clock=ws.clock, reason="测试数据") as entry:
        entry.put(Observation(**row) for row in figures(ws.city, counts[2], rng))
    print(f"{Observation.objects.count()} figures in {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--city", default="suzhou")
    parser.add_argument("--documents", type=int, default=500)
    parser.add_argument("--claims", type=int, default=20_000)
    parser.add_argument("--figures", type=int, default=200_000)
    args = parser.parse_args()
    build(args.workspace, args.city, (args.documents, args.claims, args.figures))
