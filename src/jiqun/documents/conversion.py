"""Files of old word processors (doc, wps, rtf) turned into docx by LibreOffice, where it is installed.

It runs without a window, without macros, without following links, under a profile of its own that is thrown away,
and is ended with everything it started when it takes too long.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from jiqun.documents.faults import refusal

PROGRAMS = ("soffice", "libreoffice")
_LIMIT_SECONDS = 120
_LIMIT_BYTES = 256 << 20
# org.openoffice.Office.Common: no macros, whatever a file says of them; links of a file are not asked for
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update"><prop oor:name="Link"><value>0</value></prop></item>
</oor:items>
"""  # noqa: E501 -- one setting a line


def program() -> str | None:
    """The path of the converter on this machine; None where there is none."""
    return next((found for word in PROGRAMS if (found := shutil.which(word))), None)


def to_docx(data: bytes, suffix: str, name: str, *, seconds: float = _LIMIT_SECONDS) -> bytes:
    """The file as docx. `suffix` is what its content is: doc or rtf.

    Raises InputRefused: no converter installed, it took too long, or it could not read the file.
    """
    converter = program()
    if converter is None:
        raise refusal("converter_missing", name, kind=suffix)
    with tempfile.TemporaryDirectory(prefix="jiqun-") as scratch:
        folder = Path(scratch)
        source, profile = folder / f"document.{suffix}", folder / "profile"
        source.write_bytes(data)
        (profile / "user").mkdir(parents=True)
        (profile / "user" / "registrymodifications.xcu").write_text(_SETTINGS, "utf-8")
        words = [
            converter, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", "--nolockcheck",
            "--nodefault", "--nologo", "--convert-to", "docx:MS Word 2007 XML", "--outdir", str(folder), str(source),
        ]  # fmt: skip
        _run(words, folder, name, seconds)
        made = folder / "document.docx"
        if not made.is_file() or not 0 < made.stat().st_size <= _LIMIT_BYTES:
            raise refusal("conversion_failed", name)
        return made.read_bytes()


def _run(words: list[str], home: Path, name: str, seconds: float) -> None:
    here = {key: os.environ[key] for key in ("PATH", "LANG", "LC_ALL", "SYSTEMROOT") if key in os.environ}
    quiet = subprocess.DEVNULL
    running = subprocess.Popen(  # noqa: S603 -- the words are ours, no shell reads them
        words, cwd=home, env={**here, "HOME": str(home), "TMPDIR": str(home)}, start_new_session=True,
        stdin=quiet, stdout=quiet, stderr=quiet,
    )  # fmt: skip
    try:
        running.wait(seconds)
    except subprocess.TimeoutExpired:
        raise refusal("conversion_slow", name, seconds=int(seconds)) from None
    finally:
        _end(running)


def _end(running: subprocess.Popen[bytes]) -> None:
    """Ends the converter and whatever it started: they are one group of processes."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(running.pid, signal.SIGKILL)
        else:
            running.kill()
    running.wait()
