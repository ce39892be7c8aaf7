"""Counts that a document states against the lists it gives: “…等7个产业集群” with seven names, 20 = 7 + 4 + 4 + 5.

Where it also says which share of a whole a count is (6家，约占全国1/8), what the whole must be is worked out.

The count may also come first (8大未来产业：合成生物、…), and classes may be counted without their names (20个产业集群，
其中重点类7个、拓展类4个 …).

Works on the reading text by rules of the language. Items are parted by 、 only, since 与 and 和 stand inside names;
where the last item has one, both readings are allowed. What precedes a list (“针对…大的”) ends at its last 的.
“等” may stand for more than is listed, so that fewer names than the count are a note, more are an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from jiqun.model.bounds import Comparator
from jiqun.model.claims import Claim, ClaimKind, Measure
from jiqun.model.findings import Finding, Severity
from jiqun.model.numerals import number as read_number
from jiqun.packs.schema.clusters import Catalogue

_NUMBER = r"(?P<n>\d{1,3}|[一二三四五六七八九十两]{1,3})"
_NOUN = r"(?P<noun>[一-鿿]{0,10}?(?:产业集群|集群|未来产业|先导产业|主导产业|产业))"
_RUN = re.compile(
    rf"(?P<items>[^，,。；;：:！？\n]{{2,40}}(?:、[^，,。；;：:！？、\n]{{2,24}}){{2,}}?)等(?:{_NUMBER}(?:个|大))?{_NOUN}"
)
_WHOLE = re.compile(
    rf"{_NUMBER}个(?P<noun>[一-鿿]{{0,10}}?(?:产业集群|集群|未来产业))分(?:为|成)(?P<k>\d{{1,2}}|[一二三四五六七八九十]{{1,2}})(?:个)?(?:大)?类"
)
_GATHERED = r"(?:产业集群|集群|未来产业|先导产业|主导产业|支柱产业|优势产业)"
_COUNT_FIRST = re.compile(
    rf"{_NUMBER}(?:个|大)(?P<noun>[一-鿿]{{0,10}}?{_GATHERED})(?:，?(?:即|包括|分别是|分别为|也就是))?[：:（(，]?"
    r"(?P<items>[^，,。；;：:！？、（(）)\n]{2,16}(?:、[^，,。；;：:！？、（(）)\n]{2,16}){2,})(?=[。；;！？）)\n]|$)"
)
_COUNTED = re.compile(rf"{_NUMBER}(?:个|大)(?P<noun>[一-鿿]{{0,10}}?{_GATHERED})")
_CLASSES = re.compile(r"分(?:为|成)(?P<k>\d{1,2}|[一二三四五六七八九十]{1,2})(?:个|大|种)*类")
_CLASS = re.compile(
    rf"[一-鿿]{{1,8}}类(?:产业集群|集群|产业)?[（(]?{_NUMBER}个|"
    rf"{_NUMBER.replace('<n>', '<m>')}个[一-鿿]{{1,8}}类(?![别型])"
)
_LEAD = re.compile(r"^(?:重点)?(?:推动|培育|发展|推进|聚焦|围绕|打造|做强|支持|针对|包括|实施|建设|加快)+(?:新增)?")
_JOINED = re.compile(r"以及|[和及与]")
_OF_WHOLE = re.compile(r"^(?P<name>.+?)占(?P<whole>全[国省球]|世界|我国)的?(?:比重|比例|份额)?$")
_BESIDE = 80  # characters between a count and the share that it is
_ENOUGH = Decimal("0.6")  # of a list's names must be clusters of an edition for it to be a list of that edition


@dataclass(frozen=True)
class Listed:
    """An enumeration: its names, the count stated behind it (None: none), the noun counted, and its place."""

    items: tuple[str, ...]
    stated: int | None
    noun: str
    start: int
    end: int

    @property
    def is_agreeing(self) -> bool:
        """Whether the count fits; where the last name has 和, 及 or 与, it may be two."""
        more = len(_JOINED.findall(self.items[-1]))
        return self.stated is None or len(self.items) <= self.stated <= len(self.items) + more


@dataclass(frozen=True)
class Divided:
    """A whole stated to fall into classes, and the classes listed behind it: 20 = 7 + 4 + 4 + 5."""

    stated: int
    classes: int
    noun: str
    parts: tuple[int, ...]
    start: int
    end: int

    @property
    def is_agreeing(self) -> bool:
        return len(self.parts) == self.classes and sum(self.parts) == self.stated


@dataclass(frozen=True)
class Held:
    """The lists of a document that name clusters of one edition, against that edition's names."""

    edition_id: str
    name: str
    named: int
    count: int
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Scales:
    """Targets that a document sets for every cluster of an edition, in one unit for one period, by cluster."""

    edition_id: str
    period: str
    unit: str
    parts: tuple[tuple[str, Decimal], ...]

    @property
    def total(self) -> Decimal:
        return sum((value for _, value in self.parts), Decimal(0))


