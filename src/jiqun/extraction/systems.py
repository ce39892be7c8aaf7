"""Named systems: the lists, maps, registers, indexes, platforms and mechanisms that a document says will be made.

"编制重点产业链图谱，建立龙头企业培育库和项目清单": a verb of making, and names that end in a word for a kind. What
is said to exist already (已建立, 建立了) and what is a class of things (一批平台, 10个平台) is left out.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

import yaml

from jiqun.documents.document import BlockKind, Document
from jiqun.extraction.origin import Origin
from jiqun.extraction.passages import Passage, depths, passages
from jiqun.extraction.surroundings import Surroundings
from jiqun.extraction.words import any_of
from jiqun.model.spans import Span

_DATA = yaml.safe_load(files(__package__).joinpath("systems.yaml").read_text("utf-8"))
KINDS: tuple[str, ...] = tuple(_DATA["kinds"])
_KIND_OF: dict[str, str] = {word: kind for kind, words in _DATA["kinds"].items() for word in words.split()}


def _words(name: str) -> list[str]:
    return str(_DATA[name]).split()


_ENDS_NAME = (
    r"(?=$|[,;。!?:、)\]》>”\"』」}]|和|与|及|或|并|等|作为|之|在|对|为|实|以|来|" + any_of(_words("after")) + ")"
)
_KIND = re.compile(rf"(?:{any_of(_KIND_OF)}){_ENDS_NAME}")
_NOT_KIND = tuple(_words("not_kinds"))
_VERB = re.compile(any_of(_words("verbs")))
_LEAD = re.compile(any_of(_words("leads")))
_AFTER = re.compile(any_of(_words("after")))
_DONE_BEFORE = re.compile(rf"(?:{any_of(_words('done_before'))})$")
_DONE_AFTER = re.compile(any_of(_words("done_after")))
_CLASS = re.compile(rf"[约近超]?(?:\d|[一二三四五六七八九十百]+[个家项座批条]|{any_of(_words('classes'))})")
_EXAMPLES = re.compile(r"等(?:一批|一系列|若干|[^机]{0,8}平台)")
_BARE = frozenset(_words("bare"))
_CLAUSE = re.compile(r"[,;。!?:]")
_JOINT = re.compile(r"、|以及|(?:并|同时)?(?:和|与|及)")
_LEADING = re.compile(
    r"^(?:(?:全市|全省|全国|本市|我市)(?:统一的?|性)?|一个|一套|统一的?|专门的?|相应的?|配套的?|更加|健全|完善|建立|起|好|成"
    r"|市级层面|若干个|由.{2,12}(?:牵头|组成)的)+"
)
_LONGEST_NAME = 36
_SHARED_NAME = 24  # a name over a 、 that is longer is taken for a list of other things before it


@dataclass(frozen=True)
class NamedSystem:
    """A system that will be made; `span` places `quote` (verb and name) in the original, `name_span` the name alone.

    `kind` is one of systems.yaml; `task` and `bodies` are of the work item that says so.
    """

    kind: str
    name: str
    verb: str
    quote: str
    span: Span
    name_span: Span
    task: str | None = None
    bodies: tuple[str, ...] = ()


def named_systems(document: Document) -> tuple[NamedSystem, ...]:
    """The systems that the document says will be made, in its order; one named twice in a work item counts once."""
    found = passages(document)
    return systems_in(document, found, Surroundings(document, found), Origin(document))


def systems_in(
    document: Document, found: list[Passage], around: Surroundings, origin: Origin
) -> tuple[NamedSystem, ...]:
    """The same, by the passes that an extraction has already made."""
    known: dict[tuple[str, str | None], NamedSystem] = {}
    named_only = {block.span.start for block in document.blocks if block.kind is BlockKind.ANNEX}  # 附件：…清单
    for at, passage in enumerate(found):
        if _KIND.search(passage.text) is None or passage.places[0] in named_only:
            continue
        for mention in _mentions(passage.text):
            if any(duty.start <= mention.start < duty.end for duty in around.duties[at]):
                continue
            system = _system(document, passage, mention, origin)
            task = around.task_of(at)
            if system is not None and (system.name, task) not in known:
                known[system.name, task] = NamedSystem(*system.parts, task=task, bodies=around.bodies(at))
    return tuple(known.values())


@dataclass(frozen=True)
class _Mention:
    """Places in a passage's text: `start` to `end` is the quote, `name` to `name_end` the name."""

    start: int
    end: int
    name: int
    name_end: int
    verb: str
    kind: str


