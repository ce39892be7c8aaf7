"""What templates need beyond Django's own: lights, pace bars, marked text, query strings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, pgettext

from jiqun.reports.lineage_drawing import Box, Drawing
from jiqun.reports.reading import Piece
from jiqun.reports.register import Judgement, LightCount
from jiqun.reports.tilemap import TileMap
from jiqun.reports.view import Ref
from jiqun.web.icons import ICONS

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """A picture of the product's own set; decoration, so hidden from screen readers."""
    drawn = ICONS.get(name, "")
    return mark_safe(f'<svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">{drawn}</svg>')  # noqa: S308 - our own constants


@register.simple_tag
def light(judged: Judgement, size: str = "") -> SafeString:
    """A light as shape, word and colour, its reason in the tooltip."""
    return format_html(
        '<span class="light light--{}{}" title="{}">{}{}</span>',
        judged.light,
        f" light--{size}" if size else "",
        judged.reason,
        icon(str(judged.light)),
        gettext(judged.label),
    )


@register.simple_tag
def pace(judged: Judgement) -> SafeString:
    """How far a target has come (bar) and should have come (tick); nothing where neither is known."""
    if judged.done is None:
        return SafeString("")
    tick = ""
    if judged.due is not None:
        at = round(judged.due * 100, 1)
        tick = format_html('<line class="pace__tick" x1="{}" x2="{}" y1="0" y2="12"/>', at, at)
    says = gettext("已走过 %(done)d%%") % {"done": round(judged.done * 100)}
    if judged.due is not None:
        says += gettext("，应走过 %(due)d%%") % {"due": round(judged.due * 100)}
    return format_html(
        '<svg class="pace pace--{}" viewBox="0 0 100 12" preserveAspectRatio="none" role="img"><title>{}</title>'
        '<rect class="pace__ground" width="100" height="8" y="2"/>'
        '<rect class="pace__done" width="{}" height="8" y="2"/>{}</svg>',
        judged.light,
        says,
        round(judged.done * 100, 1),
        tick,
    )


@register.simple_tag
def lightbar(counts: Iterable[LightCount]) -> SafeString:
    """Counts of lights as one bar; says them in words too."""
    found = [count for count in counts if count.count]
    total = sum(count.count for count in found)
    if not total:
        return SafeString("")
    at, bars = 0.0, []
    for count in found:
        width = count.count / total * 100
        bar = '<rect class="shares__{}" x="{}" width="{}" height="12"/>'
        bars.append(format_html(bar, count.light, f"{at:.2f}", f"{width:.2f}"))
        at += width
    says = "，".join(f"{gettext(count.label)} {count.count}" for count in found)
    return format_html(
        '<svg class="shares" viewBox="0 0 100 12" preserveAspectRatio="none" role="img"><title>{}</title>{}</svg>',
        says,
        mark_safe("".join(bars)),  # noqa: S308 - made by format_html above
    )


@register.simple_tag
def tiles(found: TileMap) -> SafeString:
    """A tile map as a picture whose tiles are links; every tile says its value in words."""
    size, drawn = 100, []
    for tile in found.tiles:
        x, y = (tile.column - 1) * size + 3, (tile.row - 1) * size + 3
        drawn.append(
            format_html(
                '<a href="{}"><title>{} {}</title>'
                '<rect class="tile tile--{}" x="{}" y="{}" width="94" height="94" rx="4"/>'
                '<text class="tile__name" x="{}" y="{}">{}</text><text class="tile__said" x="{}" y="{}">{}</text></a>',
                reverse("area", args=[tile.area_id]),
                tile.name,
                tile.said,
                "none" if tile.value_class is None else tile.value_class,
                x, y, x + 47, y + 42, tile.name, x + 47, y + 66, tile.said,
            )
        )  # fmt: skip
    return format_html(
        '<svg viewBox="0 0 {} {}" role="group" aria-label="{}">{}</svg>',
        found.columns * size,
        found.rows * size,
        gettext("区域方格图"),
        mark_safe("".join(drawn)),  # noqa: S308 - made by format_html above
    )


