"""Small PDF files made by hand, for what a browser's print-out cannot show."""

from __future__ import annotations


def pdf(*pages: str, objects: tuple[bytes, ...] = (), trailer: str = "", resources: str = "") -> bytes:
    """A PDF of content streams in Helvetica; `objects` are numbered on from the pages."""
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(len(pages)))
    found: list[bytes] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for i, content in enumerate(pages):
        found.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {5 + 2 * i} 0 R "
            f"/Resources << /Font << /F 3 0 R >> {resources} >> >>".encode()
        )
        found.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream".encode("latin-1"))
    found += objects
    out = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate(found, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(found) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    return out + f"trailer << /Size {len(found) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF".encode()


def printed(lines: list[tuple[float, float, str]]) -> str:
    """A content stream that prints each (x, y, text) in 12 points."""
    return "BT /F 12 Tf " + " ".join(f"1 0 0 1 {x} {y} Tm ({text}) Tj" for x, y, text in lines) + " ET"


def locked() -> bytes:
    """A PDF that wants a password."""
    lock = b"<< /Filter /Standard /V 1 /R 2 /P -4 /O <" + b"11" * 32 + b"> /U <" + b"22" * 32 + b"> >>"
    return pdf(printed([(72, 700, "secret")]), objects=(lock,), trailer="/Encrypt 6 0 R /ID [<00> <00>]")


def scanned(pages: int = 2) -> bytes:
    """A PDF whose pages are pictures without a text layer."""
    picture = (
        b"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 1 >>"
        b"\nstream\n\x80\nendstream"
    )
    number = 4 + 2 * pages
    content = ["q 595 0 0 842 0 0 cm /P Do Q"] * pages
    return pdf(*content, objects=(picture,), resources=f"/XObject << /P {number} 0 R >>")
