"""Web pages read as lines: the article kept, what the page prints around it marked as furniture."""

from __future__ import annotations

import re
from dataclasses import replace

from lxml import etree
from lxml import html as lxml_html

from jiqun.documents.lines import Role, Source
from jiqun.documents.pagecontent import Content, locate
from jiqun.documents.portal import as_label, box_lines, is_box, is_portal_line
from jiqun.documents.transcript import RawCell, Transcript

MEDIA_TYPE = "text/html"
_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9_-]{2,20})""", re.I)
_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt", "fieldset"}
    | {"figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li"}
    | {
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    }
)
_SKIPPED = frozenset(
    {"head", "script", "style", "noscript", "template", "iframe", "object", "svg", "canvas", "audio", "video"}
    | {"select", "textarea", "input"}
)
_CHINESE = r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]"
_JOINED = re.compile(rf"(?<={_CHINESE})[ \t]*[\r\n]\s*(?={_CHINESE})")
_SPACE = re.compile(r"[ \t\r\n\f]+")
_NUMBERED = re.compile(r"[(（]?[\d一二三四五六七八九十]{1,3}[)）.、．]")
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_KEPT_LINK = re.compile(r"^(?:附\s?件|\d|[一二三四五六七八九十（(《])|[。；]|\.(?:docx?|pdf|xlsx?|wps)$")
_UNSHOWN = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->", re.I | re.S)
_TAG = re.compile(r"<[^<>]{0,2000}>")
_META = {"articletitle": "标题", "pubdate": "发布时间", "contentsource": "信息来源"}
_SITE_NAME = re.compile(r"\s*[-_|–—]\s*")


def declared_encoding(data: bytes) -> str | None:
    """The encoding a page names for itself near its top."""
    match = _CHARSET.search(data[:4096])
    name = match[1].decode("ascii").lower() if match else ""
    return {"gb2312": "gb18030", "gbk": "gb18030"}.get(name, name) or None


def read(text: str, source: Source) -> Source:
    """The lines of a page; `original` is the text it shows, its furniture included."""
    root = _parse(text)
    if root is None:
        out = Transcript()
        out.paragraph(_TAG.sub("\n", _UNSHOWN.sub("", text)), complete=False)
        return replace(source, original=out.original, lines=tuple(out.lines), media_type=MEDIA_TYPE)
    facts, title = _meta(root)
    walk = _Walk(locate(root), title)
    walk.run(root)
    return replace(
        source,
        original=walk.out.original,
        lines=tuple(walk.out.lines),
        media_type=MEDIA_TYPE,
        title=title,
        facts=tuple(facts.items()),
    )


def _parse(text: str) -> etree._Element | None:
    """The page's tree; None where its markup is so deep or damaged that a parser would lose text of it."""
    # an XML declaration in a decoded text is an error to lxml; a NUL ends its reading
    cleaned = re.sub(r"^\s*<\?xml[^>]*\?>", "", text.replace("\0", ""), count=1)
    parser = lxml_html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, encoding="utf-8")
    try:
        root = etree.fromstring(cleaned.encode("utf-8", "replace"), parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None
    return None if any("depth" in entry.message for entry in parser.error_log) else root


class _Walk:
    """One pass over a page: inline text gathers until a block begins or ends, then becomes a line."""

    def __init__(self, content: Content, title: str | None) -> None:
        self.out = Transcript()
        self._content = content
        self._title = "".join((title or "").split())
        self._pending: list[str] = []
        self._linked = 0  # characters of the pending text that stand in links
        self._around = {content.main, *content.main.iterancestors()}
        self._place = "before"  # before, in or after the main content
        self._furniture = self._links = self._preformatted = 0  # how many such elements are open
        self._headings: list[int] = []
        self._counters: list[int | None] = []

    def run(self, root: etree._Element) -> None:
        skip: etree._Element | None = None
        for event, element in etree.iterwalk(root, events=("start", "end")):
            tag = element.tag if isinstance(element.tag, str) else ""
            if event == "start" and skip is None:
                if tag in _SKIPPED or self._content.is_hidden(element) or (tag == "table" and self._table(element)):
                    skip = element
                else:
                    self._open(element, tag)
            elif event == "end" and skip in (None, element):
                if skip is None:
                    self._close(element, tag)
                skip = None
                self._gather(element.tail)
        self._flush()

    def _gather(self, text: str | None) -> None:
        if text:
            self._pending.append(text.replace("\n", "\x0b") if self._preformatted else text)
            self._linked += len(text.strip()) if self._links else 0

    def _open(self, element: etree._Element, tag: str) -> None:
        if tag == "br":
            self._gather("\x0b")
        elif tag in _BLOCKS and tag != "dd":
            self._flush()
        if element is self._content.main:
            self._place = "in"
        self._furniture += self._content.is_furniture(element)
        self._links += tag == "a"
        self._preformatted += tag == "pre"
        if tag in _HEADINGS:
            self._headings.append(int(tag[1]))
        if tag in ("ol", "ul"):
            start = element.get("start", "")
            self._counters.append((int(start) if start.isdecimal() else 1) - 1 if tag == "ol" else None)
        if tag == "li":
            self._gather(self._item_number(element))
        self._gather(element.text)

    def _item_number(self, item: etree._Element) -> str:
        """The number a browser prints before an item of an ordered list that does not print one itself."""
        count = self._counters[-1] if self._counters else None
        if count is None:
            return ""
        self._counters[-1] = count + 1
        words = "".join(map(str, item.itertext())).strip()
        return "" if _NUMBERED.match(words[:12]) else f"{count + 1}."

    def _close(self, element: etree._Element, tag: str) -> None:
        if tag == "dt":
            label = as_label("".join(self._pending))
            self._pending = [label] if label else self._pending
        if tag in _BLOCKS and tag != "dt":  # a term and its definition are one line
            self._flush()
        self._furniture -= self._content.is_furniture(element)
        self._links -= tag == "a"
        self._preformatted -= tag == "pre"
        if tag in _HEADINGS:
            self._headings.pop()
        if tag in ("ol", "ul"):
            self._counters.pop()
        if element is self._content.main:
            self._place = "after"

    def _flush(self) -> None:
        text = tidy("".join(self._pending))
        linked, self._linked = self._linked, 0
        self._pending.clear()
        stripped = text.strip()
        if not stripped:
            return
        role = Role.TEXT
        if self._headings:
            is_title = self._headings[-1] == 1 or (self._place == "before" and "".join(stripped.split()) == self._title)
            role = Role.TITLE if is_title else Role.HEADING
        is_link = linked >= 0.8 * len(stripped) and not _KEPT_LINK.search(stripped)
        if self._furniture or is_link or (self._place != "in" and not self._belongs(text, role)):
            role = Role.FURNITURE
        self.out.paragraph(text.replace("\x0b", "\n"), role)

    def _belongs(self, text: str, role: Role) -> bool:
        """Whether a line above the article is its title or the portal's facts of it."""
        return self._place == "before" and (role is Role.TITLE or is_portal_line(text))

    def _table(self, table: etree._Element) -> bool:
        """Writes a table of data; False for one that only lays the page out, to be walked like any block."""
        cells = _cells(table)
        columns = {cell.column for cell in cells if cell.text}
        is_layout = any(len(cell.text) > 600 for cell in cells) or bool(table.findall(".//table"))
        texts = [cell.text for cell in cells]
        if not is_layout and is_box(texts):
            self._flush()
            for text in box_lines(texts):
                self.out.paragraph(text, Role.FURNITURE if self._furniture else Role.TEXT)
            return True
        if is_layout or len(columns) < 2 or len({cell.row for cell in cells}) < 2:
            return False
        self._flush()
        if self._furniture or (self._place != "in" and table not in self._around):
            for cell in cells:
                self.out.paragraph(cell.text, Role.FURNITURE)
        else:
            self.out.table(cells, tidy(table.findtext("caption") or "").strip())
        return True


def tidy(raw: str) -> str:
    """Text as a browser shows it: runs of white space as one blank, none where Chinese text only breaks its source."""
    joined = _JOINED.sub("", raw)
    return re.sub(r" ?\x0b ?", "\x0b", _SPACE.sub(" ", joined))


def _cells(table: etree._Element) -> list[RawCell]:
    found: list[RawCell] = []
    taken: set[tuple[int, int]] = set()
    rows = [row for row in table.iter("tr") if _table_of(row) is table]
    for r, row in enumerate(rows[:5000]):
        column = 0
        for cell in row:
            if cell.tag not in ("td", "th"):
                continue
            while (r, column) in taken:
                column += 1
            down = min(_span(cell, "rowspan"), len(rows) - r)
            across = _span(cell, "colspan")
            taken.update((r + i, column + j) for i in range(down) for j in range(across))
            found.append(RawCell(r, column, _cell_text(cell), down, across))
            column += across
    return found


def _table_of(row: etree._Element) -> etree._Element | None:
    return next((a for a in row.iterancestors("table")), None)


def _span(cell: etree._Element, name: str) -> int:
    value = cell.get(name, "").strip()
    return min(max(int(value), 1), 200) if value.isdecimal() and len(value) < 5 else 1


def _cell_text(cell: etree._Element) -> str:
    parts: list[str] = []
    for event, element in etree.iterwalk(cell, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            parts.append("\x0b" if tag == "br" or tag in ("p", "div", "li") else "")
            parts.append("" if tag in _SKIPPED else str(element.text or ""))
        elif element is not cell:
            parts.append("\x0b" if tag in ("p", "div", "li") else "")
            parts.append(element.tail or "")
    lines = (line.strip() for line in tidy("".join(parts)).split("\x0b"))
    return "\n".join(line for line in lines if line)


def _meta(root: etree._Element) -> tuple[dict[str, str], str | None]:
    """Facts that government pages keep in meta elements, and the title of the article."""
    facts: dict[str, str] = {}
    for meta in root.iter("meta"):
        label = _META.get((meta.get("name") or "").lower())
        value = (meta.get("content") or "").strip()
        if label and value:
            facts.setdefault(label, value)
    named = facts.pop("标题", None)
    page = " ".join((root.findtext(".//title") or "").split())
    longest = max(_SITE_NAME.split(page), key=len, default="")
    return facts, named or longest or None
