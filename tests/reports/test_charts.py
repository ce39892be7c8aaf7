"""Charts as SVG: what stands in them, and that a strict page can carry them."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree
from PIL import Image

from jiqun.assessment.progress import assess
from jiqun.assessment.promises import Progress
from jiqun.model.claims import Measure
from jiqun.packs.schema.areas import Area
from jiqun.reports import tilemap
from jiqun.reports.charts import AreaValue, area_chart, area_spec, progress_chart, progress_spec, series_chart
from jiqun.reports.drawing import draw, png
from jiqun.reports.sparklines import sparkline
from tests.assessment.cases import RULES, data, datum, promise

D = Decimal
ON = date(2020, 6, 30)


def sample() -> Progress:
    figures = [
        *data("%", y2009=2, y2017="2.8"),
        datum("2018", "3.2", "%", kind="preliminary"),
        datum("2019", "3.3", "%", kind="at_least"),
        datum("2020M1-M3", "3.4", "%"),
    ]
    return assess(promise("~4", "%", Measure.SHARE, time_kind="rate"), figures, ON, RULES)


def layers(spec: dict[str, Any], mark: str) -> list[dict[str, Any]]:
    return [one for one in spec["layer"] if one["mark"]["type"] == mark]


class TestPromiseChart:
    def test_it_shows_path_goal_band_deadline_and_figures(self) -> None:
        spec = progress_spec(sample(), "研发强度")
        (band,) = layers(spec, "rect")
        assert (band["data"]["values"][0]["y"], band["data"]["values"][0]["y2"]) == (3.8, 4.0)  # 5 percent of 4
        path, line = layers(spec, "line")
        assert path["data"]["values"] == [{"x": 2017.0, "y": 2.8}, {"x": 2020.0, "y": 4.0}]
        assert [row["x"] for row in line["data"]["values"]] == [2017.0, 2018.0]  # floors and part-years join no line
        (points,) = layers(spec, "point")
        assert [row["kind"] for row in points["data"]["values"]] == ["公布数", "预计数", "下限数", "年内数"]
        assert len(set(points["encoding"]["shape"]["scale"]["range"])) == 4
        deadline = [one for one in layers(spec, "rule") if one["mark"].get("strokeDash")]
        assert deadline[0]["data"]["values"] == [{"x": 2020.0}]

    def test_figures_from_long_before_the_plan_are_left_out(self) -> None:
        assert all(point.on.year > 2009 for point in sample().points)

    def test_without_a_base_no_path_is_drawn(self) -> None:
        bare = assess(promise(">=100"), data(y2019=80), ON, RULES)
        assert len(layers(progress_spec(bare, "企业数"), "line")) == 1

    def test_a_rank_grows_downwards(self) -> None:
        rank = assess(promise("4", "位", Measure.RANK), data("位", y2018=6, y2019=5), ON, RULES)
        axis = progress_spec(rank, "位次")["encoding"]["y"]
        assert (axis["scale"]["reverse"], axis["title"]) == (True, "位次")

    def test_a_promise_without_figures_still_draws_its_goal(self) -> None:
        assert "目标" in progress_chart(assess(promise(">=100"), [], ON, RULES), "企业数")


class TestSvg:
    def test_a_strict_page_can_carry_it(self) -> None:
        svg = progress_chart(sample(), "研发强度 <3%>")
        root = etree.fromstring(svg.encode())
        names = {name for element in root.iter(etree.Element) for name in element.attrib}
        assert "style" not in names
        assert not any(str(name).startswith("on") for name in names)
        tags = {etree.QName(element).localname for element in root.iter(etree.Element)}
        assert not tags & {"script", "style", "image", "foreignObject", "a", "use"}
        assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")

    def test_it_is_named_and_described_in_chinese(self) -> None:
        result = sample()
        root = etree.fromstring(progress_chart(result, "研发强度 <3%>").encode())
        ids = {element.get("id"): element.text for element in root if element.get("id")}
        named, described = (root.get("aria-labelledby") or "").split()
        assert (ids[named], ids[described]) == ("研发强度 <3%>", result.reason)
        assert root.get("role") == "img"
        assert "Noto Sans CJK SC" in etree.tostring(root, encoding="unicode")

    def test_equal_content_is_drawn_once(self) -> None:
        spec = progress_spec(sample(), "研发强度")
        assert draw(spec, "甲", "乙") is draw(dict(reversed(spec.items())), "甲", "乙")
        assert draw(spec, "甲", "乙").digest != draw(spec, "甲", "丙").digest

    def test_style_attributes_become_presentation_attributes(self) -> None:
        spec = {"data": {"values": [{"y": 1}]}, "mark": {"type": "point", "blend": "multiply"}, "encoding": {}}
        svg = draw(spec, "甲", "乙").svg
        assert "style=" not in svg
        assert 'mix-blend-mode="multiply"' in svg


def test_a_chart_that_would_load_something_is_refused() -> None:
    spec = {"data": {"values": [{"y": 1}]}, "mark": {"type": "point", "href": "https://example.org"}}
    with pytest.raises(ValueError, match="may not hold"):
        draw(spec, "甲", "乙")


def test_a_picture_for_papers_stands_on_white() -> None:
    svg = area_chart([AreaValue("甲区", D(3))], "产值", "亿元", width=100)
    with Image.open(io.BytesIO(png(svg, scale=1))) as picture:
        assert picture.convert("RGBA").getpixel((1, 1)) == (255, 255, 255, 255)


@dataclass(frozen=True)
class Row:
    period: str
    value_text: str
    unit: str = "亿元"
    kind: str = "exact"
    is_preferred: bool = True
    measure_label: str = ""


class TestSeriesChart:
    def test_one_figure_for_each_period_in_one_unit(self) -> None:
        rows = [
            Row("2023", "44343.9"),
            Row("2024", "4.69", "万亿元"),
            Row("2024", "46000", kind="preliminary", is_preferred=False),
            Row("2024", "7", "%"),
            Row("不详", "1"),
        ]
        svg = series_chart("规上工业总产值", "亿元", rows)
        assert "2023年44343.9亿元、2024年46900亿元。" in svg
        assert "46000" not in re.sub(r"<text[^>]*>46000</text>", "", svg)

    def test_measures_never_share_a_panel(self) -> None:
        rows = [Row("2023", "100", "家", measure_label="达到"), Row("2023", "20", "家", measure_label="每年")]
        root = etree.fromstring(series_chart("高企", "家", rows).encode())
        groups = [one for one in root.iter(etree.Element) if "role-scope" in (one.get("class") or "")]
        assert groups
        texts = [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]
        assert {"达到", "每年"} <= set(texts)


def test_areas_without_a_figure_are_named_not_drawn_as_zero() -> None:
    values = [AreaValue("甲区", D(3)), AreaValue("乙区", None), AreaValue("丙区", D(0), is_marked=True)]
    spec = area_spec(values, "产值", "亿元")
    assert [row["name"] for row in spec["data"]["values"]] == ["甲区", "丙区"]
    assert spec["title"]["subtitle"] == "无数：乙区"
    assert "甲区3亿元、丙区0亿元；无数：乙区。" in area_chart(values, "产值", "亿元")


class TestSparkline:
    def test_it_is_plain_svg_without_styles(self) -> None:
        root = etree.fromstring(sparkline(sample()).encode())
        assert root[0].text == sample().reason
        assert not [one for one in root.iter(etree.Element) if one.get("style")]
        assert len(root.findall("{*}circle")) == 3  # the last firm figure, and the two that are not

    def test_nothing_known_is_nothing_drawn(self) -> None:
        assert sparkline(assess(promise(">=100"), [], ON, RULES)) == ""

    def test_a_single_figure_stays_inside(self) -> None:
        svg = sparkline(assess(promise("100", start=None, deadline=None), data(y2019=100), ON, RULES), 100, 20)
        assert 'cx="50" cy="10"' in svg


class TestTileMap:
    AREAS = tuple(
        Area(id=name, name=name, level="district", tile_column=column, tile_row=row)
        for name, column, row in (("甲", 1, 1), ("乙", 2, 1), ("丙", 1, 3), ("丁", None, None))
    )

    @pytest.mark.parametrize(
        ("values", "classes", "expected"),
        [
            ((1, 2, 3), 3, [0, 1, 2]),
            ((5, 5, 5), 3, [0, 0, 0]),
            ((1, 1, 9), 2, [0, 0, 1]),
            ((1, None, 9), 2, [0, None, 1]),
            ((None, None, None), 5, [None, None, None]),
        ],
    )
    def test_equal_values_share_a_class_and_no_figure_has_none(
        self, values: tuple[int | None, ...], classes: int, expected: list[int | None]
    ) -> None:
        known = {area.id: None if value is None else D(value) for area, value in zip(self.AREAS, values, strict=False)}
        found = tilemap.tile_map(self.AREAS, known, "家", classes)
        assert [tile.value_class for tile in found.tiles] == expected

    def test_places_count_from_one_and_the_unplaced_are_named(self) -> None:
        found = tilemap.tile_map(self.AREAS, {"甲": D(1), "丁": D(2)}, "家")
        assert [(one.column, one.row) for one in found.tiles] == [(1, 1), (2, 1), (1, 3)]
        assert (found.columns, found.rows, found.unplaced) == (2, 3, ("丁",))
        assert [one.said for one in found.tiles] == ["1家", "无数据", "无数据"]
        assert [one.said for one in found.classes] == ["1家"]

    def test_the_drawing_links_each_tile_and_escapes(self) -> None:
        found = tilemap.tile_map(self.AREAS, {"甲": D(1)}, "家")
        root = etree.fromstring(tilemap.draw(found, "<图>", lambda id_: f'/areas/{id_}?a=1&b="2"').encode())
        assert next(one.get("href") for one in root.findall("{*}a")) == '/areas/甲?a=1&b="2"'
        assert root[0].text == "<图>"
        assert "tile tile--0" in [one.get("class") for one in root.iter("{*}g")]
