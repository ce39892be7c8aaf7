"""A month's round of a large city: 10 districts, 60 parks, 20,000 firms, 40 fields, imported, checked and rolled up.

    python benchmarks/rounds.py [--firms 20000] [--database postgresql://…] [--json PATH]

Everything is invented and drawn from a fixed seed. Two rounds are held, so that checks have a month before to look at
and coverage has weights; the second is measured. Processor and wall seconds, one process.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import polars as pl

DISTRICTS, PARKS, FIELDS = 10, 60, 40
MONTHS = ("2026M1", "2026M2")
DAYS = {"2026M1": "2026-02-02", "2026M2": "2026-03-02"}


def folder(root: Path) -> Path:
    """A city folder with the areas and the form, written to `root`."""
    city = root / "bigcity"
    (city / "forms").mkdir(parents=True)
    (city / "registers").mkdir()
    (city / "city.yaml").write_text("id: bigcity\nname: 大川市\narea_id: bigcity\n", "utf-8")
    areas = ["id,name,level,parent_id,reports", "bigcity,大川市,prefecture,,false"]
    areas += [f"d{n},第{n}区,district,bigcity,true" for n in range(DISTRICTS)]
    areas += [f"p{n},第{n}园,park,d{n % DISTRICTS},false" for n in range(PARKS)]
    (city / "areas.csv").write_text("\n".join([*areas, ""]), "utf-8")
    (city / "bodies.csv").write_text("id,name,area_id\ngxj,大川市工业和信息化局,bigcity\n", "utf-8")
    about = "unit: 万元, aggregation: {kind: sum}, time_kind: flow"
    indicators = [f"  - {{id: i{n}, name: 指标{n}, {about}}}" for n in range(FIELDS)]
    (city / "indicators.yaml").write_text("\n".join(["indicators:", *indicators, ""]), "utf-8")
    (city / "registers" / "enterprises.yaml").write_text(REGISTER, "utf-8")
    fields = [f'  - {{id: i{n}, code: "{n:02d}", indicator_id: i{n}, digits: 1{_roll_up(n)}}}' for n in range(FIELDS)]
    rules = [*20 * [("{a} >= 0万元", "hard")], *10 * [("{b} <= 4 * last__{b}", "soft")]]
    checks = [
        f"  - {{id: c{n}, rule: {rule.format(a=f'i{n}', b=f'i{n + 1}')}, level: {level}, message: 关系{n}}}"
        for n, (rule, level) in enumerate(rules)
    ]
    (city / "forms" / "monthly.yaml").write_text("\n".join([FORM, "fields:", *fields, "checks:", *checks, ""]), "utf-8")
    return city


def _roll_up(n: int) -> str:
    if n == FIELDS - 1:
        return ", roll_up: {kind: ratio, numerator: i1, denominator: i2}"
    return ", roll_up: {kind: mean, weight: i0}" if n == FIELDS - 2 else ""


REGISTER = """id: enterprises
name: 企业名册
groups: [{id: who, name: 主体}]
attributes:
  - {id: uscc, name: 代码, group: who, kind: text, is_required: true}
  - {id: name, name: 名称, group: who, kind: text, is_required: true}
  - {id: area_id, name: 所在区划, group: who, kind: text}
"""
FORM = """id: monthly
name: 企业月报
number: 川01表
issuer_id: gxj
is_invented: true
valid_until: 2030-12-31
purpose: statistical
grain: month
respondents: {kind: firms, register_id: enterprises, intake: delivered, delivered_by: 联网直报平台}
levels:
  - {id: park, name: 园区, area_levels: [park]}
  - {id: district, name: 区, area_levels: [district], reporting_only: true}
  - {id: city, name: 市, area_levels: [prefecture]}
schedule: {opens: 1, due: 10, locks: 20}
columns: [{kind: current, name: 本月}]"""


def exports(firms: int, seed: int) -> str:
    """The platform's export of one month, as CSV."""
    draw = random.Random(seed)
    lines = [",".join(["统一社会信用代码", *(f"{n:02d}" for n in range(FIELDS))])]
    for firm in range(firms):
        size = draw.lognormvariate(6, 1.5)
        figures = [f"{size * draw.uniform(0.9, 1.1) + 1:.1f}" for _ in range(FIELDS)]
        lines.append(",".join([f"91{firm:016d}", *figures]))
    return "\n".join(lines)


