"""The clauses of a layout as a page prints them: where each is said, which clash, and what can be turned."""

from __future__ import annotations

from dataclasses import dataclass

from jiqun.industry.layout import Examination, Problem, words
from jiqun.industry.layout.conflicts import Clash, Conflict
from jiqun.industry.layout.problem import Grounds, Party
from jiqun.packs.schema.layouts import Layout
from jiqun.reports import layout_trial
from jiqun.reports.layout_trial import Read
from jiqun.reports.view import View


@dataclass(frozen=True, slots=True)
class Basis:
    """Why something is so, as a page prints it."""

    words: str
    article: str
    source: str
    is_reprint: bool
    is_assumed: bool
    is_doubtful: bool
    note: str


@dataclass(frozen=True, slots=True)
class Dial:
    """Something that can be turned: `now` as the folder has it, `asked` as typed."""

    name: str
    drop: str
    label: str
    now: str
    asked: str
    is_dropped: bool
    is_changed: bool
    basis: Basis | None = None


@dataclass(frozen=True, slots=True)
class ClashRow:
    clauses: tuple[tuple[str, Basis], ...]
    said: str


@dataclass(frozen=True, slots=True)
class Way:
    """A loosening, with the address that tries it."""

    said: str
    query: str


@dataclass(frozen=True, slots=True)
class ExemptionRow:
    name: str
    is_on: bool
    said: str
    clusters: tuple[Party, ...]
    basis: Basis


def basis(view: View, grounds: Grounds) -> Basis:
    source = view.city.sources.get(grounds.source or "")
    is_reprint = source is not None and source.seen_as == "reprint"
    return Basis(
        grounds.words, grounds.article, source.title if source else "", is_reprint,
        grounds.is_assumed, grounds.confidence.value != "high", grounds.note,
    )  # fmt: skip


def exemption_rows(view: View, found: Examination) -> tuple[ExemptionRow, ...]:
    return tuple(
        ExemptionRow(
            one.group.id, one.is_on, words.exemption_words(one), one.group.clusters, basis(view, one.group.grounds)
        )
        for one in found.exemptions
    )


def other_rules(view: View, problem: Problem) -> tuple[tuple[str, Basis], ...]:
    """Rules that have no limit to turn: land, and settled pairs."""
    found = (rule for rule in problem.rules if rule.limit is None or rule.is_pair)
    return tuple((words.clause(rule), basis(view, rule.grounds)) for rule in found)


def clash_row(view: View, clash: Clash) -> ClashRow:
    clauses = tuple(
        (words.clause(rule) + ("（试排）" if rule.is_own else ""), basis(view, rule.grounds)) for rule in clash.rules
    )
    said = (
        words.sum_words(clash.count) if clash.count else "逐一试过：全部同时成立时没有任何排法，去掉其中任何一条就有。"
    )
    return ClashRow(clauses, said)


def ways(read: Read, conflict: Conflict) -> tuple[Way, ...]:
    found = []
    for one in conflict.loosenings:
        limits = {**read.trial.limits, one.rule.id: one.limit}
        tried = layout_trial.with_limits(read.trial, limits)
        found.append(Way(words.loosening_words(one), layout_trial.address(tried)))
    return tuple(found)


def bound_dials(view: View, layout: Layout, read: Read) -> tuple[Dial, ...]:
    by_id = {rule.id: rule for rule in layout.rules}
    dials = []
    for id_, _, now in layout_trial.sides(layout):
        name, drop = f"{layout_trial.LIMIT}{id_}", f"{layout_trial.DROPPED}{id_}"
        said, side = by_id[id_.rpartition(".")[0]], id_.rpartition(".")[2]
        is_dropped = id_ in read.trial.limits and read.trial.limits[id_] is None
        told = Grounds(said.words, said.article, said.source, said.is_assumed, said.confidence, said.note)
        label = f"{said.words or said.id}：{'下限' if side == 'least' else '上限'}"
        typed = read.typed.get(name, "")
        dials.append(Dial(name, drop, label, str(now), typed, is_dropped, id_ in read.trial.limits, basis(view, told)))
    return tuple(dials)


def weight_dials(problem: Problem, read: Read) -> tuple[Dial, ...]:
    return tuple(
        Dial(
            name := f"{layout_trial.WEIGHT}{term.id}", "", term.name, words.number(term.weight),
            read.typed.get(name, ""), False, term.id in read.trial.weights,
        )
        for term in problem.terms
    )  # fmt: skip
