"""Chains: all of them, one as a map, one link, and the lists of what to strengthen, fill, extend and free."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from jiqun import flows, workspace
from jiqun.enterprises import register
from jiqun.industry.chains import placing
from jiqun.industry.chains.states import State
from jiqun.ledger import access
from jiqun.ledger.access import Action
from jiqun.ledger.models import Run
from jiqun.reports import chain_drawing, chain_gaps, docket_feed
from jiqun.reports.chain_candidates import asked
from jiqun.reports.chain_drawing import Stage
from jiqun.reports.chain_gaps import WAY_LABELS, GapFilter, bottleneck_list, gap_list
from jiqun.reports.chainbook import SEGMENT_LABELS, STATE_LABELS, Chainbook, opened
from jiqun.reports.chains import MapFilter, MapPage, chain_map, chains, link, sketch
from jiqun.reports.paging import cut
from jiqun.web import jobs
from jiqun.web.forms import read_filter, whole
from jiqun.web.frame import answer, door, view_of
from jiqun.web.views.firms import workbook
from jiqun.web.views.register import SMALL_ROWS

PAGE = 30
NAMED = 3  # candidates of a link in the list; on its own page 20


def book_of(request: HttpRequest) -> Chainbook:
    return opened(view_of(request), workspace.current().path / "registers")


@door()
def chains_page(request: HttpRequest) -> HttpResponse:
    may = {"may_adopt": Action.ADOPT_CHAINS, "may_place": Action.IMPORT}
    may_do = {name: bool(access.may(request.user, action)) for name, action in may.items()}
    return answer(request, "web/chains.html", chains(book_of(request)), **may_do)


@require_POST
@door(Action.IMPORT)
def place(request: HttpRequest) -> HttpResponse:
    """Every firm of the snapshot of the page's day on the links of the chains in use."""
    ws, actor, on = workspace.current(), request.user.get_username(), view_of(request).on
    rows = register.manifest_on(register.open(ws.path / "registers", register.MAIN), on).rows

    def work(progress: jobs.Progress, run: Run) -> object:
        progress("归到环节", 0.1)
        return flows.place_firms(ws, on, actor=actor, reason=request.POST.get("reason", "").strip())

    run = jobs.begin(ws, actor, placing.RUN, f"{on}", work, at_once=rows <= SMALL_ROWS)
    return redirect("work", key=run.pk)


@door()
def chain_page(request: HttpRequest, key: str) -> HttpResponse:
    page = chain_map(book_of(request), key, read_filter(MapFilter, request.GET))
    return answer(request, "web/chain.html", page, folded=_folded(page), drawn=_drawn(page), **_words())


@door()
def chain_sketch(request: HttpRequest, key: str) -> HttpResponse:
    """The links of a large chain for the page's own drawing; filtered as the page is."""
    return JsonResponse(sketch(book_of(request), key, read_filter(MapFilter, request.GET)))


@door()
def link_page(request: HttpRequest, key: str, node: str) -> HttpResponse:
    book = book_of(request)
    page, kept = link(book, key, node), docket_feed.kept(book.view, book)
    items = docket_feed.on_link(book.view, kept.docket, key, node) if kept else ()
    is_wanting = page.state.state in (State.WEAK, State.MISSING)
    wanted = asked(book, key, node, 20, with_near=False) if is_wanting else None
    return answer(request, "web/chain_link.html", page, kept=kept, items=items, asked=wanted)


@door()
def gaps_page(request: HttpRequest) -> HttpResponse:
    page = gap_list(book_of(request), read_filter(GapFilter, request.GET))
    shown, paging = cut(page.rows, whole(request.GET.get("page")) or 1, PAGE)
    rows = [(row, asked(page.book, row.chain.id, row.node.id, NAMED)) for row in shown]
    words = _words() | {"rows": rows, "paging": paging, "ways": list(WAY_LABELS.values())}
    words["states"] = [(state.value, STATE_LABELS[state]) for state in (State.WEAK, State.MISSING)]
    return answer(request, "web/chain_gaps.html", page, **words)


@door()
def gaps_xlsx(request: HttpRequest) -> HttpResponse:
    page = gap_list(book_of(request), read_filter(GapFilter, request.GET))
    created = workspace.current().clock()
    return workbook(chain_gaps.gaps_workbook(page, created=created), "chain-gaps.xlsx")


@door()
def bottlenecks_page(request: HttpRequest) -> HttpResponse:
    book = book_of(request)
    page = bottleneck_list(book, read_filter(GapFilter, request.GET))
    rows, paging = cut(page.rows, whole(request.GET.get("page")) or 1, PAGE)
    kept = docket_feed.kept(book.view, book)
    return answer(request, "web/chain_bottlenecks.html", page, rows=rows, paging=paging, kept=kept, **_words())


@door()
def bottlenecks_xlsx(request: HttpRequest) -> HttpResponse:
    book = book_of(request)
    page = bottleneck_list(book, read_filter(GapFilter, request.GET))
    kept = docket_feed.kept(book.view, book)
    created = workspace.current().clock()
    return workbook(
        chain_gaps.bottlenecks_workbook(page, kept.items if kept else {}, created=created), "chain-bottlenecks.xlsx"
    )


def _drawn(page: MapPage) -> str:
    """The links as SVG; every text in it was escaped when it was drawn."""
    svg = chain_drawing.draw(
        page.boxes, page.edges, page.where, lambda id_: reverse("chain-link", args=[page.ref.id, id_]),
        page.ref.name,
    )  # fmt: skip
    return mark_safe(svg)  # noqa: S308 - escaped in chain_drawing


def _folded(page: MapPage) -> str:
    """The stages of a chain that is not drawn whole, each leading to the list of its links."""
    if page.is_whole:
        return ""

    def address(stage: Stage) -> str:
        query = urlencode({"segment": stage.segment, "layer": stage.layer})
        return f"{reverse('chain', args=[page.ref.id])}?{query}#found"

    svg = chain_drawing.draw_folded(page.stages, SEGMENT_LABELS, address, page.ref.name, _("第 %d 层"))
    return mark_safe(svg)  # noqa: S308 - escaped in chain_drawing


def _words() -> dict[str, Any]:
    return {
        "states": [(state.value, label) for state, label in STATE_LABELS.items()],
        "segments": list(SEGMENT_LABELS.items()),
    }
