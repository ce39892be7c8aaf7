"""Search over everything: documents, sentences, targets, tasks, items of dockets, firms, and the folder's things."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from jiqun.ledger.access import visible
from jiqun.ledger.models import Claim, Document, Task
from jiqun.ledger.store import as_of
from jiqun.reports import docket_holdings
from jiqun.reports.claims import ClaimRow, claim_row
from jiqun.reports.docket_holdings import ItemHit
from jiqun.reports.firmbook import Firmbook
from jiqun.reports.firms import FirmFilter, FirmRow, all_fitting
from jiqun.reports.register import DocumentRef, TargetRow, document_refs, register
from jiqun.reports.view import Ref, View

EACH = 20


@dataclass(frozen=True, slots=True)
class Passage:
    """Where a document's reading text has the words."""

    document: DocumentRef
    before: str
    found: str
    after: str
    times: int


@dataclass(frozen=True, slots=True)
class TaskHit:
    key: str
    number: str
    title: str
    document: DocumentRef


@dataclass(frozen=True)
class Search:
    """At most `EACH` of a kind; `total` counts what is shown. `firms` are of `firms_found` that the reader may see."""

    query: str
    total: int
    indicators: tuple[Ref, ...]
    clusters: tuple[Ref, ...]
    areas: tuple[Ref, ...]
    bodies: tuple[Ref, ...]
    targets: tuple[TargetRow, ...]
    claims: tuple[ClaimRow, ...]
    tasks: tuple[TaskHit, ...]
    items: tuple[ItemHit, ...]
    passages: tuple[Passage, ...]
    firms: tuple[FirmRow, ...] = ()
    firms_found: int = 0


def search(view: View, query: str, book: Firmbook | None = None) -> Search:
    """`book`: the register, for who may read firms; they are found by name, former name and code."""
    words = query.strip()
    if not words:
        return Search("", 0, (), (), (), (), (), (), (), (), ())
    city, names = view.city, view.names
    indicators = [names.indicator(i.id) for i in city.indicators.values() if _has(words, i.name, i.name_en, *i.aliases)]
    clusters = [
        Ref(c.id, c.name, c.name_en) for c in city.clusters.values() if _has(words, c.name, c.name_en, *c.aliases)
    ]
    areas = [Ref(a.id, a.name) for a in city.areas.values() if _has(words, a.name, a.short_name, *a.aliases)]
    bodies = [Ref(b.id, b.name) for b in city.bodies.values() if _has(words, b.name, b.short_name, *b.aliases)]
    targets = [row for row in register(view).wholes if _has(words, row.sentence, row.indicator.name)]
    claims, tasks, passages = _claims(view, words), _tasks(view, words), _passages(view, words)
    items = docket_holdings.found(view, words, EACH)
    firms, firms_found = all_fitting(book, FirmFilter(q=words), EACH) if book else ((), 0)
    found = (indicators, clusters, areas, bodies, targets, claims, tasks, items, passages, firms)
    return Search(
        query=words,
        total=sum(len(kind[:EACH]) for kind in found),
        indicators=tuple(indicators[:EACH]),
        clusters=tuple(clusters[:EACH]),
        areas=tuple(areas[:EACH]),
        bodies=tuple(bodies[:EACH]),
        targets=tuple(targets[:EACH]),
        claims=claims,
        tasks=tasks,
        items=items,
        passages=passages,
        firms=firms,
        firms_found=firms_found,
    )


def _has(words: str, *texts: str) -> bool:
    return any(words.lower() in text.lower() for text in texts)


def _claims(view: View, words: str) -> tuple[ClaimRow, ...]:
    rows = visible(view.user, as_of(Claim)).filter(Q(quote__contains=words) | Q(indicator__contains=words))
    documents = document_refs()
    return tuple(
        claim_row(view, claim, documents[claim.document_id])
        for claim in rows.order_by("document_id", "number_start")[:EACH]
    )


def _tasks(view: View, words: str) -> tuple[TaskHit, ...]:
    rows = as_of(Task, known_on=view.on).filter(title__contains=words).order_by("document_id", "start")[:EACH]
    documents = document_refs()
    return tuple(TaskHit(row.key, row.number, row.title, documents[row.document_id]) for row in rows)


def _passages(view: View, words: str) -> tuple[Passage, ...]:
    rows = Document.objects.filter(known_on__lte=view.on).filter(Q(reading__contains=words) | Q(title__contains=words))
    documents = document_refs()
    texts: Iterable[tuple[int, str]] = rows.order_by("-known_on").values_list("id", "reading")[:EACH]
    return tuple(_passage(documents[row_id], text, words) for row_id, text in texts)


def _passage(document: DocumentRef, text: str, words: str) -> Passage:
    at = text.find(words)
    if at < 0:
        return Passage(document, "", "", "", 0)
    end = at + len(words)
    before, after = text[max(0, at - 40) : at], text[end : end + 60]
    return Passage(document, before.split("\n")[-1], text[at:end], after.split("\n")[0], text.count(words))
