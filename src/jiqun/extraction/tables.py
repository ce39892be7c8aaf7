"""The tables of a document as claims and tasks: what each table is, and its figures linked like those of the text."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from jiqun.documents.document import BlockKind, Cell, Document
from jiqun.extraction import captions, measures, tabular, worklists
from jiqun.extraction.captions import Setting
from jiqun.extraction.cellvalues import Cells
from jiqun.extraction.confidence import confidence, doubts_of
from jiqun.extraction.frames import Context, Draft
from jiqun.extraction.grids import Grid, grids
from jiqun.extraction.heads import Heads, heads, words_of
from jiqun.extraction.linking import Links, settled
from jiqun.extraction.origin import QUOTE_LIMIT, Origin
from jiqun.extraction.passages import Passage, ancestry, passage_of
from jiqun.extraction.phrases import change, head_off
from jiqun.extraction.places import Places
from jiqun.extraction.quantities import Form, Scanner
from jiqun.extraction.surroundings import Surroundings, Timing, Whence
from jiqun.extraction.tabular import Figure, Saying
from jiqun.extraction.words import any_of
from jiqun.model.claims import CellPlace, Claim, ClaimKind, Measure, WorkItem
from jiqun.model.spans import Span
from jiqun.model.units import Unit

_SENTENCE = re.compile(r"[。；;]|[，,].*[，,。；;]")
_SHORTEST_SAYING = 15

_DROPPED = re.compile(rf"(?:{any_of(words_of('dropped_verbs'))})*")

Sayings = Callable[[Sequence[Passage]], list[list[Claim]]]


class Apart(Surroundings):
    """A document seen from cells of its tables, which lean on no cell before them as bullets do."""

    def lead_in(self, at: int) -> str:
        return ""

    def _led_in(self, at: int) -> str | None:
        return None


@dataclass(frozen=True)
class Parts:
    """The passes of one extraction that tables share with the text."""

    document: Document
    around: Surroundings
    places: Places
    scanner: Scanner
    links: Links
    origin: Origin


@dataclass
class Found:
    """Claims by the place of their cell in the reading text, tasks by that of their row.

    `listed` are sections of the outline that are nothing but the frame of a work list.
    """

    claims: list[tuple[int, Claim]] = field(default_factory=list)
    tasks: list[tuple[int, WorkItem]] = field(default_factory=list)
    listed: set[int] = field(default_factory=set)


def read_tables(parts: Parts, say: Sayings) -> Found:
    """What the tables of the document promise, report and ask for; `say` reads cells of sentences as text."""
    found = Found()
    if parts.document.tables:
        _Tables(parts, say).read(found)
    return found


@dataclass
class _Spoken:
    """A cell of sentences that waits to be read, and what its row and column say of it."""

    passage: Passage
    cell: Cell
    grid: Grid
    column_label: str
    period: str | None
    bodies: tuple[str, ...]
    task: str | None = None
    area: str | None = None
    binding: bool | None = None


class _Tables:
    def __init__(self, parts: Parts, say: Sayings) -> None:
        self._parts = parts
        self._say = say
        self._reading = parts.document.reading
        self._cells = Cells(parts.scanner)
        self._areas = parts.places.names
        self._reader = tabular.Reader(self._reading, self._cells, self._areas)

    def read(self, found: Found) -> None:
        spoken: list[_Spoken] = []
        for grid in grids(self._parts.document):
            head = heads(grid, self._areas, self._cells.is_unit)
            if head is None:
                spoken += self._sentences(grid)
            else:
                spoken += self._table(grid, head, found)
        said = self._say([each.passage for each in spoken]) if spoken else []
        for each, claims in zip(spoken, said, strict=True):
            assert each.cell.span is not None
            found.claims += [(each.cell.span.start, self._placed(claim, each)) for claim in claims]
        found.claims.sort(key=lambda pair: pair[0])
        _count(found)

    def _table(self, grid: Grid, head: Heads, found: Found) -> list[_Spoken]:
        document = self._parts.document
        sections = ancestry(document, grid.section)
        around = captions.Surrounding(
            self._parts.around.day, self._parts.around.kind, self._parts.around.title, [s.title for s in sections]
        )
        held = captions.setting(grid, head, around)
        bodies = worklists.bodies_of_rows(grid, head, self._reading)
        spoken: list[_Spoken] = []
        tasks: dict[int, str] = {}
        goal = str(held.goal) if held.goal else None
        if worklists.is_work_list(head):
            path = sections[0].path if sections else f"表{grid.index + 1}" if len(document.tables) > 1 else ""
            for item in worklists.items(grid, head, bodies, held.goal):
                number = f"{path}/{item.serial}".lstrip("/")
                tasks |= dict.fromkeys(range(item.row, item.last + 1), number)
                found.tasks.append((item.span.start, self._work_item(item, number)))
                spoken += [
                    _spoken(self._reading, grid, head, cell, item.deadline or goal, item.bodies, number)
                    for cell in item.sayings
                ]
            if tasks and grid.section is not None and self._is_frame(grid):
                found.listed.add(grid.section)
        read_as_text = {(each.cell.row, each.cell.column) for each in spoken}
        is_table = False
        for figure in self._reader.figures(grid, head, held, bodies):
            is_table = True
            if (figure.cell.row, figure.cell.column) in read_as_text and isinstance(figure, Saying):
                continue
            assert figure.cell.span is not None
            if isinstance(figure, Saying):
                spans = [cell.span for cell in figure.spans if cell.span is not None]
                spoken.append(
                    _Spoken(
                        passage_of(self._reading, spans), figure.cell, grid, figure.column.label, figure.period,
                        figure.bodies, tasks.get(figure.cell.row), figure.area, figure.binding,
                    )
                )  # fmt: skip
            else:
                claim = self._claim(figure, grid, held, tasks.get(figure.cell.row))
                found.claims.append((figure.cell.span.start, claim))
                spoken = [each for each in spoken if each.cell is not figure.cell]
        return spoken if is_table or tasks else self._sentences(grid)

    def _sentences(self, grid: Grid) -> list[_Spoken]:
        """The cells of a table of any other kind that hold whole sentences: boxes of projects, columns of text."""
        return [
            _spoken(self._reading, grid, None, cell, None, (), None)
            for cell in grid.table.cells
            if cell.span is not None and len(cell.text) >= _SHORTEST_SAYING and _SENTENCE.search(cell.text)
        ]

    def _is_frame(self, grid: Grid) -> bool:
        """Whether the section of a work list holds no prose of its own."""
        document = self._parts.document
        assert grid.section is not None
        section = document.outline[grid.section]
        prose = [
            block
            for block in document.blocks
            if section.span.contains(block.span) and block.kind is BlockKind.PARAGRAPH and len(block.span) > QUOTE_LIMIT
        ]
        return not prose

    def _work_item(self, item: worklists.Item, number: str) -> WorkItem:
        return WorkItem(
            number=number, title=item.title, bodies=item.bodies, span=self._parts.origin.span(item.span),
            body_ids=self._parts.links.bodies(item.bodies), deadline=item.deadline,
        )  # fmt: skip

    def _claim(self, figure: Figure, grid: Grid, held: Setting, task: str | None) -> Claim:
        draft, unit = self._draft(figure, held)
        measure = measures.measure(draft)
        area = figure.area or self._area_in(draft.indicator)
        indicator = self._parts.places.without(draft.indicator) or draft.indicator
        candidates = self._parts.links.indicators(indicator, unit, measure)
        best = settled(candidates)
        value = figure.value
        number = figure.passage.span(value.quantity.start, value.quantity.end)
        quote = self._quote(figure, number)
        base, base_period = self._base(figure, unit, measure)
        timing = Timing(figure.kind, figure.period, base_period, Whence.SENTENCE if figure.period else Whence.NOWHERE)
        doubts = doubts_of(draft, indicator, timing, candidates)
        return Claim(
            kind=figure.kind,
            quote=re.sub(r"[\r\n]", "", quote.of(self._reading)).replace("\t", " "),
            indicator=indicator,
            value=value.quantity.value,
            unit=unit,
            comparator=draft.comparator,
            measure=measure,
            span=self._parts.origin.span(quote),
            number_span=self._parts.origin.span(number),
            value_max=value.quantity.value_max,
            strict=draft.is_strict,
            area=area,
            period=figure.period,
            bodies=figure.bodies,
            base_value=base,
            base_period=base_period,
            task=task,
            indicator_id=best.id if best else None,
            area_id=self._parts.places.id_of(area),
            cluster_id=self._parts.links.cluster(indicator),
            body_ids=self._parts.links.bodies(figure.bodies),
            confidence=confidence(doubts),
            candidates=candidates,
            doubts=doubts,
            cell=_place(grid, figure.cell, figure.column.label),
            binding=figure.binding,
        )

    def _draft(self, figure: Figure, held: Setting) -> tuple[Draft, str]:
        """The figure in the terms of the text's own rules, by which its measure is told; and its unit."""
        value, name = figure.value, figure.name
        form = self._cells.form(figure.unit) or value.quantity.form
        is_of_growth = figure.is_rate_of and form in (Form.PERCENT, Form.TIMES)
        marks = set(Context().govern(name + value.words))
        is_sum = value.bracket in held.sums or value.is_sum or figure.column.is_sum
        if is_sum and figure.kind is ClaimKind.TARGET:
            marks.add("累计")
        if figure.column.is_yearly and not figure.is_rate_of and not value.bracket:
            marks.add("每年")
        changed = change(name) if form in (Form.PERCENT, Form.POINTS, Form.TIMES) else None
        verb = changed[1] if changed else value.change
        if changed is not None and not changed[2] and changed[0]:
            name = changed[0]  # a rise is said of the plain indicator, a fall keeps its word (guidelines)
        short = _short(name)
        quantity = replace(value.quantity, form=form, unit=figure.unit)
        return Draft(
            quantity, short, value.start, value.end, value.comparator, value.is_strict,
            before=figure.name + value.words, after="", marks=frozenset(marks),
            change=verb or ("增长" if is_of_growth else ""), is_inherited=figure.is_inherited,
        ), figure.unit  # fmt: skip

    def _area_in(self, name: str) -> str | None:
        mentioned = self._parts.places.mentioned(name)
        return mentioned[0].words if mentioned and mentioned[0].start == 0 else None

    def _base(self, figure: Figure, unit: str, measure: Measure) -> tuple[Decimal | None, str | None]:
        """The baseline in the unit of the claim, where the two can be compared."""
        if figure.base is None or measure not in (Measure.LEVEL, Measure.SHARE, Measure.RANK, Measure.ANNUAL):
            return None, None
        printed, wanted = Unit.parse(figure.base_unit), Unit.parse(unit)
        value = figure.base.quantity.value
        if printed.bare != wanted.bare and not printed.measures_like(wanted):
            return None, None
        return printed.convert(value, wanted), figure.base_period

    def _quote(self, figure: Figure, number: Span) -> Span:
        """The row from its name to the number where that reads in one piece, else the cell, else the number."""
        value, cell, named = figure.value, figure.cell, figure.name_cell
        bound = figure.passage.span(value.start, value.end)
        assert cell.span is not None
        choices = [cell.span, bound, number]
        if named is not None and named.span is not None and named.row == cell.row and named.column < cell.column:
            choices.insert(0, Span(named.span.start, bound.end))
        for choice in choices:
            if len(choice) <= QUOTE_LIMIT and self._parts.origin.unbroken(choice, number) == choice:
                return choice
        return number

    def _placed(self, claim: Claim, spoken: _Spoken) -> Claim:
        """A claim of a cell's text with what its row and column know better."""
        is_own = self._has_own_year(spoken.passage)
        period = claim.period if is_own else spoken.period or claim.period
        is_due = claim.kind is ClaimKind.TARGET or not is_own
        bodies = claim.bodies or spoken.bodies
        area = claim.area or spoken.area
        return replace(
            claim,
            period=period if is_due else claim.period,
            kind=ClaimKind.TARGET if spoken.task and not is_own else claim.kind,
            bodies=bodies,
            body_ids=claim.body_ids if claim.bodies else self._parts.links.bodies(bodies),
            area=area,
            area_id=self._parts.places.id_of(area),
            task=spoken.task or claim.task,
            cell=_place(spoken.grid, spoken.cell, spoken.column_label),
            binding=spoken.binding,
        )

    @staticmethod
    def _has_own_year(passage: Passage) -> bool:
        return re.search(r"(?:19|20)\d\d年|十[一二三四五六七]五", passage.text) is not None


