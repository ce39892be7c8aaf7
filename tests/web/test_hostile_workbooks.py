"""Every path that takes a file from a browser, with every workbook that must not be opened."""

from __future__ import annotations

import inspect
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from jiqun import flows, workspace
from jiqun.flows import settling
from jiqun.ledger.models import Event
from jiqun.model.errors import InputRefused
from jiqun.model.purposes import Purpose
from jiqun.web import views
from jiqun.workspace import Workspace
from tests.records.conftest import day, people, pingchuan, ws
from tests.tables.test_reading import one_cell, repacked, workbook
from tests.web.test_firms import admin, judged, sign_in
from tests.web.test_lists import SENT

__all__ = ["admin", "day", "judged", "people", "pingchuan", "sign_in", "ws"]


def having(part: str, content: bytes) -> bytes:
    out = io.BytesIO(one_cell("A1", "统一社会信用代码"))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(part, content)
    return out.getvalue()


def entities(part: str, data: bytes) -> bytes:
    bomb = b'<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
    return data.replace(b"?>", b"?>" + bomb, 1) if part.startswith("xl/worksheets/") else data


# Each with what a person is told of it; "" where any refusal will do.
HOSTILE = {
    "macros.xlsx": (having("xl/vbaProject.bin", b"macro"), "含有宏"),
    "macrosheet.xlsx": (having("xl/macrosheets/sheet1.xml", b"<macrosheet/>"), "含有宏"),
    "bomb.xlsx": (having("xl/media/zeros.bin", bytes(100 * 1024**2)), "压缩炸弹"),
    "links.xlsx": (having("xl/externalLinks/externalLink1.xml", b"<externalLink/>"), "引用了其他文件"),
    "entities.xlsx": (repacked(one_cell("A1", 1), entities), ""),
    "formula.xlsx": (
        workbook(lambda book: book.add_worksheet().write_formula("A1", "=cmd|' /C calc'!A0", None, 1)),
        "",
    ),
}
# Address, field of the file, the rest of the form; and whether it reads workbooks at all.
SUZHOU = {
    "documents": ("/documents/upload/", "file", {}, False),
    "figures": ("/import/", "table", {"reason": "试"}, True),
    "catalogues": ("/clusters/proposal/", "edition", {}, False),
    "chain_tables": ("/chains/proposal/", "tables", {"chain": "robot"}, True),
    "lists": ("/firms/lists/import/", "table", SENT, True),
}  # fmt: skip
PINGCHUAN = {
    "dockets": ("/dockets/matters/import/", "table", {"reason": "试"}, True),
    "rounds": ("/returns/monthly%7C2026M1%7CF1/upload/", "table", {}, True),
}
ELSEWHERE = {"register"}  # work beside a request: its verb is asked


def send(client: Client, path: tuple[str, str, dict[str, str], bool], name: str) -> Any:
    address, field, rest, _ = path
    return client.post(address, rest | {field: SimpleUploadedFile(name, HOSTILE[name][0])})


def hold(answer: Any, path: tuple[str, str, dict[str, str], bool], name: str, before: int) -> None:
    assert answer.status_code in (400, 422), answer.status_code
    said = re.sub(r"<[^>]+>", " ", answer.content.decode())
    assert not path[3] or HOSTILE[name][1] in said
    assert Event.objects.count() == before


def test_no_path_that_takes_a_file_is_left_out() -> None:
    folder = Path(inspect.getfile(views)).parent
    taking = {file.stem for file in folder.glob("*.py") if "request.FILES" in file.read_text(encoding="utf-8")}
    assert taking == SUZHOU.keys() | PINGCHUAN.keys() | ELSEWHERE


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("path", SUZHOU)
def test_no_office_s_table_is_opened(admin: Client, judged: Workspace, path: str, name: str) -> None:
    settling.settle(judged, actor="admin")  # its lists were laid down without their events
    before = Event.objects.count()
    hold(send(admin, SUZHOU[path], name), SUZHOU[path], name, before)


@pytest.mark.django_db
@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("path", PINGCHUAN)
def test_no_return_or_docket_is_opened(
    ws: Workspace, people: Any, monkeypatch: pytest.MonkeyPatch, path: str, name: str
) -> None:
    monkeypatch.setattr(workspace, "_opened", ws)
    flows.open_round(ws, "monthly", "2026M1", actor="editor")
    client = Client()
    who = people("F1" if path == "rounds" else "editor")
    client.force_login(who, "django.contrib.auth.backends.ModelBackend")
    before = Event.objects.count()
    hold(send(client, PINGCHUAN[path], name), PINGCHUAN[path], name, before)


@pytest.mark.parametrize("name", HOSTILE)
def test_no_register_of_firms_is_opened(suzhou: Workspace, tmp_path: Path, name: str) -> None:
    content, told = HOSTILE[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputRefused, match=told or None):
        flows.import_firms(
            suzhou, tmp_path / name, actor="zhang", day=suzhou.today, purpose=Purpose.ADMINISTRATIVE
        )  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("name", HOSTILE)
def test_no_delivery_of_another_platform_is_opened(ws: Workspace, people: Any, name: str) -> None:
    content, told = HOSTILE[name]
    flows.open_round(ws, "delivered", "2026M1", actor="editor")
    with pytest.raises(InputRefused, match=told or None):
        flows.deliver_returns(ws, "delivered|2026M1", content, user=people("editor"), name=name)
