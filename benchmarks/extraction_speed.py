"""How fast the whole extraction is, on invented policy text; what two processes gain; peers in the same run.

    make bench-extraction                             3 MB
    make bench-extraction ARGS="--megabytes 50"       and the peak memory of a large corpus
    make bench-extraction ARGS="--folder DIR"         the texts of a folder instead
    make bench-extraction ARGS="--profile 25"         where the time goes

Peers (`pip install -e '.[bench]' -c constraints.txt`) read the same text with the part of the work that they do:
jieba cuts words, JioNLP finds money and times, ahocorasick_rs finds 20,000 names, `re` finds numbers with their units.
A peer that is not installed is said to be absent. Times are of this machine as busy as it is: ratios carry over.
"""

from __future__ import annotations

import argparse
import contextlib
import cProfile
import importlib
import io
import logging
import os
import pstats
import re
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import corpus

MB = 1e6  # bytes of UTF-8
PEER_MB = 1.0  # of the corpus, for peers that are slower


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or _written(Path(scratch), options.megabytes)
        files = sorted(path for path in folder.iterdir() if path.is_file())
        size = sum(path.stat().st_size for path in files)
        print(f"{len(files)} 份文件，{size / MB:.2f} MB")
        if options.profile:
            _profile(files, options.city, options.profile)
            return 0
        alone = _one_core(files, options.city)
        _processes(files, size, options.city)
    if not options.no_peers:
        _peers(files if options.folder else None, alone)
    return 0


def _options() -> argparse.Namespace:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--megabytes", type=float, default=3)
    arguments.add_argument("--folder", type=Path)
    arguments.add_argument("--city", default="suzhou")
    arguments.add_argument("--profile", type=int, default=0, help="print this many functions by their own time")
    arguments.add_argument("--no-peers", action="store_true")
    return arguments.parse_args()


def _written(folder: Path, megabytes: float) -> Path:
    for name, text in corpus.documents(megabytes):
        (folder / name).write_text(text, "utf-8")
    return folder


def _one_core(files: list[Path], city_name: str) -> float:
    """MB/s of processor time through reading and extraction in this process, without the start; prints both parts."""
    from jiqun import documents, extraction, packs

    began = time.process_time()
    city = packs.load(city_name)
    start = time.process_time() - began
    extraction.extract(documents.read("到2025年，企业达到50家。".encode(), "first.txt"), city)
    reading = extracting = 0.0
    size = claims = tasks = 0
    for file in files:
        data = file.read_bytes()
        at = time.process_time()
        document = documents.read(data, file.name)
        between = time.process_time()
        found = extraction.extract(document, city)
        extracting += time.process_time() - between
        reading += between - at
        size, claims, tasks = size + len(data), claims + len(found.claims), tasks + len(found.tasks)
    speed = size / MB / (reading + extracting)
    print(f"一个核：{speed:.2f} MB/s（读取 {size / MB / reading:.1f}，抽取 {size / MB / extracting:.2f}）")
    print(f"  载入资料夹 {start:.2f} 秒；{claims} 条量化表述，{tasks} 项任务，每 KB {claims / size * 1000:.1f} 条")
    return speed


def _processes(files: list[Path], size: int, city: str) -> None:
    """The command line with one process and with two, with the memory of all its processes.

    The start (Python, folder, workers) is measured on two of the smallest files and told apart.
    """
    smallest = sorted(files, key=lambda file: file.stat().st_size)[:2]
    net = {}
    for jobs in (1, 2):
        start, _ = _run(smallest, city, jobs)
        seconds, peak = _run(files, city, jobs)
        net[jobs] = seconds - start
        after = size / MB / net[jobs]
        memory = f"内存峰值 {peak.together:.0f} MB（共享页只计一次），最大的进程 {peak.largest:.0f} MB"
        speed = f"启动 {start:.1f} 秒，全部 {seconds:.1f} 秒，启动后 {after:.2f} MB/s"
        print(f"jiqun extract --jobs {jobs}：{speed}；{memory}")
    print(
        f"  启动后两个进程是一个的 {net[1] / net[2]:.2f} 倍（本机 {os.cpu_count()} 核，负载 {os.getloadavg()[0]:.1f}）"
    )


