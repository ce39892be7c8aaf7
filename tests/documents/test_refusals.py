"""Bad input: each one clear line with a code, what is wrong, where, and what to do; nothing is silently lost."""

# ruff: noqa: E501 -- the sentences of the field are long

from __future__ import annotations

import io
import os
import threading
import zipfile
from pathlib import Path

import pytest
from docx import Document as WordDocument

from jiqun.documents import read, reading
from jiqun.model.errors import InputRefused
from jiqun.model.findings import Severity
from tests.documents.fixed import compound

SENTENCE = "到2027年，全市规上工业增加值突破1000亿元，培育专精特新企业200家以上。"


def docx_bytes(*texts: str) -> bytes:
    document = WordDocument()
    for text in texts or (SENTENCE,):
        document.add_paragraph(text)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def with_part(data: bytes, part: str, content: bytes) -> bytes:
    """A docx with one part replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            new.writestr(entry, content if entry == part else old.read(entry))
    return out.getvalue()


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return out.getvalue()


ENTITIES = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b"><!ENTITY c "&a;&a;&a;">]><w:document xmlns:w="x">&c;</w:document>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("空.txt", b"", "empty"),
        ("空白.txt", b" \r\n\t ", "empty"),
        ("空.docx", docx_bytes(""), "empty"),
        ("旧.doc", OLE, "old_format"),
        ("密.docx", compound("EncryptedPackage"), "encrypted"),
        ("图.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 40, "other_format"),
        ("表.xlsx", zipped(xl__workbook_xml=b"<x/>"), "other_format"),
        ("包.zip", zipped(a_xml=b"<x/>"), "other_format"),
        ("断.docx", docx_bytes()[:900], "damaged"),
        ("坏.docx", with_part(docx_bytes(), "word/document.xml", b"<w:document"), "damaged"),
        ("坏.pdf", b"%PDF-1.7\nnothing of the kind", "damaged"),
        ("弹.docx", with_part(docx_bytes(), "word/document.xml", b" " * (70 << 20)), "zip_bomb"),
        ("实体.docx", with_part(docx_bytes(), "word/document.xml", ENTITIES), "xml_entities"),
        ("乱.txt", bytes(range(256)) * 40, "encoding_unknown"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_one_line(name: str, content: bytes, code: str) -> None:
    with pytest.raises(InputRefused) as refused:
        read(content, name)
    (finding,) = refused.value.findings
    assert (finding.code, finding.severity) == (code, Severity.ERROR)
    assert finding.place.file == name
    assert finding.remedy
    assert "\n" not in str(refused.value)


def test_a_missing_file_is_refused_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(InputRefused) as refused:
        read(tmp_path / "无此文件.txt")
    assert refused.value.findings[0].code == "unreadable"
    assert "无此文件.txt" in str(refused.value)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputRefused) as refused:
        read(tmp_path)
    assert refused.value.findings[0].code == "unreadable"


def test_a_device_is_refused_before_it_is_read() -> None:
    with pytest.raises(InputRefused, match="这是设备，不是文件"):
        read("/dev/zero")


def test_a_pipe_is_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=("到2025年，培育企业100家。".encode(),))
    writer.start()
    assert read(pipe).original == "到2025年，培育企业100家。"
    writer.join()


def test_a_file_over_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    big = tmp_path / "大.txt"
    with big.open("wb") as file:
        file.truncate(reading.LIMIT_BYTES + (1 << 20))  # sparse: takes no room on disk
    with pytest.raises(InputRefused) as refused:
        read(big)
    assert refused.value.findings[0].code == "too_large"
    assert "201 MB" in str(refused.value)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "big5"]
)
def test_every_usual_encoding_is_read(encoding: str) -> None:
    content = "工業發展計畫\n到2027年，全市工業產值超過100億元。" if encoding == "big5" else f"某市工业计划\n{SENTENCE}"
    document = read(content.encode(encoding))
    assert document.original == content
    assert document.findings == ()


def test_a_short_text_in_gb18030_is_read() -> None:
    assert read("企业达到50家。".encode("gb18030")).original == "企业达到50家。"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_few_broken_bytes_are_replaced_and_told_with_their_line(encoding: str) -> None:
    lines = [f"第{i}行：到2027年，全市企业达到{i}家，产值超过{i}亿元。" for i in range(200)]
    content = "\n".join(lines[:100]).encode(encoding) + b"\xff\xff\n" + "\n".join(lines[100:]).encode(encoding)
    document = read(content, "损.txt")
    (finding,) = document.findings
    assert (finding.code, finding.severity, finding.place.line) == ("bytes_replaced", Severity.WARNING, 100)
    assert "第99行" in document.reading and "第150行" in document.reading and "\ufffd" in document.reading


def test_a_name_that_says_another_format_is_told_and_not_believed() -> None:
    document = read(docx_bytes(), "方案.pdf")
    assert document.reading == SENTENCE
    (finding,) = document.findings
    assert (finding.code, finding.severity) == ("name_mismatch", Severity.WARNING)
    assert ".pdf" in finding.message and "docx" in finding.message
    assert [f.code for f in read(SENTENCE.encode(), "方案.docx").findings] == ["name_mismatch"]
    page = f"<!DOCTYPE html><html><body><p>{SENTENCE}</p></body></html>"
    assert [f.code for f in read(page.encode(), "方案.doc").findings] == ["name_mismatch"]
    assert read(SENTENCE.encode(), "方案").findings == ()


def test_the_digest_is_that_of_the_bytes() -> None:
    # sha256sum of the three bytes "ABC"
    assert read(b"ABC").digest == "b5d4045c3f466fa91fe2cc6abe79232a1a57cdf104f7a26e716e0a1e2789df78"


def test_a_text_is_read_from_a_path_or_bytes_alike(tmp_path: Path) -> None:
    path = tmp_path / "方案.txt"
    path.write_bytes(SENTENCE.encode("gb18030"))
    assert read(path) == read(str(path)) == read(path.read_bytes(), "方案.txt")
