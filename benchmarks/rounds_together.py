"""Many respondents sending over HTTP at the same moment, and a server killed while they do.

    python benchmarks/rounds_together.py [--users 20] [--database postgresql://…]

`jiqun serve` runs in a process of its own. Every respondent of a round opens its return, then all send at one moment,
each twice, as by a double click: one of the two must come in and the other be refused. Counted: returns that came in,
that came twice, answers that are faults. Then others send while the server is killed with SIGKILL: what it had
acknowledged must be there when it is served again, on the respondent's own page and in the ledger, and the chain must
be whole. Exit code 1 where a return was lost or doubled or an answer was a fault of the server.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import quote

from rounds import DAYS, FIELDS, folder, on, workspace_of
from serving import Answer, Reader, entered, served

KEY = "monthly|2026M1"
SENT, REFUSED = "sent", "refused"
KILLED = 60  # respondents who send while the server is killed


def direct(root: Path) -> None:
    """The benchmark's form, filed here instead of delivered."""
    form = folder(root) / "forms" / "monthly.yaml"
    text = form.read_text("utf-8").replace(", intake: delivered, delivered_by: 联网直报平台", "")
    form.write_text(text, "utf-8")


def prepared(root: Path, users: int, database: str | None) -> tuple[Any, list[str]]:
    """A workspace with an open round, and a session of each firm's account."""
    import rounds

    rounds.folder = lambda place: place / "bigcity"  # written by `direct` already
    ws = on(workspace_of(root, users, database), DAYS["2026M1"])
    with (ws.path / "workspace.yaml").open("a", encoding="utf-8") as described:
        described.write("calendar: false\n")  # the server lives today, when the round's days are over
    from django.contrib.auth import get_user_model

    from jiqun import flows
    from jiqun.ledger.models import Account, Role

    flows.open_round(ws, "monthly", "2026M1", actor="editor")
    sessions = []
    for n in range(users):
        user = get_user_model().objects.create(username=code(n))
        Account.objects.create(user=user, role=Role.RESPONDENT, respondent_id=code(n), must_change_password=False)
        sessions.append(entered(user))
    return ws, sessions


def code(n: int) -> str:
    return f"91{n:016d}"


def address(n: int, what: str = "") -> str:
    return f"/returns/{quote(f'{KEY}|{code(n)}')}/{what}"


def send(reader: Reader, n: int) -> tuple[str, Answer]:
    """What became of a return sent as the page sends it."""
    filled = {f"c-i{field}@current": f"{n + field}.5" for field in range(FIELDS)}
    came = reader.ask(address(n, "submit/"), {**filled, "token": "0", "version": "1"})
    known = {302: SENT, 409: REFUSED, 422: REFUSED}
    return known.get(came.status, f"answer {came.status}"), came


def at_once(readers: list[Reader], work: Callable[[Reader, int], str], turns: int = 1) -> Counter[str]:
    """Each reader's work, begun at one moment, `turns` times side by side."""
    heard: Counter[str] = Counter()
    lock, start = threading.Lock(), threading.Barrier(turns * len(readers))

    def one(reader: Reader, n: int) -> None:
        start.wait()
        try:
            word = work(reader, n)
        except (OSError, HTTPException) as error:
            word = f"no answer: {type(error).__name__}"
        with lock:
            heard[word] += 1

    threads = [threading.Thread(target=one, args=(reader, n)) for n, reader in enumerate(readers) for _ in range(turns)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return heard


def together(port: int, sessions: list[str]) -> Counter[str]:
    """All open their pages, then all send twice; how long each waited is printed."""
    waits: dict[str, list[float]] = {"open": [], "send": []}

    def opened(reader: Reader, n: int) -> str:
        came = reader.ask(address(n))
        waits["open"].append(came.seconds)
        return f"open: {came.status}"

    def sent(reader: Reader, n: int) -> str:
        word, came = send(reader, n)
        waits["send"].append(came.seconds)
        return word

    readers = [Reader(port, session) for session in sessions]
    heard = Counter()
    for what, work, turns in (("open", opened, 1), ("send", sent, 2)):
        begun = time.perf_counter()
        heard += at_once(readers, work, turns)
        took, half = time.perf_counter() - begun, statistics.median(waits[what] or [0])
        print(f"  {what}: all answered after {took:.1f} s, half of them after {half:.1f} s", flush=True)
    return heard


def killed(path: Path, sessions: list[str], first: int) -> tuple[int, int, int]:
    """(acknowledged, unanswered, acknowledged that the respondent's page shows after the server is back)."""
    acknowledged: list[int] = []
    with served(path) as (port, process):

        def sent(reader: Reader, n: int) -> str:
            time.sleep(n / 50)  # not at one moment: some before, some after
            word, _ = send(reader, first + n)
            if word == SENT:
                acknowledged.append(first + n)
                if len(acknowledged) == len(sessions) // 2:
                    process.kill()
            return word

        heard = at_once([Reader(port, session) for session in sessions], sent)
    with served(path) as (port, _):
        shown = [Reader(port, sessions[n - first]).ask(address(n)) for n in acknowledged]
    print(f"  killed: {dict(heard)}")
    lost = sum(count for word, count in heard.items() if word != SENT)
    return len(acknowledged), lost, sum(page.status == 200 and "审核中" in page.body for page in shown)


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--users", type=int, default=20)
    asked.add_argument("--database")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="jiqun-together-") as scratch:
        root = Path(scratch)
        direct(root)
        ws, sessions = prepared(root, given.users + KILLED, given.database)
        from jiqun.ledger import chain
        from jiqun.records.models import Submission, stands

        with served(ws.path) as (port, _):
            heard = together(port, sessions[: given.users])
        rows = Submission.objects.count()
        print(f"{given.users} at once: {rows} submissions; {dict(heard)}")
        acknowledged, _, shown = killed(ws.path, sessions[given.users :], given.users)
        codes = [code(n) for n in range(given.users, given.users + KILLED)]
        kept = stands(Submission).filter(round_key=KEY, respondent_id__in=codes).count()
        verdict = chain.verify()
        print(f"killed: {acknowledged} acknowledged, {shown} shown afterwards, {kept} kept; whole: {verdict.is_whole}")
        wanted = {"open: 200": given.users, SENT: given.users, REFUSED: given.users}
        is_sound = rows == given.users and heard == wanted
        return 0 if is_sound and shown == acknowledged <= kept and verdict.is_whole else 1


if __name__ == "__main__":
    sys.exit(main())
