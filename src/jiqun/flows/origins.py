"""Rows of a table that name the document and the place their number was read from: the figure leads back to it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from jiqun import tables
from jiqun.flows.claims import carrying, observation_key
from jiqun.flows.faults import fault
from jiqun.ledger.models import Claim, ClaimState, Document, Observation
from jiqun.model.claims import ClaimKind
from jiqun.model.findings import Finding, Place, Severity
from jiqun.reports import reported
from jiqun.reports.reported import agree
from jiqun.reports.rivals import figures_at, held_figure
from jiqun.tables import Record
from jiqun.workspace import Workspace

_PLACES = {"start": "原文起", "end": "原文止", "number_start": "数字起", "number_end": "数字止"}
COLUMNS = {
    "digest": ("文件摘要",), "quote": ("原文",), **{field: (head,) for field, head in _PLACES.items()},
    # for people; an import has no use for them
    "words": ("原文指标",), "again": ("文中又见",), "file_name": ("文件",), "sureness": ("把握",),
}  # fmt: skip


@dataclass(frozen=True)
class Origin:
    """Characters from, up to, in the original text of the document of that digest."""

    digest: str
    file_name: str
    quote: str
    start: int
    end: int
    number_start: int
    number_end: int


def read(record: Record, place: Place) -> tuple[Origin | None, list[Finding]]:
    """The origin that the row names; None where it names none, or one that cannot be: then with the faults."""
    texts = {field: _text(record, field) for field in COLUMNS}
    if not texts["digest"]:
        return None, []
    numbers: dict[str, int] = {}
    faults = []
    for field, head in _PLACES.items():
        if texts[field].isdecimal() and len(texts[field]) < 10:
            numbers[field] = int(texts[field])
        else:
            said = f"{head}“{texts[field]}”不是文中的位置"
            where = replace(place, cell=record[field].address) if field in record.cells else place
            faults.append(fault("not_a_place", said, "请保留导出时的数，或清空“文件摘要”", place=where))
    if faults:
        return None, faults
    return Origin(texts["digest"], texts["file_name"], texts["quote"], **numbers), []


class Papers:
    """Documents of the ledger and what they report, each looked up once for all rows of a table."""

    def __init__(self) -> None:
        self._documents: dict[str, Document | None] = {}
        self._claims: dict[str, list[Claim]] = {}

    def document(self, digest: str) -> Document | None:
        if digest not in self._documents:
            self._documents[digest] = Document.objects.filter(digest=digest).first()
        return self._documents[digest]

    def claim_at(self, document: Document, origin: Origin, indicator_id: str) -> Claim | None:
        """The claim whose number stands there; of several, the one about the indicator."""
        if document.digest not in self._claims:
            rows = Claim.objects.filter(document=document, superseded_at=None, kind=ClaimKind.ACTUAL.value)
            self._claims[document.digest] = list(rows.order_by("number_start", "key"))
        found = (
            claim for claim in self._claims[document.digest]
            if claim.number_start < origin.number_end and origin.number_start < claim.number_end
        )  # fmt: skip
        return min(found, key=lambda claim: claim.indicator_id != indicator_id, default=None)


def traced(
    ws: Workspace, papers: Papers, row: Observation, origin: Origin, place: Place
) -> tuple[Observation | None, list[Finding]]:
    """The figure as the document's own: it has the identity it would have had by acceptance of its claim.

    Another number at its point, from another source, is a warning: both stand, nothing is replaced.
    Where the ledger has no such document, the figure says so and names the row it came from. Faults: a quote that
    does not stand there, a claim that a person has rejected.
    """
    document = papers.document(origin.digest)
    if document is None:
        cited = f"引自《{origin.file_name}》第 {origin.start}—{origin.end} 字，该文件未收录"
        said = f"《{place.file}》第 {place.line} 行；{cited}"
        row.note = "；".join(filter(None, (row.note, said)))
        return row, _contradictions(ws, row, place)
    if not _stands(origin, document.original):
        said = f"“{origin.quote}”不在《{document}》的第 {origin.start}—{origin.end} 字"
        return None, [fault("not_quoted", said, "请核对引文和位置，或清空“文件摘要”", place=place)]
    claim = papers.claim_at(document, origin, row.indicator_id)
    if claim is not None and claim.state == ClaimState.REJECTED:
        said = f"“{claim.quote}”在审核时已被否决"
        return None, [fault("rejected", said, "请从表中删去该行，或在审核页改正", place=place)]
    return _of_document(ws, row, document, claim, origin), _contradictions(ws, row, place)


def _of_document(
    ws: Workspace, row: Observation, document: Document, claim: Claim | None, origin: Origin
) -> Observation:
    row.claim_key = claim.key if claim else f"{document.digest}:{origin.number_start}-{origin.number_end}"
    row.key = observation_key(row.indicator_id, row.area_id, row.cluster_id, row.period, row.measure, row.claim_key)
    row.document, row.source_title, row.known_on = document, str(document), document.known_on
    value = reported.signed(ws.city, claim) if claim else None
    if claim is not None and value is not None and value == row.value:
        row.value_text = claim.value_text if value == claim.value else format(value, "f")
    elif claim is not None and value is not None:
        row.note = "；".join(filter(None, (row.note, f"表中为 {row.value_text}，原文读作 {value:f}{claim.unit}")))
    return carrying(ws, row)


def _contradictions(ws: Workspace, row: Observation, place: Place) -> list[Finding]:
    """Warnings of figures in use that say another number at the point of `row`, from another document or source."""
    own = held_figure(ws.city, row)
    ours = f"表中为 {row.value_text}{row.unit}；两数并存，未作替换"
    return [
        Finding(
            "ledger.contradicts",
            Severity.WARNING,
            f"台账另有 {one.value_text}{one.unit}（{one.source_title or one.source_id}），{ours}",
            place,
            "请核对口径和来源",
        )
        for one in figures_at(ws.city, own.point)
        if one.key != row.key
        and (row.document_id is None or one.document_id != row.document_id)
        and not agree(own, held_figure(ws.city, one))
    ]


def _stands(origin: Origin, original: str) -> bool:
    """Whether the quote is the text there, what page marks and white space put between its characters left out."""
    if not origin.start <= origin.number_start < origin.number_end <= origin.end <= len(original):
        return False
    there = iter(original[origin.start : origin.end])
    quote = [character for character in origin.quote if not character.isspace()]
    return bool(quote) and all(character in there for character in quote)


def _text(record: Record, field: str) -> str:
    cell = record.cells.get(field)
    if cell is None or tables.is_missing(cell):
        return ""
    return cell.text.strip().removeprefix("'")
