"""Fixed-layout documents (OFD, GB/T 33190-2016): the characters of each page with their places, read like a PDF's.

A file is a zip: `OFD.xml` names the document (7.4), the document its pages and templates (7.5), a page its layers of
text and path objects (7.7). Lengths are millimetres from the top left corner of the page.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import hypot

from lxml import etree

from jiqun.documents.faults import refusal
from jiqun.documents.lines import Source, width
from jiqun.documents.packed import Package
from jiqun.documents.pdf import source_of
from jiqun.documents.pdfpages import Char, Page, rows_of
from jiqun.documents.pdftables import Edge, grids_of
from jiqun.documents.wordstyles import local

MEDIA_TYPE = "application/ofd"
ROOT = "OFD.xml"
_POINTS = 72 / 25.4  # in a millimetre
_A4 = (0.0, 0.0, 210.0, 297.0)
_DESCENT = 0.14  # of a letter's size, below its line
_SHORTEST = 5.0  # points; shorter strokes are ornaments
_MOST_PAGES = 5_000
_PATH_STEP = re.compile(r"([SMLQBAC])([^SMLQBAC]*)")  # table 36: abbreviated path data
_INK = {"Content", "Layer", "PageBlock"}  # what may hold objects, one inside the other

Matrix = tuple[float, float, float, float, float, float]


def read(data: bytes, name: str) -> Source:
    """The lines of an OFD file. Raises InputRefused: damaged, encrypted, a zip bomb, or pages that are pictures."""
    with Package(data, name, "ofd") as package:
        parts = {part.lower(): part for part in package.parts}
        if any(part.rpartition("/")[2].lower() in ("encryptions.xml", "encryptinfo.xml") for part in parts):
            raise refusal("encrypted", name)
        pages: list[Page] = []
        title = None
        for body in _named(package.xml(ROOT), "DocBody"):
            title = title or next((t.text.strip() for t in body.iter() if local(t) == "Title" and t.text), None)
            roots = [e.text for e in body.iter() if local(e) == "DocRoot" and e.text]
            for root in roots[:1]:
                pages += _Document(package, parts, _place("", root)).pages(len(pages))
    if not pages:
        raise refusal("damaged", name, kind="ofd")
    return replace(source_of(pages, name, "OFD", MEDIA_TYPE), title=title)


class _Document:
    """One document of the file: its pages, each with the template it is printed on."""

    def __init__(self, package: Package, parts: dict[str, str], root: str) -> None:
        self._package, self._parts, self._root = package, parts, root
        self._tree = self._xml(root)
        self._templates = {
            t.get("ID", ""): _place(root, t.get("BaseLoc", "")) for t in _named(self._tree, "TemplatePage")
        }
        self._box = _box(self._tree) or _A4

    def pages(self, before: int) -> Iterator[Page]:
        found = [page for pages in _named(self._tree, "Pages") for page in _named(pages, "Page")]
        for number, page in enumerate(found[:_MOST_PAGES], before + 1):
            content = self._xml(_place(self._root, page.get("BaseLoc", "")))
            yield self._page(content, number)

    def _page(self, content: etree._Element, number: int) -> Page:
        box = _box(content) or self._box
        sheet = _Sheet(box)
        for used in _named(content, "Template"):
            place = self._templates.get(used.get("TemplateID", ""))
            if place and place.lower() in self._parts:
                sheet.print(self._xml(place))
        sheet.print(content)
        return Page(number, box[3] * _POINTS, rows_of(sheet.chars, grids_of(sheet.edges)), sheet.has_pictures)

    def _xml(self, place: str) -> etree._Element:
        return self._package.xml(self._parts.get(place.lower(), place))


@dataclass
class _Sheet:
    """What is printed on one page, in points from its bottom left."""

    box: tuple[float, float, float, float]

    def __post_init__(self) -> None:
        self.chars: list[Char] = []
        self.edges: list[Edge] = []
        self.has_pictures = False

    def print(self, page: etree._Element) -> None:
        todo = [element for element in page if local(element) == "Content"]
        while todo:
            element = todo.pop()
            kind = local(element)
            if kind in _INK:
                todo.extend(reversed(element))
            elif kind == "ImageObject":
                self.has_pictures = True
            elif kind in ("TextObject", "PathObject") and element.get("Visible") != "false":
                matrix = _matrix(element)
                if kind == "TextObject":
                    self._text(element, matrix)
                else:
                    self._path(element, matrix)

    def _text(self, element: etree._Element, matrix: Matrix) -> None:
        size = _number(element.get("Size"), 3.5)
        stretch = _number(element.get("HScale"), 1.0) or 1.0
        tall = size * hypot(matrix[2], matrix[3]) * _POINTS
        x = y = 0.0
        for code in element:
            if local(code) != "TextCode":
                continue
            text = re.sub(r"[\r\n\t]", "", code.text or "")
            x, y = _number(code.get("X"), x), _number(code.get("Y"), y)
            across, down = _deltas(code.get("DeltaX"), len(text)), _deltas(code.get("DeltaY"), len(text))
            at, line = x, y
            for n, char in enumerate(text):
                wide = size * stretch * width(char) / 2
                left, base = self._point(matrix, at, line)
                right, _ = self._point(matrix, at + wide, line)
                bottom = base - _DESCENT * tall
                self.chars.append(Char(char, min(left, right), max(left, right), bottom, bottom + tall))
                # where the file gives no more distances the letters stand side by side, unless they go down the page
                at += across[n] if n < len(across) else (wide if not down else 0.0)
                line += down[n] if n < len(down) else 0.0

    def _path(self, element: etree._Element, matrix: Matrix) -> None:
        data = next((e.text or "" for e in element if local(e) == "AbbreviatedData"), "")
        last = first = None
        for step, words in _PATH_STEP.findall(data[:100_000]):
            numbers = [_number(word, 0.0) for word in words.split()]
            here = self._point(matrix, *numbers[-2:]) if len(numbers) >= 2 else None
            if step == "C":
                here = first
            if step in "LC" and last and here:
                self._edge(last, here)
            if step in "SM":
                first = here
            last = here or last

    def _edge(self, a: tuple[float, float], b: tuple[float, float]) -> None:
        if abs(a[0] - b[0]) <= 1 and abs(a[1] - b[1]) >= _SHORTEST:
            self.edges.append(Edge(True, (a[0] + b[0]) / 2, min(a[1], b[1]), max(a[1], b[1])))
        elif abs(a[1] - b[1]) <= 1 and abs(a[0] - b[0]) >= _SHORTEST:
            self.edges.append(Edge(False, (a[1] + b[1]) / 2, min(a[0], b[0]), max(a[0], b[0])))

    def _point(self, matrix: Matrix, x: float, y: float) -> tuple[float, float]:
        a, b, c, d, e, f = matrix
        across, down = a * x + c * y + e - self.box[0], b * x + d * y + f - self.box[1]
        return across * _POINTS, (self.box[3] - down) * _POINTS


def _matrix(element: etree._Element) -> Matrix:
    """From an object's own measure to the page's: its CTM, then the corner of its Boundary (8.5)."""
    left, top, *_ = [*_numbers(element.get("Boundary")), 0.0, 0.0]
    given = _numbers(element.get("CTM"))
    a, b, c, d, e, f = given if len(given) == 6 else [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]
    return a, b, c, d, e + left, f + top


def _deltas(text: str | None, limit: int) -> list[float]:
    """Distances from letter to letter; "g 3 4.2" is three times 4.2 (11.3)."""
    found: list[float] = []
    words = iter((text or "").split())
    for word in words:
        if word == "g":
            count, step = int(_number(next(words, None), 0)), _number(next(words, None), 0.0)
            found += [step] * min(max(count, 0), limit)
        else:
            found.append(_number(word, 0.0))
        if len(found) >= limit:
            break
    return found


def _box(tree: etree._Element) -> tuple[float, float, float, float] | None:
    """The physical box of a page or of the whole document: left, top, width, height."""
    for area in tree.iter():
        if local(area) == "PhysicalBox":
            numbers = _numbers(area.text)
            if len(numbers) == 4 and numbers[3] > 0:
                return numbers[0], numbers[1], numbers[2], numbers[3]
    return None


def _named(parent: etree._Element, kind: str) -> Iterator[etree._Element]:
    return (element for element in parent.iter() if local(element) == kind)


def _place(base: str, location: str) -> str:
    """A part named from beside `base`, or from the root of the file where it leads with a slash."""
    location = location.strip().replace("\\", "/")
    joined = location if location.startswith("/") else posixpath.join(posixpath.dirname(base), location)
    return posixpath.normpath("/" + joined).lstrip("/")


def _numbers(text: str | None) -> list[float]:
    return [_number(word, 0.0) for word in (text or "").split()]


def _number(text: str | None, otherwise: float) -> float:
    try:
        found = float(text) if text else otherwise
    except ValueError:
        return otherwise
    return found if abs(found) < 1e6 else otherwise
