"""Time of every page over real HTTP, one server process, on the demo and on a workspace of a city's full size.

    python benchmarks/pages.py [--rounds 15] [--keep DIR]

Prints the median and the slowest of each page in milliseconds. Limits: 150 ms on the demo, 300 ms on
500 documents, 20,000 claims and 200,000 figures. Exit code 1 when a median is over its limit.
"""

from __future__ import annotations

import argparse
import http.client
import http.cookiejar
import re
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
JIQUN = Path(sys.executable).with_name("jiqun")
PORT = 8931


class Visitor:
    """A logged-in browser without a screen."""

    def __init__(self, port: int) -> None:
        self.root = f"http://127.0.0.1:{port}"
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def get(self, path: str) -> str:
        with self.opener.open(self.root + path, timeout=60) as answer:
            return answer.read().decode("utf-8", "replace")

    def log_in(self, name: str, password: str) -> None:
        page = self.get("/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token, "no log-in form"
        form = {"username": name, "password": password, "csrfmiddlewaretoken": token[1]}
        request = urllib.request.Request(self.root + "/login/", urllib.parse.urlencode(form).encode())
        request.add_header("Referer", self.root + "/login/")
        with self.opener.open(request, timeout=60) as answer:
            assert "/login" not in answer.url, "the log-in was refused"


def pages(visitor: Visitor) -> list[str]:
    """Every kind of page: those of the navigation, and of each list the first thing it links to."""
    found = ["/"]
    home = visitor.get("/")
    for link in re.findall(r'href="(/[^"#?]*)"', home):
        top = "/" + link.strip("/").split("/")[0] + "/"
        if top not in found and top not in {"/static/", "/logout/", "/login/", "/api/", "/i18n/", "//"}:
            found.append(top)
    for top in list(found[1:]):
        try:
            text = visitor.get(top)
        except urllib.error.HTTPError:
            continue
        inner = [link for link in re.findall(r'href="(/[^"#?]+)"', text) if link.startswith(top) and link != top]
        found.extend(link for link in inner[:2] if link not in found)
    return [*found, "/search/?q=" + urllib.parse.quote("企业"), "/targets/?page=2"]


def serve(workspace: Path, port: int) -> subprocess.Popen[bytes]:
    server = subprocess.Popen([JIQUN, "serve", workspace, "--port", str(port)], stdout=subprocess.DEVNULL)
    for _ in range(200):
        try:
            http.client.HTTPConnection("127.0.0.1", port, timeout=1).connect()
            return server
        except OSError:
            time.sleep(0.1)
    server.terminate()
    raise SystemExit("the server did not start")


READER = """
import sys
from jiqun import workspace
workspace.open(sys.argv[1])
from django.contrib.auth.models import User
from jiqun.ledger.models import Account
reader, _ = User.objects.get_or_create(username="bench-reader")
reader.set_password(sys.argv[2])
reader.save()
Account.objects.update_or_create(user=reader, defaults={"role": "city_admin", "must_change_password": False})
"""


def reader_of(workspace: Path) -> tuple[str, str]:
    """Name and password of an account made for this run."""
    password = secrets.token_urlsafe(12)
    subprocess.run([sys.executable, "-c", READER, workspace, password], check=True)
    return "bench-reader", password


def measure(workspace: Path, port: int, rounds: int, limit_ms: float) -> int:
    name, password = reader_of(workspace)
    server = serve(workspace, port)
    over = 0
    try:
        visitor = Visitor(port)
        visitor.log_in(name, password)
        for path in pages(visitor):
            times = []
            for _ in range(rounds):
                start = time.perf_counter()
                try:
                    visitor.get(path)
                except urllib.error.HTTPError as error:
                    print(f"  {error.code}  {path}")
                    break
                times.append((time.perf_counter() - start) * 1000)
            if times:
                median = statistics.median(times)
                over += median > limit_ms
                print(
                    f"{median:8.1f} {max(times):8.1f}  {urllib.parse.unquote(path)[:90]}"
                    + ("  OVER" if median > limit_ms else "")
                )
    finally:
        server.terminate()
        server.wait()
    return over


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--keep", type=Path, help="build the workspaces here, and use them when they stand")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.keep or Path(temporary)
        demo, full = folder / "demo", folder / "full"
        if not demo.exists():
            subprocess.run([JIQUN, "demo", "--no-serve", "--workspace", demo], check=True, stdout=subprocess.DEVNULL)
        if not full.exists():
            subprocess.run([sys.executable, HERE / "volume.py", full], check=True)
        print("  median  slowest  page (ms), demo")
        over = measure(demo, PORT, args.rounds, 150)
        print("  median  slowest  page (ms), 500 documents, 20,000 claims, 200,000 figures")
        over += measure(full, PORT + 1, args.rounds, 300)
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