@dataclass(frozen=True)
class Whole:
    """A count and the share of a whole that it is said to be, and between which numbers the whole must lie."""

    count: Claim
    share: Claim
    whole: str  # 全国 …
    low: Decimal
    high: Decimal

    @property
    def said(self) -> str:
        """44—52家, rounded to whole ones."""
        ends = dict.fromkeys(f"{round(end)}" for end in (self.low, self.high))
        return f"{'—'.join(ends)}{self.count.unit}"


def lists(text: str) -> tuple[Listed, ...]:
    """Enumerations of at least three names that end in 等…集群 or 等…产业, in order."""
    found = []
    for match in _RUN.finditer(text):
        items = match["items"].split("、")
        lead = max((at for at, item in enumerate(items) if "的" in item[:-1]), default=0)
        items = [items[lead].rpartition("的")[2], *items[lead + 1 :]]
        items[0] = _LEAD.sub("", items[0]) or items[0]
        stated = read_number(match["n"]) if match["n"] else None
        found.append(Listed(tuple(items), None if stated is None else int(stated), match["noun"], *match.span()))
    return tuple(found)


def counted_first(text: str) -> tuple[Listed, ...]:
    """Enumerations of at least three names behind their count (8大未来产业：合成生物、…), to the end of the clause."""
    found = []
    for match in _COUNT_FIRST.finditer(text):
        if "等" in match["items"] or text[match.end("noun") : match.start("items")] in ("", "，"):
            continue  # no end of the list, or no sign that one follows
        items = match["items"].split("、")
        items[0] = _LEAD.sub("", items[0]) or items[0]
        stated = read_number(match["n"])
        if stated is not None:
            found.append(Listed(tuple(items), int(stated), match["noun"], *match.span()))
    return tuple(found)


def classed(text: str) -> tuple[Divided, ...]:
    """Wholes whose classes are counted in the same sentence: 20个产业集群，其中重点类7个、拓展类4个、…"""
    found, wholes = [], list(_COUNTED.finditer(text))
    for at, match in enumerate(wholes):
        ends = [text.find(stop, match.end()) for stop in "。\n"] + [
            wholes[at + 1].start() if at + 1 < len(wholes) else -1
        ]
        sentence = text[match.end() : min((end for end in ends if end >= 0), default=len(text))]
        numbers = [read_number(part["n"] or part["m"]) for part in _CLASS.finditer(sentence)]
        parts = tuple(int(number) for number in numbers if number is not None)
        stated, said = read_number(match["n"]), _CLASSES.search(sentence)
        classes = read_number(said["k"]) if said else len(parts)
        if stated is not None and classes is not None and len(parts) > 1:
            end = match.end() + len(sentence)
            found.append(Divided(int(stated), int(classes), match["noun"], parts, match.start(), end))
    return tuple(found)


def divided(text: str) -> tuple[Divided, ...]:
    """Wholes said to fall into so many classes, with the counts of the lists up to the next such whole."""
    known, wholes = lists(text), list(_WHOLE.finditer(text))
    found = []
    for at, match in enumerate(wholes):
        end = wholes[at + 1].start() if at + 1 < len(wholes) else len(text)
        tail = next(ending for ending in ("产业集群", "集群", "未来产业") if match["noun"].endswith(ending))
        parts = [one for one in known if match.end() <= one.start < end and one.stated and one.noun.endswith(tail)]
        stated, classes = read_number(match["n"]), read_number(match["k"])
        if stated is not None and classes is not None and parts:
            counts = tuple(one.stated or 0 for one in parts)
            found.append(Divided(int(stated), int(classes), match["noun"], counts, match.start(), parts[-1].end))
    return tuple(found)


def held(text: str, catalogues: Iterable[Catalogue]) -> tuple[Held, ...]:
    """Per line of editions the one whose names the text lists best: how many of them, and which are not listed."""
    best: dict[str, Held] = {}
    every = (*lists(text), *counted_first(text))
    known = [[_ways(item, at) for at, item in enumerate(one.items)] for one in every]
    for catalogue in catalogues:
        names = {name: one.id for one in catalogue.clusters for name in (one.name, *one.aliases)}
        hits = [({names[way] for ways in items for way in ways if way in names}, len(items)) for items in known]
        named = {id_ for ids, size in hits if len(ids) >= _ENOUGH * size for id_ in ids}
        missing = tuple(one.name for one in catalogue.clusters if one.id not in named)
        found = Held(
            catalogue.id, f"{catalogue.name} {catalogue.edition}", len(named), len(catalogue.clusters), missing
        )
        other = best.get(catalogue.series)
        is_listed = len(named) >= _ENOUGH * len(catalogue.clusters) and len(named) > 1
        if is_listed and (other is None or len(other.missing) * found.count >= len(missing) * other.count):
            best[catalogue.series] = found
    return tuple(best.values())


