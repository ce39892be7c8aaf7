"""Invented firms: what holders of a title show is drawn at all, and the bounds leave room."""

from __future__ import annotations

from collections.abc import Iterator

from jiqun.model.findings import Finding
from jiqun.packs.faults import fault
from jiqun.packs.registry import Registry
from jiqun.packs.schema.invention import BOUND, BOUND_TRUTHS, Invention


def invention_findings(registry: Registry) -> Iterator[Finding]:
    for entry, plan in registry.of(Invention):
        amounts, truths = {*plan.amounts, *BOUND}, {*plan.truths, *BOUND_TRUTHS}
        for id_, title in plan.titles.items():
            at = ("titles", id_)
            for name, (least, most) in title.amounts.items():
                if name not in amounts:
                    yield fault("not_drawn", entry.place(*at, "amounts", name), name=name)
                if least is not None and most is not None and least > most:
                    yield fault("no_room", entry.place(*at, "amounts", name), least=least, most=most)
            for name in title.truths:
                if name not in truths:
                    yield fault("not_drawn", entry.place(*at, "truths", name), name=name)
