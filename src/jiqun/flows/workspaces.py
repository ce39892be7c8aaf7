"""A workspace from its making to its upgrade; the demo; the server."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from jiqun import workspace
from jiqun.model import files
from jiqun.model.errors import Conflict, EnvironmentFailed
from jiqun.workspace import Workspace

DEMO_ACTOR = "演示导入"
SERVER = "服务启动"
DEMO_CONFIDENCE = 0.6
DEMO_DRAWS = 99  # half of what a city takes; with 39 no cluster of forty areas tested could reach the rate


def create_workspace(path: Path | str, city_folder: Path | str, database_url: str | None = None) -> Workspace:
    """A new, empty workspace, open; see `workspace.create`."""
    return workspace.create(path, city_folder, database_url)


@dataclass(frozen=True)
class Demo:
    workspace: Workspace
    is_new: bool
    documents: int
    targets: int
    figures: int
    firms: int
    rounds: int


def build_demo(path: Path | str, tell: Callable[[str], None] = lambda _: None) -> Demo:
    """The bundled city's documents and figures in a workspace at `path`; one that is complete is only opened.

    Raises Conflict for a workspace that is no demo: it would accept an office's claims unread.
    """
    target = Path(path)
    is_new = not (target / "workspace.yaml").exists()
    tell("建立工作区" if is_new else "打开工作区")
    chosen = demo_choice()
    if not is_new and "opens_on" not in workspace.describe(target):
        raise Conflict(f"{target} 是一个工作区，但不是演示工作区，未作改动；请用 --workspace 换一个目录")
    ws = workspace.create(target, chosen["city"], opens_on=chosen["opens_on"]) if is_new else workspace.open(target)
    from jiqun.flows import claims, demo_firm_returns, demo_items, demo_returns, figures, intake  # noqa: PLC0415 - the ledger's tables need the open workspace
    from jiqun.ledger.models import Document, Observation, Target  # noqa: PLC0415
    from jiqun.records.models import Round, stands  # noqa: PLC0415

    known = set(Document.objects.values_list("name", flat=True))
    if not is_new:
        workspace.migrate()
    tell("演示报送")
    demo_returns.play_returns(ws, chosen["opens_on"], actor=DEMO_ACTOR)  # first: its days are the earliest
    tell("演示清单")
    demo_items.play_items(ws, actor=DEMO_ACTOR)
    tell("收录文件")
    if any(listed.file not in known for listed in ws.city.documents):
        intake.ingest_folder_documents(ws, actor=DEMO_ACTOR, reason="演示")
        tell("采纳事项")
        claims.decide_claims_above(
            ws,
            DEMO_CONFIDENCE,
            actor=DEMO_ACTOR,
            reason=f"演示：置信度 {DEMO_CONFIDENCE} 及以上的事项一次采纳，未经人核",
        )
    tell("导入公布数")
    figures.import_folder_figures(ws, actor=DEMO_ACTOR)
    tell("生成演示企业并判定梯度")
    firms = _invented_firms(ws, chosen)
    if firms:
        tell("演示企业的报送")
        demo_firm_returns.play_firm_returns(ws, chosen["opens_on"], actor=DEMO_ACTOR)
    counts = [model.objects.filter(superseded_at=None).count() for model in (Target, Observation)]
    return Demo(ws, is_new, Document.objects.count(), counts[0], counts[1], firms, stands(Round).count())


def _invented_firms(ws: Workspace, chosen: dict[str, Any]) -> int:
    """A register of firms that do not exist, of two years, their tiers in both, and lists of their titles, counted; how
    many firms the later one has.
    """
    from jiqun.enterprises.invented import Drawing  # noqa: PLC0415 - see `build_demo`
    from jiqun.flows import chains, cohorts, firms, gathering, lists  # noqa: PLC0415

    drawn, on = chosen.get("firms"), chosen["opens_on"]
    if not drawn or ws.city.invention is None:
        return 0
    firms.draw_firms(ws, [Drawing(**drawn, years_back=back) for back in (1, 0)], actor=DEMO_ACTOR)
    for day in (on.replace(year=on.year - 1, day=min(on.day, 28)), on):
        done = firms.classify_firms(ws, day, actor=DEMO_ACTOR, reason="演示")
    if ws.city.chains:
        chains.place_firms(ws, on, actor=DEMO_ACTOR, reason="演示")
    if ws.city.invention.places:
        gathering.gather_firms(ws, on, actor=DEMO_ACTOR, reason="演示", draws=DEMO_DRAWS)
    if ws.city.invention.lists:
        lists.draw_lists(ws, Drawing(**drawn), actor=DEMO_ACTOR)
        cohorts.count_cohorts(ws, actor=DEMO_ACTOR, known_on=on)
    return done.firms


def demo_choice() -> dict[str, Any]:
    """What `cities/demo.yaml` chooses: the bundled folder, and the day it is first seen as of."""
    chosen: dict[str, Any] = yaml.safe_load((resources.files("jiqun") / "cities" / "demo.yaml").read_text("utf-8"))
    return chosen


def upgrade(path: Path | str) -> Workspace:
    """The workspace with its tables and guards as this version of the program wants them."""
    opened = workspace.open(path)
    workspace.migrate()
    from django.apps import apps  # noqa: PLC0415 - Django is set up only now
    from django.db import connection  # noqa: PLC0415

    from jiqun.ledger import triggers  # noqa: PLC0415

    with connection.schema_editor() as editor:
        triggers.install(apps, editor)
    workspace.keep_folder(opened.path, opened.city)
    return opened


def require_port(host: str, port: int) -> None:
    """Raises EnvironmentFailed where pages could not be served on this port of this host, and says why."""
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        raise _unserved(host, port, error) from None
    except OverflowError:
        raise EnvironmentFailed(f"没有端口 {port}；可用 1 至 65535") from None


def _unserved(host: str, port: int, error: OSError) -> EnvironmentFailed:
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return EnvironmentFailed(f"监听不了 {host}：本机没有这个地址；用 --host 换一个")
    return EnvironmentFailed(f"端口 {port} 打不开：{files.why(error)}；用 --port 换一个")


def serve(ws: Workspace, *, host: str = "127.0.0.1", port: int = 8000, tell: Callable[[str], None] = print) -> None:
    """Serves the pages until stopped. Raises EnvironmentFailed when the port is taken."""
    import logging  # noqa: PLC0415 - only here

    import waitress  # noqa: PLC0415
    from django.core.wsgi import get_wsgi_application  # noqa: PLC0415 - Django is set up only now

    from jiqun.flows.accounts import list_users  # noqa: PLC0415 - the ledger's tables need the open workspace
    from jiqun.flows.keeping import keeping  # noqa: PLC0415
    from jiqun.flows.settling import recovery, settle  # noqa: PLC0415
    from jiqun.ledger import chain  # noqa: PLC0415

    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # that requests wait their turn is no news
    chain.head()  # a ledger that cannot be read is told here, not on every page
    for manifest in settle(ws, actor=SERVER):
        tell(recovery(manifest).message)
    require_port(host, port)
    try:
        server = waitress.create_server(
            get_wsgi_application(), host=host, port=port, threads=8, ident="jiqun", **_reception(ws.path)
        )
    except OSError as error:
        raise _unserved(host, port, error) from None
    tell(f"{ws.name}：http://{host if host != '0.0.0.0' else socket.gethostname()}:{server.effective_port}/")  # noqa: S104
    if not list_users(ws):
        tell(f"还没有账号，登录不了：另开一个终端运行 jiqun user add {ws.path} 账号 --role city_admin")
    with keeping(ws.path):
        server.run()


def _reception(path: Path) -> dict[str, Any]:
    """How waitress takes requests: none larger than the pages take, and where https is set, by what its proxy says.

    A proxy must say X-Forwarded-Proto and X-Forwarded-For; nobody else is believed, so that a lock-out meets the
    client who tried and not the proxy, and nobody makes up an address.
    """
    from django.conf import settings  # noqa: PLC0415 - Django is set up only now

    taken: dict[str, Any] = {
        "max_request_body_size": settings.UPLOAD_LIMIT_BYTES + 1024 * 1024,
        # browsers keep lines open that ask for nothing: hundreds of them must not keep anybody out
        "connection_limit": 2000,
        "asyncore_use_poll": True,
    }
    described = workspace.describe(path)
    if described.get("https"):
        taken |= {
            "trusted_proxy": str(described.get("proxy", "127.0.0.1")),
            "trusted_proxy_headers": {"x-forwarded-proto", "x-forwarded-for"},
            "clear_untrusted_proxy_headers": True,
        }
    return taken