def _ways(item: str, at: int) -> set[str]:
    """What an item may be called: itself, its parts, and for the first whatever words lead up to it."""
    return {item, *_JOINED.split(item), *(item[start:] for start in range(1, len(item) - 1) if at == 0)}


def scales(claims: Iterable[Claim], catalogues: Iterable[Catalogue]) -> tuple[Scales, ...]:
    """Sums of targets that stand for every cluster of an edition: S2's 12000+13500+4000+12500 亿元."""
    sums: dict[tuple[str, str, str], dict[str, Decimal]] = {}
    for one in claims:
        if one.kind is ClaimKind.TARGET and one.cluster_id and one.value is not None and one.unit:
            key = (str(one.period or ""), one.unit, one.measure.value)
            sums.setdefault(key, {}).setdefault(one.cluster_id, one.value)
    return tuple(
        Scales(catalogue.id, period, unit, tuple((one.id, parts[one.id]) for one in catalogue.clusters))
        for catalogue in catalogues
        for (period, unit, _), parts in sums.items()
        if len(catalogue.clusters) > 1 and all(one.id in parts for one in catalogue.clusters)
    )


def wholes(claims: Sequence[Claim], about_pct: Decimal) -> tuple[Whole, ...]:
    """Every count whose share of a whole is stated close behind it, by the same name.

    A share said to be about so much may be off by `about_pct` of itself; any other is taken as it is printed.
    """
    found = []
    for share in claims:
        named = _OF_WHOLE.match(share.indicator)
        if named is None or share.measure is not Measure.SHARE or not share.value:
            continue
        part = share.value / 100 if share.unit == "%" else share.value
        counts = [one for one in claims if _is_beside(one, share) and _bare(one.indicator) == _bare(named["name"])]
        if not counts or not 0 < part < 1:
            continue
        count = max(counts, key=lambda one: one.span.start)
        off = about_pct / 100 if share.comparator is Comparator.APPROX else Decimal(0)
        assert count.value is not None
        low, high = (count.value / (part * (1 + sign * off)) for sign in (1, -1))
        found.append(Whole(count, share, named["whole"], low, high))
    return tuple(found)


def _is_beside(one: Claim, share: Claim) -> bool:
    is_count = one.measure is Measure.LEVEL and one.value is not None and one.comparator is Comparator.EQ
    return is_count and one.kind is share.kind and 0 <= share.span.start - one.span.end <= _BESIDE


def _bare(name: str) -> str:
    return name.strip('“”"')


def whole_findings(claims: Sequence[Claim], about_pct: Decimal) -> list[Finding]:
    """A note for every whole that can be worked out: whoever knows its published number can hold it against that."""
    return [
        Finding(
            "count.whole", Severity.NOTE,
            f"“{one.count.quote}”与“{one.share.quote}”合起来，{one.whole}应为 {one.said}",
            remedy=f"与{one.whole}的公布数核对；对不上的，两个数中有一个不对或不是同一时点。",
        )
        for one in wholes(claims, about_pct)
    ]  # fmt: skip


def count_findings(text: str, catalogues: Sequence[Catalogue]) -> list[Finding]:
    """Everything in which a document's counts disagree with its own lists and sums, or its lists with an edition."""
    found = []
    for one in (*lists(text), *counted_first(text)):
        if not one.is_agreeing:
            is_fewer = one.stated is not None and len(one.items) < one.stated
            words = f"写明{one.stated}个{one.noun}，所列为 {len(one.items)} 个：{'、'.join(one.items)}"
            found.append(_finding("listed", words, Severity.NOTE if is_fewer else Severity.WARNING))
    for whole in (*divided(text), *classed(text)):
        if not whole.is_agreeing:
            words = f"{whole.stated}个{whole.noun}分为{whole.classes}类，所列各类为 {'+'.join(map(str, whole.parts))}"
            found.append(_finding("divided", f"{words}={sum(whole.parts)}", Severity.WARNING))
    for edition in held(text, catalogues):
        if edition.missing:
            words = f"所列集群与目录“{edition.name}”（{edition.count} 个）相比少：{'、'.join(edition.missing)}"
            found.append(_finding("catalogue", words, Severity.NOTE))
    return found


def _finding(code: str, message: str, severity: Severity) -> Finding:
    return Finding(f"count.{code}", severity, message, remedy="核对原文；原文如此的，按原文保留。")
