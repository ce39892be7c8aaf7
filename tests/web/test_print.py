"""What stands in a table is on paper, though forms are not."""

from __future__ import annotations

import re
from pathlib import Path

import jiqun.web

WEB = Path(jiqun.web.__file__).parent
SHEET = WEB / "static" / "web" / "jiqun.css"


def test_a_form_around_a_table_of_figures_is_printed():
    assert ".page form:not(.is-printed)" in SHEET.read_text("utf-8"), "all other forms stay off paper"
    around = {
        (file.name, found[1])
        for file in (WEB / "templates").rglob("*.html")
        for found in re.finditer(r"<form([^>]*)>(.*?)</form>", file.read_text("utf-8"), re.DOTALL)
        if "<table" in found[2]
    }
    assert {name for name, _ in around} >= {"round.html", "return.html"}
    assert [name for name, said in around if "is-printed" not in said] == []
