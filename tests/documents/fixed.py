"""Small OFD files made by hand (GB/T 33190-2016), and entries of a compound file's directory."""

from __future__ import annotations

import io
import zipfile
from xml.sax.saxutils import escape

SPACE = 'xmlns:ofd="http://www.ofdspec.org/2016"'
SIZE = 5.0  # mm: the letters of the pages below


def ofd(*pages: str, parts: dict[str, bytes | str] | None = None, title: str = "") -> bytes:
    """An OFD whose pages hold the given objects of one layer; `parts` are added or replace others."""
    listed = "".join(f'<ofd:Page ID="{n}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in range(len(pages)))
    found: dict[str, bytes | str] = {
        "OFD.xml": f'<?xml version="1.0" encoding="UTF-8"?><ofd:OFD {SPACE} Version="1.0" DocType="OFD"><ofd:DocBody>'
        f"<ofd:DocInfo><ofd:Title>{title}</ofd:Title></ofd:DocInfo>"
        "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f"<ofd:Document {SPACE}><ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 210 297"
        "</ofd:PhysicalBox></ofd:PageArea></ofd:CommonData>"
        f"<ofd:Pages>{listed}</ofd:Pages></ofd:Document>",
    }
    for number, objects in enumerate(pages):
        found[f"Doc_0/Pages/Page_{number}/Content.xml"] = (
            f"<ofd:Page {SPACE}><ofd:Content><ofd:Layer ID='9'>{objects}</ofd:Layer></ofd:Content></ofd:Page>"
        )
    found.update(parts or {})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in found.items():
            archive.writestr(name, content)
    return out.getvalue()


def text(left: float, top: float, words: str, *, size: float = SIZE, extra: str = "") -> str:
    """A line of text whose letters are as wide as they are high."""
    return (
        f'<ofd:TextObject ID="1" Boundary="{left} {top} 170 {size}" Size="{size}" Font="1" {extra}>'
        f'<ofd:TextCode X="0" Y="{size * 0.86:.2f}" DeltaX="g {len(words)} {size}">{escape(words)}</ofd:TextCode>'
        "</ofd:TextObject>"
    )


def rule(x0: float, y0: float, x1: float, y1: float) -> str:
    """A drawn line, in the page's own measure."""
    return (
        '<ofd:PathObject ID="2" Boundary="0 0 210 297"><ofd:AbbreviatedData>'
        f"M {x0} {y0} L {x1} {y1}</ofd:AbbreviatedData></ofd:PathObject>"
    )


def table(left: float, top: float, rows: list[list[str]], wide: float = 40, high: float = 10) -> str:
    """A ruled table."""
    right, bottom = left + wide * len(rows[0]), top + high * len(rows)
    lines = [rule(left, top + high * n, right, top + high * n) for n in range(len(rows) + 1)]
    lines += [rule(left + wide * n, top, left + wide * n, bottom) for n in range(len(rows[0]) + 1)]
    cells = [
        text(left + wide * c + 2, top + high * r + 2, word) for r, row in enumerate(rows) for c, word in enumerate(row)
    ]
    return "".join(lines + cells)


def compound(stream: str, header: bytes = b"") -> bytes:
    """As much of an old Office file as tells its kind: sector size 512, a directory with one stream in sector 1."""
    name = stream.encode("utf-16-le") + b"\0\0"
    entry = name.ljust(64, b"\0") + len(name).to_bytes(2, "little") + b"\0" * 50 + (1).to_bytes(4, "little")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 22 + (9).to_bytes(2, "little")
    return head.ljust(512, b"\0") + entry.ljust(512, b"\0") + header.ljust(512, b"\0")