@register.simple_tag
def lineage(found: Drawing, label: str) -> SafeString:
    """Editions side by side, a ribbon for what became of what; boxes lead to their clusters."""
    parts = [
        format_html('<text class="lineage__{}" x="{}" y="{}">{}</text>', line, column.x, y, said)
        for column in found.columns
        for line, y, said in (
            ("edition", 16, gettext("%(edition)s 版") % {"edition": gettext(column.edition)}),
            ("sub", 33, gettext("%(n)s 个") % {"n": column.count}),
        )
    ]
    ribbon = '<path class="ribbon ribbon--{}" d="{}"><title>{}</title></path>'
    parts += [format_html(ribbon, one.type, one.path, one.says) for one in found.ribbons]
    parts += [_box(box) for box in found.boxes]
    return format_html(
        '<svg class="lineage" viewBox="0 0 {} {}" width="{}" height="{}" role="group" aria-label="{}">{}</svg>',
        found.width, found.height, found.width, found.height, label,
        mark_safe("".join(parts)),  # noqa: S308 - made by format_html above
    )  # fmt: skip


@register.filter
def event_word(label: str) -> str:
    """What became of a cluster (新增 is no increment here), or another mark, in the reader's language."""
    told = pgettext("event", label)
    return gettext(label) if told == label else told


def _box(box: Box) -> SafeString:
    in_english = box.name_en and (get_language() or "").startswith("en")
    said = box.name_en if in_english else box.name
    most = 26 if in_english else 14
    short = said if len(said) <= most else said[: most - 1] + "…"
    middle = box.y + box.height // 2 + 5
    mark = format_html('<text class="lineage__mark" x="{}" y="{}">{}</text>', box.x + 208, middle, event_word(box.mark))
    inner = format_html(
        '<title>{}</title><rect class="lineage__box{}" x="{}" y="{}" width="216" height="{}" rx="3"/>'
        '<text class="lineage__name" x="{}" y="{}">{}</text>{}',
        said, " lineage__box--future" if box.is_future else "", box.x, box.y, box.height, box.x + 8, middle, short,
        mark if box.mark else "",
    )  # fmt: skip
    return format_html('<a href="{}">{}</a>', reverse("cluster", args=[box.id]), inner) if box.is_linked else inner


@register.filter
def name(ref: Ref | None) -> str:
    """A thing's name in the reader's language, where the folder has it."""
    if ref is None:
        return ""
    return ref.name_en if ref.name_en and (get_language() or "").startswith("en") else ref.name


@register.simple_tag
def in_words(text: str, text_en: str) -> str:
    """A word of the folder in the reader's language, where the folder has it."""
    return text_en if text_en and (get_language() or "").startswith("en") else text


@register.simple_tag(takes_context=True)
def query(context: Any, **changes: Any) -> str:
    """The page's own query string with some parameters changed; None or "" drops one."""
    values = context["request"].GET.copy()
    values.pop("as_of", None)
    for key, value in changes.items():
        if value in (None, ""):
            values.pop(key, None)
        else:
            values[key] = str(value)
    return f"?{values.urlencode()}"


@register.simple_tag(takes_context=True)
def sorting(context: Any, field: str, default: str = "") -> SafeString:
    """`aria-sort` of a column's head, where the list is sorted by it."""
    chosen = context["request"].GET.get("sort", default)
    if chosen == field:
        return SafeString('aria-sort="ascending"')
    return SafeString('aria-sort="descending"' if chosen == f"-{field}" else "")


@register.simple_tag(takes_context=True)
def sort_link(context: Any, field: str, default: str = "") -> str:
    """Sort by the field; by the field the other way round, when it is so sorted already."""
    chosen = context["request"].GET.get("sort", default)
    return str(query(context, sort=f"-{field}" if chosen == field else field, page=None))


@register.simple_tag(takes_context=True)
def pieces(context: Any, found: Iterable[Piece]) -> SafeString:
    """Marked text: joined, its visible characters are exactly the document's."""
    may_review = context["frame"].may_review
    return mark_safe("".join(_piece(piece, may_review) for piece in found))  # noqa: S308 - each piece is escaped


