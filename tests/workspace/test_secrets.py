"""What lies on disk is for its owner, and an archive from a stranger writes nowhere else."""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
import stat
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from jiqun import packs, workspace
from jiqun.flows import archives
from jiqun.flows.workspaces import _reception
from jiqun.model.errors import InputRefused
from tests.flows.conftest import FOLDER


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


@pytest.fixture
def office(tmp_path: Path) -> Path:
    path = tmp_path / "ws"
    workspace.lay_out(path, packs.load(FOLDER), FOLDER)
    with closing(sqlite3.connect(path / "ledger.sqlite")) as ledger:
        ledger.execute("CREATE TABLE t (x)")
    return path


def test_nobody_else_reads_a_workspace_its_secrets_or_its_backup(office: Path, tmp_path: Path) -> None:
    assert mode(office) == 0o700, "the ledger holds sessions and password hashes"
    assert mode(office / "secret_key") == mode(office / "workspace.yaml") == 0o600
    archive = tmp_path / "kept.tar.gz"
    archives.backup(office, archive)
    assert mode(archive) == 0o600
    with tarfile.open(archive) as tar:
        assert not [name for name in tar.getnames() if name.startswith((".", "/")) or ".." in name]
    back = archives.restore(archive, tmp_path / "back")
    assert mode(back) == 0o700
    assert mode(back / "secret_key") == mode(back / "workspace.yaml") == 0o600
    assert (back / "secret_key").read_text() == (office / "secret_key").read_text()


@pytest.mark.parametrize("kind", ["../evil", "/evil", "a/../../evil", "symlink", "hardlink", "device"])
def test_an_archive_writes_nothing_outside_its_folder(tmp_path: Path, kind: str) -> None:
    content = b"evil"
    name = {"/evil": f"{tmp_path}/evil"}.get(kind, kind)
    manifest = json.dumps({"files": {name: hashlib.sha256(content).hexdigest()}}).encode()
    archive = tmp_path / "hostile.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        first = tarfile.TarInfo("manifest.json")
        first.size = len(manifest)
        tar.addfile(first, io.BytesIO(manifest))
        second = tarfile.TarInfo(name)
        if kind in ("symlink", "hardlink", "device"):
            second.type = {"symlink": tarfile.SYMTYPE, "hardlink": tarfile.LNKTYPE, "device": tarfile.FIFOTYPE}[kind]
            second.linkname = "/etc/passwd"
            tar.addfile(second)
        else:
            second.size = len(content)
            tar.addfile(second, io.BytesIO(content))
    with pytest.raises(InputRefused, match="来历不明"):
        archives.restore(archive, tmp_path / "inner" / "back")
    assert not list(tmp_path.rglob("evil"))
    assert list((tmp_path / "inner").iterdir()) == []


def test_only_the_proxy_of_an_https_workspace_is_believed(office: Path) -> None:
    assert "trusted_proxy" not in _reception(office)
    with (office / "workspace.yaml").open("a") as out:
        out.write("https: true\n")
    taken = _reception(office)
    assert (taken["trusted_proxy"], taken["clear_untrusted_proxy_headers"]) == ("127.0.0.1", True)
    assert taken["trusted_proxy_headers"] == {"x-forwarded-proto", "x-forwarded-for"}
    assert taken["max_request_body_size"] < 300 * 1024 * 1024
