"""A form's declared checks (审核关系): what each asks of a return, and the slow way of asking, the definition.

Three answers: true, false, and unknown where a figure is missing that the check needs. What is unknown is told and is
no failure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from jiqun import rules
from jiqun.packs import City, asking
from jiqun.packs.asking import Reference
from jiqun.packs.schema.forms import ColumnKind, FormCheck
from jiqun.rules import Expression, ValueType, tree
from jiqun.statistics.layout import Layout, Part, key_of


@dataclass(frozen=True)
class Figure:
    """One figure that a check needs. `label` names it in a frame: the cell's key, with `source|` in front of others'.

    `parts` are the keys whose sum it is, where it is a sum of parts.
    """

    label: str
    source: str
    key: str
    reference: Reference
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """A check held in one column, and in one part of a breakdown where it names one.

    `expression` is the rule with each name replaced by the label of its figure. `id` is that under which a respondent
    explains: the check's id, its column where there are several, its part.
    """

    id: str
    check: FormCheck
    column: ColumnKind
    part: Part | None
    expression: Expression
    figures: tuple[Figure, ...]

    @property
    def is_hard(self) -> bool:
        return self.check.level == "hard"

    @cached_property
    def types(self) -> dict[str, ValueType]:
        return {figure.label: figure.reference.type for figure in self.figures}

    @property
    def keys(self) -> tuple[str, ...]:
        """The respondent's own cells that the question is about."""
        return tuple(key for figure in self.figures if not figure.source for key in (figure.parts or (figure.key,)))


def questions(layout: Layout, city: City) -> tuple[Question, ...]:
    """Every question that the form's checks ask of a return laid out so, in the order of the form."""
    return tuple(_questions(layout, city))


def _questions(layout: Layout, city: City) -> Iterator[Question]:
    for check in layout.form.checks:
        expression = rules.parse(check.rule)
        turns = asking.turns(check, layout.form)
        for column in turns:
            for part in layout.parts_of(check.items_of) if check.items_of else (None,):
                figures = {
                    name: _figure(name, check, layout, city, column, part) for name in sorted(rules.names(expression))
                }
                labelled = tree.substituted(expression, _labels(figures))
                id_ = ":".join([check.id, *([column] if len(turns) > 1 else []), *([part.id] if part else [])])
                yield Question(id_, check, column, part, labelled, tuple(figures.values()))


def _labels(figures: Mapping[str, Figure]) -> Callable[[tree.Name], Expression]:
    return lambda name: tree.Name(figures[name.name].label)


def _figure(name: str, check: FormCheck, layout: Layout, city: City, column: ColumnKind, part: Part | None) -> Figure:
    reference = asking.resolve(name, layout.form, city.forms, city.indicators, column)
    assert reference is not None, f"{name}: `jiqun check` lets no such name pass"
    is_part = part is not None and reference.field.id == check.items_of and not reference.is_items
    key = key_of(reference.field.id, reference.column, part.id if is_part and part else None)
    parts: tuple[str, ...] = ()
    if reference.is_items:
        parts = tuple(
            key_of(reference.field.id, reference.column, each.id) for each in layout.parts_of(reference.field.id)
        )
        key = f"{key}+"
    return Figure(f"{reference.source}|{key}" if reference.source else key, reference.source, key, reference, parts)


def answer(question: Question, steps: Mapping[str, int], words: Mapping[str, str] | None = None) -> bool | None:
    """What a question hears from one return: the definition that every faster engine must agree with.

    `steps` has the figures by label, those of sums by the labels of their parts; what is not there is unknown. A sum
    of parts is that of the parts given, and unknown where none is.
    """
    row: dict[str, object] = {}
    for figure in question.figures:
        if figure.reference.field.kind == "text":
            row[figure.label] = (words or {}).get(figure.label)
            continue
        held = _held(figure, steps)
        if held is not None:
            row[figure.label] = Decimal(held).scaleb(-figure.reference.field.digits)
    answered = rules.evaluate(question.expression, row, question.types)
    return answered if isinstance(answered, bool) else None


def _held(figure: Figure, steps: Mapping[str, int]) -> int | None:
    if not figure.parts:
        return steps.get(figure.label)
    front = f"{figure.source}|" if figure.source else ""
    given = [steps[front + key] for key in figure.parts if front + key in steps]
    return sum(given) if given else None


def sources(asked: tuple[Question, ...]) -> dict[str, tuple[str, ...]]:
    """Source → the keys that the questions need of it, sums as their parts; "" is the return itself."""
    needed: dict[str, dict[str, None]] = {}
    for question in asked:
        for figure in question.figures:
            needed.setdefault(figure.source, {}).update(dict.fromkeys(figure.parts or (figure.key,)))
    return {source: tuple(keys) for source, keys in needed.items()}


@dataclass(frozen=True)
class Outcome:
    """What one question heard from one return; `answer` None is unknown. Only failures and unknowns are kept."""

    question: Question
    answer: bool | None

    @property
    def message(self) -> str:
        part = f"（{self.question.part.name}）" if self.question.part else ""
        return f"{self.question.check.message}{part}"


def outcomes(
    asked: tuple[Question, ...], steps: Mapping[str, int], words: Mapping[str, str] | None = None
) -> tuple[Outcome, ...]:
    """What is not true of one return: failures, hard and soft, and what could not be asked, in the form's order."""
    heard = ((question, answer(question, steps, words)) for question in asked)
    return tuple(Outcome(question, said) for question, said in heard if said is not True)
