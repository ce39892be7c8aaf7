"""Parts of templates: what a page hands to one is what the part asks for."""

from __future__ import annotations

import re
from pathlib import Path

from jiqun.web import apps

TEMPLATES = Path(apps.__file__).parent / "templates"
INCLUDE = re.compile(r'\{% include "(web/parts/[\w.]+)"(?: with ([^%]*(?:%(?!\})[^%]*)*))? ?%\}')


def read(name: str) -> str:
    """A part with the parts that it includes."""
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    return text + "".join(read(found[1]) for found in INCLUDE.finditer(text) if found[1] != name)


def test_every_part_uses_what_it_is_given():
    """Of two parts that bear one name the later lands in the place of the earlier, and shows nothing there."""
    unused, seen = [], 0
    for file in sorted(TEMPLATES.rglob("*.html")):
        for found in INCLUDE.finditer(file.read_text(encoding="utf-8")):
            for name in re.findall(r"(?:^|\s)(\w+)=", found[2] or ""):
                seen += 1
                if not re.search(rf"\b{name}\b", re.sub(r"<[^>{{]*>", "", read(found[1]))):
                    unused.append((file.name, found[1], name))
    assert unused == []
    assert seen > 100
