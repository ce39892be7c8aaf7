"""Counts of a document against its own lists: by hand, on the bundled restatements, on the documents themselves."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from jiqun import documents, extraction, packs
from jiqun.industry.counts import (
    classed,
    count_findings,
    counted_first,
    divided,
    held,
    lists,
    scales,
    whole_findings,
    wholes,
)

CLASSES = (
    "将20个新兴产业集群分为四大类。重点类：针对意义大、投入大的甲与乙、丙丁、戊己、庚辛、壬癸、子丑、寅卯等7个产业集群，集聚资源。"
    "拓展类：针对基础好的天地、玄黄、宇宙、洪荒等4个产业集群；支撑类的日月、盈昃、辰宿、列张等4个产业集群；"
    "提升类：针对成长的寒来、暑往、秋收、冬藏、闰余等5个产业集群。推动成岁、律吕、调阳、云腾等4个未来产业。"
)


def test_what_leads_up_to_a_list_is_none_of_it() -> None:
    found = lists(CLASSES)
    assert [(one.stated, len(one.items)) for one in found] == [(7, 7), (4, 4), (4, 4), (5, 5), (4, 4)]
    assert (found[0].items[0], found[4].items[0]) == ("甲与乙", "成岁")
    assert CLASSES[found[3].start : found[3].end].endswith("闰余等5个产业集群")


def test_a_whole_is_the_sum_of_its_classes() -> None:
    (whole,) = divided(CLASSES)
    assert (whole.stated, whole.classes, whole.parts, whole.is_agreeing) == (20, 4, (7, 4, 4, 5), True)
    assert count_findings(CLASSES, ()) == []


@pytest.mark.parametrize(
    ("old", "new", "code", "said"),
    [
        ("闰余等5个", "闰余等4个", "count.listed", "写明4个产业集群，所列为 5 个"),
        ("闰余等5个", "闰余等4个", "count.divided", "7+4+4+4=19"),
        ("将20个", "将21个", "count.divided", "21个新兴产业集群分为4类"),
        ("寅卯等7个", "寅卯等8个", "count.listed", "写明8个产业集群，所列为 7 个"),
        ("分为四大类", "分为五大类", "count.divided", "分为5类"),
    ],
)
def test_what_does_not_add_up_is_told(old: str, new: str, code: str, said: str) -> None:
    found = count_findings(CLASSES.replace(old, new), ())
    assert [said in str(finding) for finding in found if finding.code == code] == [True]


FIRST = "培育8大未来产业：合成生物、光载信息、智能机器人、细胞与基因、脑科学、深地深海、量子信息、前沿新材料。"


def test_a_count_before_its_list_is_held_against_it() -> None:
    (one,) = counted_first(FIRST)
    assert (one.stated, len(one.items), one.noun, one.items[0]) == (8, 8, "未来产业", "合成生物")
    assert count_findings(FIRST, ()) == []
    (told,) = count_findings(FIRST.replace("、量子信息", ""), ())
    assert (told.code, told.severity.value) == ("count.listed", "note") and "所列为 7 个" in told.message
    (told,) = count_findings(FIRST.replace("8大", "七大"), ())
    assert told.severity.value == "warning" and "写明7个未来产业，所列为 8 个" in told.message


@pytest.mark.parametrize(
    "text",
    [
        "做强4大先导产业（甲乙、丙丁、戊己、庚辛），形成优势。", "聚焦3大主导产业，即甲乙、丙丁、戊己。",
        "发展6大产业集群：甲乙、丙丁、戊己等。",  # an open list
        "打造20个产业集群，推动企业、园区、平台联动。",  # no list of them
        "建设5个产业集群：建立机制，完善政策、平台、服务。",
        "培育4个产业集群：新材料、新能源、生物医药和医疗器械。",
    ],
)  # fmt: skip
def test_what_agrees_or_is_no_list_of_them_is_not_told(text: str) -> None:
    assert count_findings(text, ()) == []


SUM = "到2025年，发展20个战略性新兴产业集群，其中战略重点类7个、优势拓展类4个、基础支撑类4个、综合提升类5个。"


def test_classes_that_are_counted_make_the_whole() -> None:
    (whole,) = classed(SUM)
    assert (whole.stated, whole.classes, whole.parts, whole.is_agreeing) == (20, 4, (7, 4, 4, 5), True)
    assert count_findings(SUM, ()) == []
    (told,) = count_findings(SUM.replace("提升类5个", "提升类6个"), ())
    assert told.code == "count.divided" and "7+4+4+6=21" in told.message
    other = "20个产业集群分为四类：7个战略重点类、4个优势拓展类、4个基础支撑类、5个综合提升类。"
    assert [one.is_agreeing for one in classed(other)] == [True]
    assert [one.is_agreeing for one in classed(other.replace("四类", "五类"))] == [False]
    assert classed("20个产业集群，其中国家级3个、省级5个。") == ()  # some of them, no classes


def test_a_last_name_with_and_in_it_may_be_two() -> None:
    assert lists("培育新材料、新能源、生物医药和医疗器械等4个产业集群")[0].is_agreeing
    assert lists("培育新材料、新能源、生物医药和医疗器械等3个产业集群")[0].is_agreeing
    assert not lists("培育新材料、新能源、生物医药和医疗器械等5个产业集群")[0].is_agreeing


def test_the_bundled_documents_name_their_editions_whole() -> None:
    city = packs.load("suzhou")
    read = documents.read(city.read("documents/2018-manufacturing-clusters.txt"), name="x.txt")
    assert ("suzhou-2018", 13, 13, ()) in [
        (one.edition_id, one.named, one.count, one.missing) for one in held(read.reading, city.catalogues)]  # fmt: skip


def test_a_name_left_out_is_told_of_the_edition_that_fits_best() -> None:
    city = packs.load("suzhou")
    read = documents.read(city.read("documents/2018-manufacturing-clusters.txt"), name="x.txt")
    found = count_findings(read.reading.replace("高端纺织、", ""), city.catalogues)
    assert ["高端纺织" in str(one) for one in found if one.code == "count.catalogue"] == [True]


def test_four_scales_add_up_to_42_000() -> None:
    """12000 + 13500 + 4000 + 12500 亿元, each a target of its own in the plan of 2022."""
    city = packs.load("suzhou")
    read = documents.read(city.read("documents/2022-innovation-clusters.txt"), name="x.txt")
    (found,) = scales(extraction.extract(read, city).claims, city.catalogues)
    assert (found.period, found.unit, found.total, len(found.parts)) == ("2025", "亿元", Decimal(42000), 4)


def test_a_count_and_its_share_tell_what_the_whole_must_be(reference_dir: Path) -> None:
    """S4: 6 lighthouse plants, about 1/8 of the country: 6 / 13.5 % = 44.4 to 6 / 11.5 % = 52.2; exactly 1/8 is 48."""
    city = packs.load("suzhou")
    (path,) = (reference_dir / "documents").glob("004*.txt")
    claims = extraction.extract(documents.read(path.read_bytes(), name=path.name), city).claims
    (found,) = wholes(claims, Decimal(8))
    assert (found.count.value, found.whole, found.said) == (6, "全国", "44—52家")
    assert "全国应为 44—52家" in whole_findings(claims, Decimal(8))[0].message
    for text, said in (
        ("2022年，苏州灯塔工厂为6家，占全国1/8。", [("lighthouse_factories", "48家")]),
        ("2022年，高新技术企业为6家，约占全国1/8。", [("hnte_count", "44—52家")]),
        ("2022年，灯塔工厂为6家。进出口占全国1/8。", []),
    ):
        told = wholes(extraction.extract(documents.read(text.encode(), name="x.txt"), city).claims, Decimal(8))
        assert [(one.count.indicator_id, one.said) for one in told] == said, text


def test_the_real_documents_count_right(reference_dir: Path) -> None:
    """S3: 7+4+4+5=20 and 4+4=8; S1: thirteen; S2: 42,000 亿元."""
    texts = {path.name[:3]: documents.read(path.read_bytes(), name=path.name)
             for path in (reference_dir / "documents").glob("*.txt")}  # fmt: skip
    shenzhen, suzhou = packs.load("shenzhen").catalogues, packs.load("suzhou")
    (whole,) = divided(texts["003"].reading)
    assert (whole.stated, whole.parts) == (20, (7, 4, 4, 5))
    future = [one for one in lists(texts["003"].reading) if one.noun == "未来产业"]
    assert [len(one.items) for one in future] == [4, 4]
    assert [(one.named, one.count) for one in held(texts["003"].reading, shenzhen)] == [(28, 28)]
    assert "suzhou-2018" in {one.edition_id for one in held(texts["001"].reading, suzhou.catalogues) if one.count == 13}
    (found,) = scales(extraction.extract(texts["002"], suzhou).claims, suzhou.catalogues)
    assert found.total == 42_000
    assert [text for text in texts.values() if count_findings(text.reading, (*shenzhen, *suzhou.catalogues))] == []
