"""Old word processors' files: read through LibreOffice where it is, refused with what to install where it is not."""

from __future__ import annotations

import io
import os
import subprocess
from pathlib import Path

import pytest
from docx import Document as WordDocument

from jiqun.documents import conversion, read
from jiqun.model.errors import InputRefused
from jiqun.model.findings import Severity
from tests.documents.fixed import compound

converter = pytest.mark.skipif(conversion.program() is None, reason="LibreOffice is not installed (soffice)")
WORD = b"\xec\xa5\xc1\x00" + b"\0" * 6  # the head of Word's own stream, up to its flags
SENTENCE = "到2027年，全市规上工业增加值突破1000亿元，培育专精特新企业200家以上。"


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one plan as docx, doc and rtf."""
    folder = tmp_path_factory.mktemp("old")
    made = WordDocument()
    made.add_heading("某市产业集群行动方案", 0)
    for text in ("一、主要目标", SENTENCE):
        made.add_paragraph(text)
    table = made.add_table(rows=2, cols=3)
    for place, text in enumerate(("指标", "单位", "2027年", "产值", "亿元", "500")):
        table.cell(place // 3, place % 3).text = text
    made.add_paragraph("二、重点任务")
    out = io.BytesIO()
    made.save(out)
    (folder / "plan.docx").write_bytes(out.getvalue())
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    for form in ("doc:MS Word 97", "rtf:Rich Text Format"):
        words = [conversion.program() or "", profile, "--headless", "--convert-to", form, "--outdir", folder]
        subprocess.run([*words, folder / "plan.docx"], check=True, capture_output=True, timeout=120)
    return folder


@converter
@pytest.mark.parametrize(
    ("suffix", "named", "media_type"),
    [
        ("doc", "方案.doc", "application/msword"),
        ("doc", "方案.wps", "application/msword"),
        ("rtf", "方案.rtf", "application/rtf"),
    ],
)
def test_an_old_file_reads_like_its_docx(old: Path, suffix: str, named: str, media_type: str) -> None:
    document = read((old / f"plan.{suffix}").read_bytes(), named)
    assert document.reading == read(old / "plan.docx").reading
    assert [cell.text for cell in document.tables[0].cells] == ["指标", "单位", "2027年", "产值", "亿元", "500"]
    assert document.media_type == media_type
    assert [(f.code, f.severity) for f in document.findings] == [("converted", Severity.NOTE)]


@converter
def test_a_text_that_only_looks_like_one_is_refused() -> None:
    with pytest.raises(InputRefused) as refused:
        read(compound("WordDocument", WORD), "坏.doc")
    assert refused.value.findings[0].code == "conversion_failed"


@pytest.mark.parametrize(("content", "kind"), [(compound("WordDocument", WORD), "doc"), (b"{\\rtf1\\ansi x}", "rtf")])
def test_without_a_converter_one_is_told_what_to_install(
    content: bytes, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputRefused) as refused:
        read(content, f"方案.{kind}")
    (finding,) = refused.value.findings
    assert (finding.code, finding.severity, finding.place.file) == ("converter_missing", Severity.ERROR, f"方案.{kind}")
    assert kind in finding.message and "LibreOffice" in finding.remedy and "另存为 docx" in finding.remedy


@pytest.mark.parametrize(
    ("stream", "header", "code", "words"),
    [
        ("WordDocument", WORD + b"\x00\x01", "encrypted", "密码"),
        ("EncryptedPackage", b"", "encrypted", "密码"),
        ("Workbook", b"", "other_format", "表格"),
        ("PowerPoint Document", b"", "other_format", "演示文稿"),
        ("Contents", b"", "old_format", "旧版"),
    ],
)
def test_the_streams_of_an_old_file_say_what_it_is(stream: str, header: bytes, code: str, words: str) -> None:
    with pytest.raises(InputRefused) as refused:
        read(compound(stream, header), "旧.doc")
    (finding,) = refused.value.findings
    assert (finding.code, words in finding.message) == (code, True)


def _stand_in(folder: Path, script: str) -> None:
    """A program in the converter's place, for what LibreOffice does only on a bad day."""
    program = folder / "soffice"
    program.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    program.chmod(0o755)


@pytest.mark.skipif(os.name == "nt", reason="needs a shell")
def test_a_converter_that_hangs_is_ended_with_all_it_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    note = tmp_path / "pid"
    _stand_in(tmp_path, f"/bin/sleep 600 &\necho $! > {note}\nwait")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputRefused) as refused:
        conversion.to_docx(b"x", "doc", "慢.doc", seconds=1)
    assert refused.value.findings[0].code == "conversion_slow"
    state = Path(f"/proc/{note.read_text().strip()}/stat")
    assert not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z"


@pytest.mark.skipif(os.name == "nt", reason="needs a shell")
def test_the_converter_sees_a_home_of_its_own_with_macros_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = tmp_path / "seen"
    _stand_in(tmp_path, f'/bin/cat "$HOME/profile/user/registrymodifications.xcu" > {seen}; /usr/bin/env >> {seen}')
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("SECRET_OF_THE_OFFICE", "x")
    with pytest.raises(InputRefused) as refused:
        conversion.to_docx(b"x", "doc", "空.doc")
    assert refused.value.findings[0].code == "conversion_failed"
    said = seen.read_text("utf-8")
    assert 'oor:name="DisableMacrosExecution"><value>true' in said and 'oor:name="MacroSecurityLevel"><value>3' in said
    assert "SECRET_OF_THE_OFFICE" not in said
