"""Where firms stand together: proposed areas on a map, and at which distances a group gathers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from jiqun import workspace
from jiqun.ledger.access import Action
from jiqun.reports.gathering import (
    GatheringFilter,
    Reading,
    area_map,
    curves,
    day_found,
    gathering,
    gathering_csv,
    gathering_workbook,
)
from jiqun.reports.gathering_drawing import CurveWords, MapWords
from jiqun.web.forms import read_filter
from jiqun.web.frame import answer, door
from jiqun.web.views.firms import book_of, workbook


@door(Action.READ_FIRMS)
def gathering_page(request: HttpRequest) -> HttpResponse:
    page = gathering(book_of(request), read_filter(GatheringFilter, request.GET))
    drawn = area_map(page, MapWords(_("密集片区图"), _("{} 家企业"), _("公里")))
    labels = {"by": _("分组"), "group": _("产业或集群")}
    selects = [
        (name, label, getattr(page.filter, name), page.options[name]) for name, label in labels.items() if page.found
    ]
    safe = mark_safe(drawn)  # noqa: S308 - escaped in gathering_drawing
    return answer(
        request, "web/gathering.html", page, curves=curves(page, _words), drawn=safe, selects=selects
    )  # fmt: skip


@door(Action.READ_FIRMS)
def gathering_xlsx(request: HttpRequest) -> HttpResponse:
    book = book_of(request)
    content = gathering_workbook(book, created=workspace.current().clock())
    return workbook(content, f"gathering-{day_found(book):%Y%m%d}.xlsx")


@door(Action.READ_FIRMS)
def gathering_csv_file(request: HttpRequest) -> HttpResponse:
    book = book_of(request)
    name = f"gathering-{day_found(book):%Y%m%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(gathering_csv(book), content_type="text/csv; charset=utf-8", headers=headers)


def _words(kind: str, reading: Reading) -> CurveWords:
    title = _("Kd：两两企业间距离的密度") if kind == "kd" else _("M：身边同业所占比例是随机的几倍")
    value = _("密度（每公里）") if kind == "kd" else _("倍数")
    says = [_("集聚：%s 公里") % reading.near] if reading.near else []
    says += [_("相距较远的也多于随机：%s 公里") % reading.far] if reading.far else []
    says += [_("少于随机：%s 公里") % reading.apart] if reading.apart else []
    told = _("；").join(says) if reading.is_told else _("没有显著差别，或一并检验后不足为凭")
    return CurveWords(title, told, _("距离（公里）"), value, _("实际"), _("随机分布的全局置信带"))