class Watch:
    """What took how long: wall and processor seconds, in the order of happening."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, float, float]] = []

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.taken.append((name, time.perf_counter() - wall, time.process_time() - cpu))
        print(f"{name:28} {self.taken[-1][1]:8.2f} s   {self.taken[-1][2]:8.2f} s cpu", flush=True)


def workspace_of(root: Path, firms: int, database: str | None) -> Any:
    """A new workspace with a register of the firms, and a clock that stands on the day before."""
    from jiqun import workspace
    from jiqun.enterprises import register
    from jiqun.enterprises.snapshots import About, Contents, Origin
    from jiqun.model.purposes import Purpose

    ws = workspace.create(root / "ws", folder(root), database)
    origin = Origin("登记", date(2026, 1, 1), Purpose.ADMINISTRATIVE)
    about = About(date(2026, 1, 1), 2025, date(2026, 1, 1), (origin,), is_invented=True)
    book = register.create(ws.path / "registers", register.MAIN, "企业名册", Purpose.ADMINISTRATIVE)
    rows = pl.LazyFrame(
        {
            "uscc": [f"91{n:016d}" for n in range(firms)],
            "name": [f"演示企业{n}" for n in range(firms)],
            "area_id": [f"p{n % PARKS}" for n in range(firms)],
        }
    )
    register.append(book, about, Contents([rows]), city=ws.city, recorded_at=datetime(2026, 1, 1, tzinfo=UTC))
    return ws


def on(ws: Any, day: str) -> Any:
    moment = datetime.fromisoformat(day + "T02:00:00+00:00")
    clock: Callable[[], datetime] = lambda: moment  # noqa: E731
    return replace(ws, clock=clock)


def measure(firms: int, database: str | None) -> Watch:
    """Both rounds; the second one's steps are in the result."""
    from django.contrib.auth import get_user_model

    watch = Watch()
    with tempfile.TemporaryDirectory(prefix="jiqun-rounds-") as scratch:
        ws = workspace_of(Path(scratch), firms, database)
        from jiqun import flows
        from jiqun.flows import rounds
        from jiqun.ledger import chain
        from jiqun.records import context
        from jiqun.records.models import Return, stands

        users = {"editor": ("city_editor", {})} | {
            area: ("district", {"area_id": area})
            for area in (*(f"d{n}" for n in range(DISTRICTS)), *(f"p{n}" for n in range(PARKS)))
        }
        for name, (role, scope) in users.items():
            flows.add_user(ws, name, role, actor="setup", password="correct-horse-9", **scope)
        user = {name: get_user_model().objects.get(username=name) for name in users}
        for month in MONTHS:
            text = exports(firms, seed=MONTHS.index(month)).encode()
            print(f"— {month}: {firms} returns, {firms * FIELDS:,} cells, {len(text) / 1e6:.1f} MB of csv")
            watch.taken.clear()
            now = on(ws, DAYS[month])
            with watch("open the round"):
                key = flows.open_round(now, "monthly", month, actor="editor").key
            with watch("import and check"):
                done = flows.deliver_returns(now, key, text, user=user["editor"], name=f"{month}.csv")
            with watch("roll up as sent"):
                context.totals(rounds.round_of(key), ws.city, basis="submitted")
            unknown = sum(done.unknown.values())
            print(f"  {done.written} written, {done.unexplained} fail a soft check, {unknown} could not be asked")
            with watch("60 parks accept"):
                _accept_all(flows, now, user, [f"p{n}" for n in range(PARKS)], stands(Return).filter(round_key=key))
            with watch("10 districts accept"):
                _accept_all(flows, now, user, [f"d{n}" for n in range(DISTRICTS)], stands(Return).filter(round_key=key))
            with watch("the city accepts"):
                keys = list(stands(Return).filter(round_key=key, turn_area_id="bigcity").values_list("key", flat=True))
                flows.accept_returns(now, keys, user=user["editor"])
            with watch("roll up as accepted"):
                totals = context.totals(rounds.round_of(key), ws.city)
            top = totals.by["bigcity", "i0@current"]
            print(f"  指标0 {top.text} 万元，覆盖 {top.covered}")
        with watch("verify the chain"):
            print(f"  {chain.verify()}")
        from serving import Reader, entered, served

        with served(ws.path) as (port, _):
            for name in ("editor", "d0", "p0"):
                _pages(Reader(port, entered(user[name])), name, key)
    return watch


def _pages(reader: Any, name: str, key: str) -> None:
    """The pages of the round as this user sees them over HTTP, after a first look each."""
    at = f"/rounds/{quote(key)}/"
    pages = {
        "rounds": "/rounds/", "round": at, "round, second page": f"{at}?page=2", "accepted": f"{at}?state=accepted",
        "an area": f"{at}?area=p0", "a search": f"{at}?q=0123", "totals": f"{at}totals/",
    }  # fmt: skip
    for what, path in pages.items():
        came = [reader.ask(path) for _ in range(8)][1:]
        answers = {answer.status for answer in came}
        took = 1000 * statistics.median(answer.seconds for answer in came)
        print(f"  {name:8} {what:20} {took:6.0f} ms, worst {1000 * max(a.seconds for a in came):.0f}; {answers}")


def _accept_all(flows: Any, ws: Any, user: Any, areas: list[str], rows: Any) -> None:
    for area in areas:
        flows.accept_returns(ws, list(rows.filter(turn_area_id=area).values_list("key", flat=True)), user=user[area])


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--firms", type=int, default=20_000)
    asked.add_argument("--database", help="postgresql://… of an empty database; without it SQLite")
    asked.add_argument("--json", type=Path)
    given = asked.parse_args()
    watch = measure(given.firms, given.database)
    steps = {name: wall for name, wall, _ in watch.taken}
    whole = steps["import and check"] + steps["roll up as sent"]
    print(f"imported, checked and rolled up: {whole:.1f} s (bound 15 s)", file=sys.stderr)
    if given.json:
        given.json.write_text(json.dumps(steps, indent=1), "utf-8")


if __name__ == "__main__":
    main()
