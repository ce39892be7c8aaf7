"""The declared checks on a whole round at once: one row a return, one column a figure, in Polars."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from jiqun.packs.asking import CELL_DIGITS, TOTAL_DIGITS
from jiqun.rules import to_polars
from jiqun.statistics.checks import Figure, Question

KEY = "respondent_id"


@dataclass(frozen=True)
class Heard:
    """What each question heard from each return: `rows` has KEY and a Boolean column a question, null for unknown."""

    questions: tuple[Question, ...]
    rows: pl.DataFrame

    def failures(self) -> Iterator[tuple[Question, list[str]]]:
        """Each question that somebody failed, with the respondents who did."""
        for question in self.questions:
            failed = self.rows.filter(~pl.col(question.id))[KEY].to_list()
            if failed:
                yield question, failed

    def unknown(self) -> dict[str, int]:
        """How many returns each question could not be asked of; questions that all could answer are left out."""
        counts = {question.id: self.rows[question.id].null_count() for question in self.questions}
        return {id_: count for id_, count in counts.items() if count}


def hear(questions: tuple[Question, ...], rows: pl.DataFrame) -> Heard:
    """The answers of every return of `rows`, the same as `checks.answer` gives for each.

    `rows`: KEY and, under the labels of the questions' figures, numbers as Int64 steps and words as String; for a sum
    of parts its parts, each under its own label. A column that is not there is unknown of everybody.
    """
    present = set(rows.columns)
    figures = {figure.label: figure for question in questions for figure in question.figures}
    whole = rows.select(KEY, *(_column(figure, present).alias(label) for label, figure in figures.items()))
    asked = [to_polars(question.expression, question.types, is_held=True).alias(question.id) for question in questions]
    return Heard(questions, whole.select(KEY, *asked))


def _column(figure: Figure, present: set[str]) -> pl.Expr:
    """The figure's column, null where it is unknown or larger than rules can hold."""
    is_text = figure.reference.field.kind == "text"
    front = f"{figure.source}|" if figure.source else ""
    if figure.parts:
        parts = [pl.col(front + key) for key in figure.parts if front + key in present]
        if not parts:
            return pl.lit(None, pl.Int64)
        is_given = pl.any_horizontal(part.is_not_null() for part in parts)
        return _within(pl.when(is_given).then(pl.sum_horizontal(parts)), 10**TOTAL_DIGITS)
    if figure.label not in present:
        return pl.lit(None, pl.String if is_text else pl.Int64)
    most = TOTAL_DIGITS if figure.reference.is_total else CELL_DIGITS
    return pl.col(figure.label) if is_text else _within(pl.col(figure.label), 10**most)


def _within(value: pl.Expr, limit: int) -> pl.Expr:
    return pl.when(value.is_between(1 - limit, limit - 1)).then(value)
