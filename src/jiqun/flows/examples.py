"""A folder's own tests: sentences of `examples/` are read as of their day, figures of `recastings.yaml` recast."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from enum import Enum
from typing import Any

from jiqun import documents, extraction
from jiqun.industry.correspondence import between, split_key
from jiqun.industry.counts import count_findings, wholes
from jiqun.industry.recasting import Figure, recast
from jiqun.model.claims import Claim
from jiqun.model.errors import InputRefused, NotFound
from jiqun.model.findings import Finding, Place, Severity
from jiqun.packs import City
from jiqun.packs.schema.clusters import Recasting
from jiqun.packs.schema.examples import Example, Expectation


def run_examples(city: City) -> list[Finding]:
    """What is not read or recast as the folder expects, an error each, and where its documents miscount their lists."""
    read = [finding for example in city.examples for finding in _run(city, example)]
    recast_ = [finding for example in city.recastings for finding in _recast(city, example)]
    return read + recast_ + [finding for listed in city.documents for finding in _counted(city, listed.file)]


def _counted(city: City, file: str) -> Iterator[Finding]:
    """What the counts of a document of the folder say against its own lists."""
    read = documents.read(city.read(f"documents/{file}"), name=file)
    for finding in count_findings(read.reading, city.catalogues):
        yield replace(finding, place=Place(f"{city.id}/documents/{file}"))


def _recast(city: City, example: Recasting) -> Iterator[Finding]:
    where = Place(f"{city.id}/recastings.yaml")
    name = example.name or f"{example.from_id} → {example.to_id}"
    try:
        keys = [split_key(key.cluster_id, key.parts, "例中所给") for key in example.keys]
        found = recast(dict(example.values), between(city.catalogues, example.from_id, example.to_id, keys))
    except (InputRefused, NotFound, ValueError) as error:
        yield Finding("example.failed", Severity.ERROR, f"例“{name}”不能换算：{error}", where)
        return
    told = {one: _bounds(figure) for one, figure in found.items() if figure.high is not None or figure.low}
    for one, wanted in example.gives.items():
        got = told.pop(one, None)
        if got != (tuple(wanted) if isinstance(wanted, tuple) else wanted):
            message = f"例“{name}”：{one} 应为 {_printed(wanted)}，换算得 {_printed(got)}"
            yield Finding("example.failed", Severity.ERROR, message, where)
    if example.is_complete and told:
        rest = "、".join(f"{one or '目录外'} {_printed(got)}" for one, got in told.items())
        yield Finding("example.failed", Severity.ERROR, f"例“{name}”：多出 {rest}", where)


def _bounds(figure: Figure) -> int | tuple[int | None, int | None]:
    return figure.value if figure.value is not None else (figure.low, figure.high)


def _printed(bounds: int | tuple[int | None, int | None] | None) -> str:
    if isinstance(bounds, tuple):
        low, high = bounds
        return f"{low}—{high}" if high is not None else f"不少于 {low}"
    return "未知" if bounds is None else str(bounds)


def _run(city: City, example: Example) -> Iterator[Finding]:
    read = documents.read(example.text.encode(), name=f"{example.name or '例句'}.txt")
    found = extraction.extract(replace(read, header=replace(read.header, issued_on=example.on)), city)
    left = list(found.claims)
    for expected in example.expect:
        match = next((claim for claim in left if not _differences(expected, claim)), None)
        if match is None:
            yield _failed(city, example, f"没有读出 {_said(expected)}；{_nearest(expected, found.claims)}")
        else:
            left.remove(match)
    if example.is_complete:
        for claim in left:
            yield _failed(city, example, f"多读出“{claim.quote}”（{claim.indicator} {claim.value}{claim.unit}）")
    yield from _wholes(city, example, found.claims)
    if example.bodies:
        told = [*(claim.body_ids for claim in found.claims), *(task.body_ids for task in found.tasks)]
        bodies = tuple(dict.fromkeys(next((ids for ids in told if ids), ())))  # printed twice, one body
        if bodies != example.bodies:
            wanted, read_as = "、".join(example.bodies), "、".join(map(str, bodies))
            yield _failed(city, example, f"责任单位应为 {wanted}，读作 {read_as or '无'}")


def _wholes(city: City, example: Example, claims: tuple[Claim, ...]) -> Iterator[Finding]:
    found = wholes(claims, city.setting("count_about_pct", example.on)) if example.wholes else ()
    told = {one.count.indicator_id: (round(one.low), round(one.high)) for one in found}
    for wanted in example.wholes:
        got = told.get(wanted.indicator_id)
        if got != (wanted.low, wanted.high):
            read = "没有算出" if got is None else f"算得 {got[0]}—{got[1]}"
            said = f"{wanted.indicator_id} 的全数应为 {wanted.low}—{wanted.high}，{read}"
            yield _failed(city, example, said)


def _asked(expected: Expectation) -> dict[str, Any]:
    return {name: getattr(expected, name) for name in expected.model_fields_set}


def _differences(expected: Expectation, claim: Claim) -> list[str]:
    return [name for name, value in _asked(expected).items() if value != _plain(getattr(claim, name))]


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


def _nearest(expected: Expectation, claims: tuple[Claim, ...]) -> str:
    if not claims:
        return "一条也没有读出"
    claim = min(claims, key=lambda one: len(_differences(expected, one)))
    told = "，".join(f"{name} 读作 {_plain(getattr(claim, name))}" for name in _differences(expected, claim))
    return f"最接近的“{claim.quote}”：{told}"


def _said(expected: Expectation) -> str:
    return "，".join(f"{name} {value}" for name, value in _asked(expected).items())


def _failed(city: City, example: Example, message: str) -> Finding:
    where = Place(f"{city.id}/examples")
    return Finding("example.failed", Severity.ERROR, f"例“{example.name or example.text[:20]}”：{message}", where)
