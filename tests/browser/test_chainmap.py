"""The chain map in Debian's chromium: zoomed, panned, searched, filtered, walked along by keyboard, printed."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pypdfium2 as pdfium
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import NEEDS_CHROMIUM, served

pytestmark = NEEDS_CHROMIUM
MAP = "/chains/robot/"
VIEW = "[data-map-view]"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("map") / "ws", "suzhou") as found:
        yield found


def look(page: Page) -> tuple[float, float, float]:
    """Left and top of the picture within the view, and its scale."""
    numbers = re.findall(
        r"-?[\d.]+(?:e-?\d+)?", str(page.evaluate("document.querySelector('svg[data-chainmap]').style.transform"))
    )
    left, top, scale = map(float, numbers)
    return left, top, scale


def focused(page: Page) -> str | None:
    found: str | None = page.evaluate("document.activeElement.getAttribute('data-link')")
    return found


def is_in_view(page: Page, link: str) -> bool:
    view, box = page.locator(VIEW).bounding_box(), page.locator(f"a[data-link={link}] rect").bounding_box()
    assert view is not None and box is not None
    return (
        view["x"] <= box["x"] and box["x"] + box["width"] <= view["x"] + view["width"]
        and view["y"] <= box["y"] and box["y"] + box["height"] <= view["y"] + view["height"]
    )  # fmt: skip


def test_zoom_and_pan_by_wheel_keys_buttons_and_drag(page: Page):
    page.goto(MAP)
    page.focus(VIEW)
    *_, fit = look(page)
    page.keyboard.press("+")
    *_, nearer = look(page)
    assert nearer > fit
    page.keyboard.press("-")
    assert look(page)[2] == pytest.approx(fit)
    page.click("[data-zoom=in]")
    page.click("[data-zoom=in]")
    page.focus(VIEW)
    box = page.locator(VIEW).bounding_box()
    assert box is not None
    x, y = box["x"] + 300, box["y"] + 200
    page.mouse.move(x, y)
    before = look(page)
    spot = [(x - box["x"] - before[0]) / before[2], (y - box["y"] - before[1]) / before[2]]
    page.mouse.wheel(0, -100)
    page.wait_for_function(
        "k => !document.querySelector('svg[data-chainmap]').style.transform.includes(k)", arg=f"scale({before[2]})"
    )
    after = look(page)
    assert after[2] > before[2]
    # what was under the pointer stays there
    assert [(x - box["x"] - after[0]) / after[2], (y - box["y"] - after[1]) / after[2]] == pytest.approx(spot, abs=1.5)
    page.mouse.down()
    page.mouse.move(x - 80, y - 30, steps=4)
    page.mouse.up()
    assert look(page)[:2] == pytest.approx((after[0] - 80, after[1] - 30), abs=1)
    assert page.url.endswith(MAP), "a drag that ends on a link does not follow it"
    page.keyboard.press("ArrowRight")
    assert look(page)[0] == pytest.approx(after[0] - 140, abs=1)
    page.keyboard.press("0")
    assert look(page)[2] == pytest.approx(fit)


def test_edges_are_walked_by_keyboard_with_the_focus_seen(page: Page):
    page.goto(MAP)
    page.focus("a[data-link=rb_harmonic]")
    for _ in range(6):
        page.keyboard.press("+")
    page.keyboard.press("ArrowRight")  # what a harmonic reducer goes into
    feeds = {"rb_ind", "rb_cobot", "rb_human"}
    first = focused(page)
    assert first in feeds
    walked = {first}
    for key in ("ArrowUp", "ArrowUp", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
        walked.add(focused(page))
        assert is_in_view(page, str(focused(page)))
    assert walked == feeds, "up and down lead to the other customers of the same supplier"
    ring = page.evaluate("getComputedStyle(document.activeElement.querySelector('rect')).strokeWidth")
    assert ring == "5px"
    assert page.locator("a.is-lit").count() > 1 and page.locator("path.is-lit").count() > 0
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(
        "here => [...document.querySelectorAll('path')].some(p => p.dataset.from === here)", focused(page)
    )
    page.keyboard.press("Escape")
    assert focused(page) is None and page.locator(f"{VIEW}:focus").count() == 1
    page.focus("a[data-link=rb_ind]")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/chains/robot/rb_ind/"))


def test_search_finds_centres_and_tells(page: Page):
    page.goto(MAP)
    page.fill("[data-map-search]", "减速器")
    assert "找到 2 个" in page.inner_text("[data-map-told]")
    assert page.locator("a[data-link].is-out").count() == 23
    page.press("[data-map-search]", "Enter")
    found = page.get_attribute("a.is-found", "data-link")
    assert found in {"rb_harmonic", "rb_rv"}
    assert "1 / 2" in page.inner_text("[data-map-told]") and is_in_view(page, str(found))
    page.press("[data-map-search]", "Enter")
    assert page.get_attribute("a.is-found", "data-link") not in {None, found}
    page.press("[data-map-search]", "ArrowDown")
    assert focused(page) in {"rb_harmonic", "rb_rv"}
    page.fill("[data-map-search]", "没有这样的环节")
    assert "找到 0 个" in page.inner_text("[data-map-told]")
    page.fill("[data-map-search]", "")
    assert page.locator("a[data-link].is-out").count() == 0


def test_filters_keep_the_others_faint_and_stand_in_the_address(page: Page):
    page.goto(MAP)
    page.select_option("#m-seg", "upstream")
    page.wait_for_url(re.compile("segment=upstream"))
    assert 0 < page.locator("a[data-link]:not(.is-dim)").count() < 25
    page.select_option("#m-state", "strong")  # without a register nothing is judged
    page.wait_for_url(re.compile("state=strong"))
    assert page.locator("a[data-link]:not(.is-dim)").count() == 0
    assert page.locator("a[data-link]").count() == 25


def test_the_whole_map_is_printed_however_it_is_looked_at(page: Page):
    page.goto(MAP)
    page.focus(VIEW)
    for _ in range(8):
        page.keyboard.press("+")
    page.emulate_media(media="print")
    sheet = page.locator("svg[data-chainmap]").bounding_box()
    assert sheet is not None
    for link in page.locator("a[data-link] rect").all():
        box = link.bounding_box()
        assert box is not None and sheet["x"] <= box["x"] and box["x"] + box["width"] <= sheet["x"] + sheet["width"] + 1
    assert page.locator("[data-map-tools]").filter(visible=True).count() == 0
    assert page.pdf(format="A4", landscape=True).startswith(b"%PDF")


@pytest.mark.parametrize("chain", ["display", "nev"])  # of small and of large writing on paper
def test_title_map_and_legend_are_on_one_sheet_laid_across_and_can_be_read(page: Page, chain: str):
    page.goto(f"/chains/{chain}/?as_of=2023-08-08")  # the notice of the day stands above, too
    page.emulate_media(media="print")
    view, sheet = page.locator(VIEW).bounding_box(), page.locator("svg[data-chainmap]").bounding_box()
    assert view is not None and sheet is not None
    assert abs(view["height"] - sheet["height"]) < 12, "nothing blank below the map, nothing over its edge"
    with pdfium.PdfDocument(page.pdf(prefer_css_page_size=True)) as document:
        first = document[0]
        assert first.get_width() > first.get_height()
        text = first.get_textpage()
        told = text.get_text_range()
        name = page.locator("a[data-link]").last.get_attribute("data-name")
        assert name is not None and "产业图谱" in told and "公开材料点名的短板" in told and name[:2] in told
        heads = {"上游", "中游", "下游", "支撑"}
        assert heads <= set(told.split()), "the head of every segment, whole"
        at = told.index(name[:2])
        _left, bottom, _right, top = text.get_charbox(at, loose=True)
        assert top - bottom > 5.5, "points"
        assert top < first.get_height()


def test_how_a_link_stands_is_a_mark_at_either_scale(page: Page):
    page.goto("/chains/nev/")
    for scale in (".chainmap__near", ".chainmap__far"):
        marks = page.locator(f"a[data-link] {scale}").all_text_contents()
        assert len(marks) == 22 and all("?" in told for told in marks)


def test_no_two_names_overlap_at_the_opening_scale(page: Page):
    page.goto("/chains/nano/")
    shown = page.evaluate(
        "[...document.querySelectorAll('a[data-link] text, .chainmap__head')].filter(t => t.getClientRects().length)"
        ".map(t => { const r = t.getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom]; })"
    )
    assert len(shown) > 25
    for at, (left, top, right, bottom) in enumerate(shown):
        for other in shown[at + 1 :]:
            # line boxes of neighbouring lines may touch, letters do not
            assert min(right, other[2]) - max(left, other[0]) < 1 or min(bottom, other[3]) - max(top, other[1]) < 4
