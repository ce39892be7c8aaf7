"""Many respondents sending at the same moment, and a server killed while they do.

    python benchmarks/rounds_together.py [--users 20] [--threads 40] [--database postgresql://…]

Every respondent of a round (as many as `--users`) sends its return, as many at the same moment as `--threads`; then
each sends a second time, which must be refused. Counted: returns that came in, that came twice, faults other than a
refusal. Afterwards a process that sends one return after the other is killed with SIGKILL in the middle: whatever it
had acknowledged must be there, and the chain must be whole. Exit code 1 where a return was lost or doubled.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from rounds import DAYS, FIELDS, folder, on, workspace_of

KEY = "monthly|2026M1"


def direct(root: Path) -> None:
    """The benchmark's form, filed here instead of delivered."""
    form = folder(root) / "forms" / "monthly.yaml"
    text = form.read_text("utf-8").replace(", intake: delivered, delivered_by: 联网直报平台", "")
    form.write_text(text, "utf-8")


def prepared(root: Path, users: int, database: str | None) -> Any:
    """A workspace with an open round, and a respondent account for each firm."""
    import rounds

    rounds.folder = lambda place: place / "bigcity"  # written by `direct` already
    direct_folder = root / "bigcity"
    assert direct_folder.is_dir()
    ws = on(workspace_of(root, users, database), DAYS["2026M1"])
    from django.contrib.auth import get_user_model

    from jiqun import flows
    from jiqun.ledger.models import Account, Role

    flows.open_round(ws, "monthly", "2026M1", actor="editor")
    for n in range(users):
        code = f"91{n:016d}"
        user = get_user_model().objects.create(username=code)
        Account.objects.create(user=user, role=Role.RESPONDENT, respondent_id=code, must_change_password=False)
    return ws


def filled(n: int) -> Any:
    from jiqun.flows.returns import Filled

    return Filled({f"i{field}@current": f"{n + field}.5" for field in range(FIELDS)})


def send(ws: Any, n: int) -> None:
    from django.contrib.auth import get_user_model

    from jiqun import flows

    code = f"91{n:016d}"
    flows.submit_return(ws, f"{KEY}|{code}", filled(n), user=get_user_model().objects.get(username=code))


def together(ws: Any, users: int, threads: int) -> Counter[str]:
    """Everybody sends at once, twice; `threads` of them are served at the same moment, the others wait their turn."""
    from django.db import connection

    from jiqun.model.errors import Conflict

    heard: Counter[str] = Counter()
    lock, waiting = threading.Lock(), iter(range(users))

    def serving() -> None:
        while True:
            with lock:
                n = next(waiting, None)
            if n is None:
                return connection.close()
            for turn in ("first", "second"):
                try:
                    send(ws, n)
                    word = f"{turn}: sent"
                except Conflict:
                    word = f"{turn}: refused"
                except Exception as error:  # noqa: BLE001 - whatever it is, it is what is counted here
                    word = f"{turn}: {type(error).__name__} {error}"[:90]
                with lock:
                    heard[word] += 1

    pool = [threading.Thread(target=serving) for _ in range(threads)]
    for thread in pool:
        thread.start()
    for thread in pool:
        thread.join()
    return heard


def killed(root: Path, first: int, last: int) -> tuple[int, int]:
    """(acknowledged, found afterwards) of returns sent by a process that is killed in the middle of it."""
    from jiqun.records.models import Submission, stands

    command = [sys.executable, __file__, "--serve", str(root), str(first), str(last)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert child.stdout
    acknowledged = []
    for line in child.stdout:
        acknowledged.append(int(line))
        if len(acknowledged) == (last - first) // 2:
            os.kill(child.pid, signal.SIGKILL)
    child.wait()
    codes = [f"91{n:016d}" for n in acknowledged]
    found = stands(Submission).filter(round_key=KEY, respondent_id__in=codes).count()
    return len(codes), found


def serve(root: Path, first: int, last: int) -> None:
    from jiqun import workspace

    ws = on(workspace.open(root / "ws"), DAYS["2026M1"])
    for n in range(first, last):
        send(ws, n)
        print(n, flush=True)


def main() -> int:
    if sys.argv[1:2] == ["--serve"]:
        serve(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
        return 0
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--users", type=int, default=20)
    asked.add_argument("--threads", type=int, default=40, help="served at the same moment")
    asked.add_argument("--database")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="jiqun-together-") as scratch:
        root = Path(scratch)
        direct(root)
        ws = prepared(root, given.users + 40, given.database)
        from jiqun.ledger import chain
        from jiqun.records.models import Submission

        begun = time.perf_counter()
        heard = together(ws, given.users, min(given.users, given.threads))
        took = time.perf_counter() - begun
        rows = Submission.objects.count()
        print(f"{given.users} at once: {took:.1f} s, {rows} submissions; {dict(heard)}")
        acknowledged, found = killed(root, given.users, given.users + 40)
        verdict = chain.verify()
        print(f"killed: {acknowledged} acknowledged, {found} found; chain whole: {verdict.is_whole}")
        is_sound = rows == given.users == heard["first: sent"] == heard["second: refused"]
        return 0 if is_sound and found == acknowledged and verdict.is_whole else 1


if __name__ == "__main__":
    sys.exit(main())