def _run(files: list[Path], city: str, jobs: int) -> tuple[float, _Peak]:
    began = time.perf_counter()
    words = [sys.executable, "-m", "jiqun", "extract", *map(str, files), "--city", city]
    running = subprocess.Popen(
        [*words, "--claims", os.devnull, "--tasks", os.devnull, "--jobs", str(jobs)], stderr=subprocess.DEVNULL
    )
    peak = _Peak(running.pid)
    running.wait()
    return time.perf_counter() - began, peak


class _Peak(threading.Thread):
    """Watches a process and its children: the largest sum of their proportional sizes and the largest one, in MB."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.together, self.largest = pid, 0.0, 0.0
        self.start()

    def run(self) -> None:
        while Path(f"/proc/{self.pid}").is_dir():
            sizes = [_memory(pid) for pid in (self.pid, *_children(self.pid))]
            self.together = max(self.together, sum(share for share, _ in sizes))
            self.largest = max(self.largest, *(whole for _, whole in sizes))
            time.sleep(0.1)


def _children(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(word) for path in Path(f"/proc/{pid}/task").glob("*/children") for word in path.read_text().split()]
    return []


def _memory(pid: int) -> tuple[float, float]:
    """Proportional and resident size in MB; zeros for a process that is gone, or where there is no /proc."""
    with contextlib.suppress(OSError):
        said = Path(f"/proc/{pid}/smaps_rollup").read_text()
        return tuple(int(re.search(rf"^{name}:\s+(\d+)", said, re.M)[1]) / 1024 for name in ("Pss", "Rss"))  # type: ignore[return-value,index]
    return 0.0, 0.0


def _profile(files: list[Path], city_name: str, count: int) -> None:
    from jiqun import documents, extraction, packs

    city = packs.load(city_name)
    watch = cProfile.Profile()
    for file in files:
        data = file.read_bytes()
        watch.enable()
        extraction.extract(documents.read(data, file.name), city)
        watch.disable()
    for order in ("tottime", "cumulative"):
        out = io.StringIO()
        pstats.Stats(watch, stream=out).strip_dirs().sort_stats(order).print_stats(count)
        print(out.getvalue())


def _peers(files: list[Path] | None, ours: float) -> None:
    texts = [file.read_text("utf-8") for file in files] if files else [text for _, text in corpus.documents(PEER_MB)]
    size = sum(len(text.encode()) for text in texts)
    print(f"同一次运行、同样的文字（{size / MB:.1f} MB）：")
    for what, ready in (
        ("re 找数和单位", _numbers),
        ("ahocorasick_rs 找 20000 个名称", _names),
        ("jieba 分词", _words),
        ("JioNLP 找金额和时间", _money),
    ):
        try:
            with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
                warnings.simplefilter("ignore")
                work = ready()
                work(texts[0][:200])
                began = time.process_time()
                for text in texts:
                    work(text)
                speed = size / MB / (time.process_time() - began)
        except ImportError as error:
            print(f"  {what}：未安装（{error.name}）")
        else:
            print(f"  {what}：{speed:.2f} MB/s；全部抽取是它的 {ours / speed:.3g} 倍")


def _numbers() -> Callable[[str], object]:
    pattern = re.compile(r"\d+(?:\.\d+)?(?:万亿|亿|万)?(?:元|家|个|项|件|条|座|处|名|%|个百分点)")
    return pattern.findall


def _names() -> Callable[[str], object]:
    machine = importlib.import_module("ahocorasick_rs")
    rng_names = sorted({f"{a}{b}{c}" for a in corpus.SECTORS for b in corpus.THINGS for c in corpus.OBJECTS})[:20_000]
    found = machine.AhoCorasick([*corpus.AMOUNTS, *corpus.BODIES, *rng_names])
    return found.find_matches_as_indexes


def _words() -> Callable[[str], object]:
    jieba = importlib.import_module("jieba")
    jieba.setLogLevel(60)
    return jieba.lcut


def _money() -> Callable[[str], object]:
    jionlp = importlib.import_module("jionlp")
    logging.disable()  # it writes its own faults to standard error

    def work(text: str) -> list[object]:
        found: list[object] = []
        for line in _sentences(text):
            for finder in (jionlp.ner.extract_money, jionlp.ner.extract_time):
                with contextlib.suppress(Exception):  # it fails on some sentences
                    found += finder(line, with_parsing=True)
        return found

    return work


def _sentences(text: str) -> Iterator[str]:
    return (part for part in re.split(r"[。\n]", text) if part)


if __name__ == "__main__":
    sys.exit(main())
