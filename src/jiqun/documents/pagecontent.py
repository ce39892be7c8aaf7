"""Where the article of a web page stands: by the weight of its prose, and by what elements call themselves."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

_FURNITURE_TAGS = frozenset({"nav", "footer", "aside", "button", "form"})
_FURNITURE_NAMES = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|menu|breadcrumbs?|crumbs?|footer|foot|sidebar|side|share|shares|bdsharebuttonbox|related|relate|recommend|"
    r"comments?|copyright|toolbar|pagination|pager|qrcode|ewm|erweima|print|hot|toplist|login|search|banner|advert|ads?|"
    r"dangqian|dqwz|position|location|fenxiang|xiangguan|tuijian)(?:$|[\s_-])",
    re.I,
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_PROSE = re.compile(r"[，。；,;]")
_SKIPPED = frozenset({"script", "style", "noscript", "template", "head", "textarea", "select", "option"})
_SHARE = 0.8  # of a page's prose: while one child holds it, the article lies in that child


@dataclass
class Content:
    """The element that holds the article, and the judgement of those in and around it."""

    main: etree._Element
    weights: dict[etree._Element, float]

    def is_hidden(self, element: etree._Element) -> bool:
        return element.get("hidden") is not None or _HIDDEN.search(element.get("style") or "") is not None

    def is_furniture(self, element: etree._Element) -> bool:
        """Whether an element calls itself navigation, footer and the like, and holds no large part of the prose."""
        tag = element.tag if isinstance(element.tag, str) else ""
        named = f"{element.get('class') or ''} {element.get('id') or ''}"
        if tag not in _FURNITURE_TAGS and not _FURNITURE_NAMES.search(named):
            return False
        return self.weights.get(element, 0.0) < 0.3 * self.weights.get(self.main, 0.0)


def locate(root: etree._Element) -> Content:
    """The smallest element that holds most of the page's prose.

    Prose is the text of elements, their links left out, that carries sentence marks or is long.
    """
    weights: dict[etree._Element, float] = {}
    depth_of_link = 0
    skip: etree._Element | None = None
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            if skip is None and tag in _SKIPPED:
                skip = element
            if skip is None:
                depth_of_link += tag == "a"
                weights[element] = 0.0 if depth_of_link else _weight(element.text)
            continue
        if skip is element:
            skip = None
        elif skip is None:
            depth_of_link -= tag == "a"
        parent = element.getparent()
        if skip is None and parent is not None and parent in weights:
            weights[parent] += weights.get(element, 0.0) + (0.0 if depth_of_link else _weight(element.tail))
    return Content(_main(root, weights), weights)


def _weight(text: str | None) -> float:
    stripped = (text or "").strip()
    if len(stripped) < 4:
        return 0.0
    return float(len(stripped)) if _PROSE.search(stripped) or len(stripped) > 40 else len(stripped) * 0.25


def _main(root: etree._Element, weights: dict[etree._Element, float]) -> etree._Element:
    bodies = list(root.iter("body"))
    here = bodies[0] if bodies else root
    total = weights.get(here, 0.0)
    while True:
        best = max(here, key=lambda child: weights.get(child, 0.0), default=None)
        if best is None or weights.get(best, 0.0) < _SHARE * total or best.tag in ("p", "span", "font", "tbody", "tr"):
            return here
        here = best
