"""How the time of reading and extraction grows with hostile repetition: an exponent near 1 is linear, 2 is a trap.

    make bench-growth                        every pattern, in the whole
    make bench-growth ARGS="--parts"         and each step by itself, for patterns that grow too fast
    make bench-growth ARGS="--only 一"       patterns that hold these characters

Each text is a plan's head and a repetition that doubles in length until it takes a second; the exponent is the slope
between the last lengths in a log-log picture. Time is that of the processor, so that other work
on the machine counts little. Above 1.3 the pattern is printed as too fast and the exit code is 1.
"""

# ruff: noqa: E501 -- a list of patterns

from __future__ import annotations

import argparse
import cProfile
import math
import pstats
import random
import sys
import time
from collections.abc import Callable

from jiqun import packs
from jiqun.documents import Document, read
from jiqun.extraction import extract
from jiqun.packs import City

HEAD = "某市产业行动方案（2024—2026年）\n一、主要目标\n"
UNITS = [
    "一", "十", "万", "亿", "1", "12.", "1,", "1/", "%", "、", "，", "；", "。", "：", "(", ")", "（", "）", "“", "《", "〔", "【",
    "达", "达到", "超过", "年", "到2025年", "2025年", "2025—", "1—2个，", "以上", "左右", "不低于", "力争", "新增", "其中", "分别",
    "增长", "同比", "比上年", "占比", "全市", "各区、", "各市、区", "和", "与", "的", "家", "个", "亿元", "万元/亩", "个百分点",
    "责任单位：", "（责任单位：市工信局）", "（牵头单位：市科技局；配合单位：市财政局）", "附件：", "附件1：任务分工表\n",
    "建立企业库和", "编制图谱、", "机制", "建设平台", "推进平台建设和", "A", "a1", " ", "　", "\t", "\n", "\r\n", "-", "—", "· ",
    "（一）", "1.\n", "一、\n", "（1）目标。\n", "第一条 ", "— 1 —\n", "|", "|a|b|\n", "| 指标 | 单位 |\n|---|---|\n", "<p>", "<b>1家</b>",
    "企业达到30家，", "企业达到30家。\n", "产值达10亿元，增长5%，", "A、B、C分别达到1家、2家、3家，", "从10家增加到20家，",
    "全市企业超过（含）", "千", "零", "翻一番", "第一", "前三", "三分之一", "1/8", "0.1", "1e9", "①", "⼀", "𠀀", "é", "\u200b",
    "索引号：", "发布日期：2024-01-01 ", "来源：", "首页 > ", "上一篇：", "http://a.b/", "责任部门", "负责）", "牵头", "20+8", "《关于", "”",
]  # fmt: skip
_TOO_FAST = 1.3
_ENOUGH_SECONDS = 1.0
_LARGEST = 1 << 20  # characters


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--only", default="")
    arguments.add_argument("--parts", action="store_true")
    arguments.add_argument("--seconds", type=float, default=_ENOUGH_SECONDS)
    arguments.add_argument("--random", type=int, default=20, help="patterns made of several of the above")
    arguments.add_argument("--city", default="suzhou")
    options = arguments.parse_args()
    city = packs.load(options.city)
    rng = random.Random(3)
    mixed = ["".join(rng.sample(UNITS, rng.randrange(2, 5))) for _ in range(options.random)]
    too_fast = 0
    for unit in [*UNITS, *mixed]:
        if options.only and options.only not in unit:
            continue
        sizes = _times(lambda text: _whole(text, city), unit, options.seconds)
        slope = _slope(sizes)
        is_bad = slope > _TOO_FAST and sizes[-1][1] > 0.2
        too_fast += is_bad
        size, seconds = sizes[-1]
        mark = "  过快" if is_bad else ""
        print(
            f"{unit!r:45.45} 指数 {slope:4.2f}  {size:8d} 字 {seconds:6.2f} 秒  {size / seconds / 1e6:5.2f} M字/秒{mark}"
        )
        if is_bad and options.parts:
            _parts(unit, size, city)
    return 1 if too_fast else 0


def _text(unit: str, size: int) -> str:
    return HEAD + unit * (size // len(unit))


def _whole(text: str, city: City) -> Document:
    document = read(text.encode("utf-8", "replace"), "grown.txt")
    extract(document, city)
    return document


def _times(work: Callable[[str], object], unit: str, enough: float) -> list[tuple[int, float]]:
    """(characters, seconds) for lengths that double until one takes `enough` seconds."""
    found: list[tuple[int, float]] = []
    size = 2_000
    while size <= _LARGEST:
        text = _text(unit, size)
        began = time.process_time()
        try:
            work(text)
        except Exception as error:  # noqa: BLE001 -- refused input is an answer, and the loop goes on
            if type(error).__name__ != "InputRefused":
                print(f"  {unit!r} × {size}: {type(error).__name__} {error}")
        found.append((size, max(time.process_time() - began, 1e-6)))
        if found[-1][1] > enough:
            break
        size *= 2
    return found


def _slope(sizes: list[tuple[int, float]]) -> float:
    """The steepness of the last two doublings, in the log of both."""
    last = sizes[-3:]
    if len(last) < 2:
        return math.inf
    (a, x), (b, y) = last[0], last[-1]
    return math.log(y / x) / math.log(b / a)


def _parts(unit: str, size: int, city: City) -> None:
    watch = cProfile.Profile()
    text = _text(unit, size)
    watch.enable()
    try:
        _whole(text, city)
    finally:
        watch.disable()
    stats = pstats.Stats(watch)
    rows = sorted(stats.stats.items(), key=lambda item: -item[1][2])[:4]  # type: ignore[attr-defined]
    for (file, line, name), (_, calls, own, _, _) in rows:
        print(f"      {own:6.2f} 秒 {calls:8d} 次 {file.rpartition('jiqun/')[2]}:{line} {name}")


if __name__ == "__main__":
    sys.exit(main())
