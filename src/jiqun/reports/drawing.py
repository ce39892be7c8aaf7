"""A chart definition drawn as SVG on the server: once for each content, fit for a strict page and for print.

The definition is a Vega-Lite specification as a plain dict. Altair is not used: it would write the same dict through
generated classes, and vl-convert takes the dict as it is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import vl_convert
from lxml import etree

VEGA_LITE = "6.1"
FONTS = '"Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", sans-serif'
_SVG = "{http://www.w3.org/2000/svg}"
_XLINK = "{http://www.w3.org/1999/xlink}href"
_KEPT_DRAWINGS = 512  # some 15 kB each

CONFIG: Mapping[str, Any] = {
    "font": FONTS,
    "background": None,
    "view": {"stroke": None},
    "axis": {
        "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "labelColor": "#333",
        "titleColor": "#333", "gridColor": "#e3e6ea", "domainColor": "#8a8f98", "tickColor": "#8a8f98",
    },
    "legend": {"labelFontSize": 12, "titleFontSize": 12, "orient": "bottom", "symbolStrokeWidth": 1.6},
    "title": {"fontSize": 14, "fontWeight": "bold", "anchor": "start", "color": "#222",
              "subtitleFontSize": 12, "subtitleColor": "#555"},
}  # fmt: skip


@dataclass(frozen=True)
class Chart:
    """An SVG element ready to stand in a page or paper; equal `digest` is equal picture."""

    svg: str
    digest: str


def draw(spec: Mapping[str, Any], title: str, description: str) -> Chart:
    """The picture of a Vega-Lite specification, named and described for who cannot see it.

    It carries no script, no style attribute and no outside address, so it may stand under a Content-Security-Policy
    without exceptions. Drawn once for each content and kept in memory.
    """
    text = json.dumps(dict(spec), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return _draw(text, title, description)


def png(svg: str, scale: float = 2) -> bytes:
    """The drawing as a PNG on white, for papers. (On a transparent ground vl-convert darkens what is half opaque.)"""
    head, close, rest = svg.partition(">")
    return bytes(
        vl_convert.svg_to_png(f'{head}{close}<rect width="100%" height="100%" fill="white"/>{rest}', scale=scale)
    )


@lru_cache(maxsize=_KEPT_DRAWINGS)
def _draw(text: str, title: str, description: str) -> Chart:
    digest = hashlib.sha256("\0".join((text, title, description)).encode()).hexdigest()
    spec = {"$schema": "https://vega.github.io/schema/vega-lite/v6.json", "config": CONFIG, **json.loads(text)}
    svg = vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE, allowed_base_urls=[])
    return Chart(_cleaned(svg, title, description, digest[:12]), digest)


def _cleaned(svg: str, title: str, description: str, id_: str) -> str:
    """The SVG with style attributes made presentation attributes, and one Chinese name instead of many English."""
    root = etree.fromstring(svg.encode())
    for element in root.iter(etree.Element):
        for name in ("aria-label", "aria-roledescription", "aria-hidden", "role"):
            element.attrib.pop(name, "")
        for declaration in str(element.attrib.pop("style", "")).split(";"):
            name, colon, value = declaration.partition(":")
            if colon and name.strip() not in element.attrib:
                element.set(name.strip(), value.strip())
        if _XLINK in element.attrib or element.tag in (f"{_SVG}style", f"{_SVG}script", f"{_SVG}image"):
            raise ValueError(f"a chart may not hold {element.tag!r}")
    for tag, text in (("desc", description), ("title", title)):
        node = etree.Element(f"{_SVG}{tag}", id=f"{tag}-{id_}")
        node.text = text
        root.insert(0, node)
    root.set("role", "img")
    root.set("aria-labelledby", f"title-{id_} desc-{id_}")
    root.set("class", "drawing")
    etree.cleanup_namespaces(root)
    return etree.tostring(root, encoding="unicode")