@dataclass(frozen=True)
class _Placed:
    name: str
    parts: tuple[str, str, str, str, Span, Span]


def _system(document: Document, passage: Passage, mention: _Mention, origin: Origin) -> _Placed | None:
    """The mention with its places; None where a page mark stands inside its name."""
    name = passage.span(mention.name, mention.name_end)
    quote = origin.unbroken(passage.span(mention.start, mention.end), name)
    printed = passage.source[mention.name : mention.name_end]
    span = origin.span(quote)
    words = re.sub(r"[\r\n]", "", quote.of(document.reading))
    return _Placed(printed, (mention.kind, printed, mention.verb, words, span, origin.span(name)))


def _mentions(text: str) -> Iterator[_Mention]:
    stops = [match.end() for match in _CLAUSE.finditer(text)]
    start = clause = 0
    shared: tuple[int, str] | None = None  # the verb of the names before, while they go on as a list
    for match in _KIND.finditer(text):
        at = bisect_right(stops, match.start())
        if at and stops[at - 1] > clause:
            start, clause, shared = stops[at - 1], stops[at - 1], None
        if text.endswith(_NOT_KIND, start, match.end()):
            continue
        mention = _named(text, start, match, shared)
        start = match.end()
        if mention is not None:
            yield mention
            start, shared = max(start, mention.end), (mention.start, mention.verb)
        if _JOINT.match(text, start) is None:
            shared = None


def _named(text: str, start: int, kind: re.Match[str], shared: tuple[int, str] | None) -> _Mention | None:
    """The name that ends in this word for a kind, with the verb that makes it."""
    begins, verb, end = start, "", kind.end()
    first = next((v for v in _VERB.finditer(text, start, kind.start()) if _is_making(text, v)), None)
    if first is not None:
        begins, verb, at = first.start(), first[0], _past_verbs(text, first.end(), kind.start())
    elif shared is not None and (joint := _JOINT.match(text, start)):
        after = _AFTER.match(text, end)
        begins, at = shared[0], joint.end()
        verb, end = (after[0], after.end()) if after else (shared[1], end)
    else:
        lead, after = _LEAD.search(text, start, kind.start()), _AFTER.match(text, end)
        if lead is None or after is None:
            return None
        begins, verb, at, end = lead.start(), after[0], lead.end(), after.end()
        at = _past_leads(text, at, kind.start())
    if _DONE_BEFORE.search(text[max(begins - 3, 0) : begins]) or _DONE_AFTER.match(text, at):
        return None
    at = _name_start(text, at, kind.end())
    name = text[at : kind.end()]
    if (
        _CLASS.match(name)
        or _EXAMPLES.search(name)
        or name in _BARE
        or len(name) < len(kind[0]) + 2 - (len(kind[0]) > 2)
        or name == kind[0]
    ):
        return None
    return _Mention(min(begins, at), end, at, kind.end(), verb, _KIND_OF[kind[0]])


def _is_making(text: str, verb: re.Match[str]) -> bool:
    """Whether a verb is one here, and not the end of a noun (体系建设, 创新发布)."""
    return not re.match(r"[的期者型类]", text[verb.end() : verb.end() + 1])


def _past_verbs(text: str, at: int, end: int) -> int:
    """Behind verbs that stand side by side: 建立完善, 制定并发布."""
    while True:
        joint = re.compile(r"[、和并及]").match(text, at, end)
        verb = _VERB.match(text, joint.end() if joint else at, end)
        if verb is None:
            return at
        at = verb.end()


def _past_leads(text: str, at: int, end: int) -> int:
    while lead := _LEAD.match(text, at, end):
        at = lead.end()
    return at


def _name_start(text: str, at: int, end: int) -> int:
    """Where the name itself begins: behind 全市统一的, behind other things of a list, inside a bracket it stands in."""
    lead = _LEADING.match(text[at:end])
    at += lead.end() if lead else 0
    depth = depths(text[at:end])
    joints = [m for m in _JOINT.finditer(text, at, end) if not depth[m.start() - at]]
    if end - at > _SHARED_NAME and joints:
        at = joints[-1].end()
    if end - at > _LONGEST_NAME:
        of = text.rfind("的", at, end - 2)
        at = of + 1 if of >= 0 else max(at, end - _LONGEST_NAME)
    for mark, closing in ("()", "“”", "《》", "「」"):
        opened = text.rfind(mark, at, end)
        if opened >= 0 and text.find(closing, opened, end) < 0:
            at = opened + 1
    return at