def _piece(piece: Piece, may_review: bool) -> str:
    anchors = "".join(f'<span class="anchor" id="{conditional_escape(anchor)}"></span>' for anchor in piece.anchors)
    text = conditional_escape(piece.text)
    if piece.mark is not None:
        mark = piece.mark
        classes = [f"is-{mark.state}", "is-number" if piece.is_number else "is-quote"]
        classes += [word for word, holds in (("is-actual", mark.kind == "actual"), ("is-here", piece.is_here)) if holds]
        if piece.is_number and (target := _leads_to(mark.key, mark.kind, mark.state, may_review)):
            text = format_html('<a href="{}" title="{}">{}</a>', target, mark.says, text)
        text = format_html('<mark class="{}">{}</mark>', " ".join(classes), text)
    return f"{anchors}<b>{text}</b>" if piece.is_heading else f"{anchors}{text}"


def _leads_to(key: str, kind: str, state: str, may_review: bool) -> str:
    if kind == "target" and state == "accepted":
        return reverse("target", args=[f"t:{key}"])
    return f"{reverse('review')}?state=&claim={key.replace('#', '%23')}" if may_review else ""


@register.simple_tag
def in_document(claim_key: str | None) -> str:
    """Where a claim stands in its document."""
    if not claim_key:
        return ""
    digest, _, place = claim_key.partition(":")
    return f"{reverse('document', args=[digest])}?claim={place.replace('#', '%23')}#c-{place.replace('#', '_')}"


@register.simple_tag
def percent(share: float) -> str:
    """A share of 0 to 1 as whole percent."""
    return f"{share * 100:.0f}%"


@register.filter
def points(value: Any) -> str:
    """Points of a table: 72, 72.5."""
    return f"{float(value):g}"


@register.filter
def grouped(value: Any) -> Any:
    """A number, or one in words, with its thousands apart: 20,000; what is no number stays as it is."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return f"{value:,}"
    found = re.fullmatch(r"([-+−]?)([1-9]\d{3,})(\.\d+)?", value) if isinstance(value, str) else None
    return f"{found[1]}{int(found[2]):,}{found[3] or ''}" if found else value


@register.filter
def get(mapping: Any, key: Any) -> Any:
    return mapping.get(key) if mapping else None


@register.filter
def at(items: Any, place: int) -> Any:
    """The item at that place, counted from 0."""
    return items[place]


@register.filter
def words(text: str) -> list[str]:
    return text.split()


@register.simple_tag(takes_context=True)
def firm_places(context: Any) -> list[dict[str, Any]]:
    """The pages of the register, side by side; the one that is open marked."""
    path = context["request"].path
    labels = [
        ("firms", gettext("企业库")), ("lists", gettext("名单")), ("due", gettext("到期")),
        ("changes", gettext("变更")), ("twins", gettext("疑似重复")),
        ("counts", gettext("名单核算")), ("subsidies", gettext("奖补")),
        ("measures", gettext("集聚")), ("gathering", gettext("密集片区")),
    ]  # fmt: skip
    if context["frame"].may_import:
        labels.append(("firms-import", gettext("导入名册")))
    return [{"url": url, "label": label, "is_here": path == reverse(url)} for url, label in labels]


@register.filter
def short(digest: str) -> str:
    """Enough of a digest to tell it from others."""
    return digest[:12]


@register.filter
def clause(number: str) -> str:
    """The number of a task as an official text cites it: 二/(一)/2 is 二（一）2."""
    joined = re.sub(r"(?<=\d)/(?=\d)", ".", number)
    return joined.replace("/", "").replace("(", "（").replace(")", "）")


@register.filter
def round_key(return_key: str) -> str:
    """The key of the round that a return belongs to."""
    return return_key.rpartition("|")[0]


@register.filter
def choice(value: str, choices: Iterable[tuple[str, str]]) -> str:
    """The label of a chosen value; the value itself where nothing is to choose."""
    return dict(choices).get(value, value)
