"""The command line: words in, a verb of `flows` called, one line for a person out.

Exit codes: 0 done (warnings allowed), 1 the input was refused, 2 usage, 3 the environment failed. Commands import
what they need when they run, so that `--help` is quick and `extract` never waits for Django.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from typing import Annotated

import typer

from jiqun import __version__
from jiqun.cli import (
    accounts,
    catalogues,
    chains,
    dockets,
    firms,
    folders,
    layouts,
    registers,
    rounds,
    usage,
    workspaces,
)
from jiqun.cli.speaking import line
from jiqun.model import files as outside
from jiqun.model.errors import InputRefused, JiqunError

app = typer.Typer(
    name="jiqun", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None,
    help="集群：从产业集群政策文件到完成情况，每个数都有出处。",
)  # fmt: skip
app.add_typer(folders.app)
app.add_typer(registers.app)
app.add_typer(chains.app)
app.add_typer(catalogues.app)
app.add_typer(workspaces.app)
app.add_typer(firms.app)
app.add_typer(layouts.app)
app.add_typer(accounts.app, name="user")
app.add_typer(rounds.app, name="rounds")
app.add_typer(dockets.app, name="dockets")


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"jiqun {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="出错时显示完整的堆栈")] = False,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="版本号")] = False,
) -> None:
    """Options of every command; `main` looks at --debug itself."""


def main() -> None:
    """Runs the command line and ends the process with its exit code; faults are one line, never a traceback."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # by way of every `finally`: no half-written file stays
    try:
        sys.exit(app(prog_name="jiqun", standalone_mode=False) or 0)
    except JiqunError as error:
        lines = [line(f) for f in error.findings] if isinstance(error, InputRefused) else []
        typer.echo("\n".join(lines) or f"错误：{error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except typer.Abort:
        typer.echo("已中止", err=True)
        sys.exit(1)
    except Exception as error:
        if hasattr(error, "format_message"):  # the parser's own; their classes are private to it
            typer.echo(usage.said(error), err=True)
            sys.exit(2)
        if "--debug" in sys.argv:
            raise
        with contextlib.suppress(OSError, ValueError):  # what standard output still holds cannot be written either
            sys.stdout.close()
        typer.echo(f"错误：{_environment_said(error)}（jiqun --debug … 查看详情）", err=True)
        sys.exit(3)


def _environment_said(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"{error.filename or '输出'} 读写不了：{outside.why(error)}"
    if "django.db" in sys.modules and isinstance(error, sys.modules["django.db"].DatabaseError):
        from jiqun.ledger import store

        return f"账本用不了：{store.why(error)}"
    return f"{type(error).__name__} {' '.join(str(error).split())}".strip()
