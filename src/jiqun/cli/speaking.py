"""What commands share: the words of their arguments, and how they speak to a person."""

from __future__ import annotations

import contextlib
import getpass
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from jiqun.model.errors import UsageError
from jiqun.model.findings import Finding, Severity

# readable=False: a file that may not be read is refused input, told by whoever reads it, and no fault of usage
Here = Annotated[Path, typer.Argument(metavar="WORKSPACE", help="工作区目录", readable=False)]
Archive = Annotated[Path, typer.Argument(metavar="FILE.tar.gz", help="备份文件", readable=False)]
Actor = Annotated[str, typer.Option("--actor", help="记入事件的操作人（默认：登录系统的用户名）")]
Reason = Annotated[str, typer.Option("--reason", help="记入事件的理由")]
Port = Annotated[int, typer.Option("--port", min=1, max=65535, help="端口")]
Host = Annotated[str, typer.Option("--host", help="监听地址；0.0.0.0 供局域网访问")]
FORMATS = "政策文件：txt md html docx pdf ofd doc wps rtf"
TABLES = "xlsx xls csv：公布数或目标"
_SEVERITY = {Severity.ERROR: "错误", Severity.WARNING: "警告", Severity.NOTE: "提示"}


def tell(findings: Iterable[Finding]) -> None:
    """Each finding is one line on standard error."""
    for finding in findings:
        typer.echo(line(finding), err=True)


def line(finding: Finding) -> str:
    """A finding as a person reads it: where, how bad, what, what to do."""
    where = f"{finding.place}: " if str(finding.place) else ""
    remedy = f"　{finding.remedy}" if finding.remedy else ""
    return f"{where}{_SEVERITY[finding.severity]}：{finding.message}{remedy}"


@contextlib.contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[], None]]:
    """Calls move a bar on a terminal; in a pipe nothing is shown."""
    if total < 2 or not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)


@contextlib.contextmanager
def stages(what: str) -> Iterator[Callable[[str, float], None]]:
    """Calls say what is being done and which share of it is behind: a bar on a terminal, nothing in a pipe."""
    if not sys.stderr.isatty():
        yield lambda stage, share: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=1.0)
        yield lambda stage, share: bar.update(task, description=f"{what}：{stage}", completed=share)


def who(actor: str) -> str:
    """The actor as named, else the name one is logged in by."""
    with contextlib.suppress(OSError, KeyError):  # a container without a user's name
        return actor or getpass.getuser()
    return "命令行"


def opened(path: Path) -> Any:
    """The workspace at `path`."""
    from jiqun import workspace

    return workspace.open(path)


def day_of(text: str) -> Any:
    """The day of an option, None where it was left out. Raises UsageError."""
    from datetime import date

    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"“{text}”不是日期；例：2023-08-08") from None