def _spoken(
    reading: str,
    grid: Grid,
    head: Heads | None,
    cell: Cell,
    period: str | None,
    bodies: tuple[str, ...],
    task: str | None,
) -> _Spoken:
    assert cell.span is not None
    if head is not None and cell.column < len(head.columns):
        label = head.columns[cell.column].label
    else:
        label = grid.text(0, cell.column) if cell.row else ""
    year = period[:4] if period else None  # a target's period is its year (guidelines)
    return _Spoken(passage_of(reading, [cell.span]), cell, grid, label, year, bodies, task)


def _short(name: str) -> str:
    """The name without generic verbs that open it (guidelines); any other verb belongs to what a table names."""
    short = head_off(name)
    is_generic = len(short) > 1 and name.endswith(short) and _DROPPED.fullmatch(name[: len(name) - len(short)])
    return short if is_generic else name


def _place(grid: Grid, cell: Cell, label: str) -> CellPlace:
    return CellPlace(grid.index + 1, cell.row + 1, cell.column + 1, grid.caption, label)


def _count(found: Found) -> None:
    """Tells each task how many claims stand in it."""
    counts: dict[str, int] = {}
    for _, claim in found.claims:
        if claim.task is not None:
            counts[claim.task] = counts.get(claim.task, 0) + 1
    found.tasks[:] = [(at, replace(task, claims=counts.get(task.number, 0))) for at, task in found.tasks]
