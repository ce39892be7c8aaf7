"""The document page lists what a document says will be made, each linked to its words, and the annexes it lacks."""

from __future__ import annotations

import re

from jiqun import flows

PLAN = """云川市集群推进方案
一、重点任务
（一）摸清家底。编制集群图谱，建立企业培育库和项目清单。（责任部门：市工信局）
（二）加强调度。到2027年，企业达到300家，完善月度会商机制。
附件：重点工作清单
"""


def page(admin, city, words: str = "") -> str:
    taken = flows.ingest(city, PLAN.encode(), name="plan-2.txt", actor="zhang")
    return admin.get(f"/documents/{taken.digest}/{words}").content.decode()


def test_each_system_leads_to_its_words(admin, city):
    html = page(admin, city)
    table = html[html.index('id="systems"') :]
    links = re.findall(r'<a href="[^"]*#(n-\d+)">([^<]+)</a>', table)
    assert [name for _, name in links] == ["集群图谱", "企业培育库", "项目清单", "月度会商机制"]
    for anchor, name in links:
        assert re.search(rf'id="{anchor}"></span>{name}', html), name
    assert "市工信局" in table


def test_the_original_leads_back_to_the_reading_text(admin, city):
    html = page(admin, city, "?text=original")
    assert 'id="n-0"' not in html
    assert re.search(r'<a href="[^"]*#n-0">集群图谱</a>', html)
    assert "text=original#n-0" not in html


def test_an_annex_that_is_absent_is_told_on_the_page(admin, city):
    assert "plan-2.txt:5：文中提到的附件“重点工作清单”不在此文件中。" in page(admin, city)


def test_the_list_is_there_in_english(admin, city):
    admin.post("/language/", {"language": "en", "next": "/"})
    html = page(admin, city)
    assert "Named systems" in html and ">Industry map<" in html and ">Register<" in html
