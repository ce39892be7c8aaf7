"""What a number says before it knows its time and place, and what its sentence has said so far."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal

from jiqun.extraction.phrases import lead_off
from jiqun.extraction.quantities import Quantity
from jiqun.extraction.words import BUILD_VERBS, METRICS, OTHER_VERBS, any_of
from jiqun.model.bounds import Comparator

OWN_VERB = re.compile(rf"(?:{any_of(BUILD_VERBS)})")
_NEW = re.compile(
    r"新(?:增(?!长)|批|入规|建|认定|培育|引进|设|签|开工|注册|登记|获|上市|招|组建|评|创建|备案|申报|立项|投产|入库|添|落户|发放|投放|吸引|改)|净增"
)
# 新签约项目总额: what is new are the things, the amount is their total
_NEW_THINGS = re.compile(
    rf"新(?:签约?|开工|引进|投产|落户|招引|备案|注册|登记)[^,、]{{2,}}(?:{any_of(METRICS)})(?:达到?|超过?|突破|不低于|为)*$"
)
_ASIDE = re.compile(
    r"扣除|剔除|按(?:可比|不变|现行|照)|据|从[^,]{1,12}看|分[^,]{1,8}看"
)  # clauses that name no subject
_OTHER_VERB = re.compile(rf"(?:{any_of(OTHER_VERBS)})(?![额率])")
_EACH_YEAR = re.compile(r"每年|年均(?=新增|净增|引进|培育|认定|培养|建设|建成|完成|实现)")
_REACHES = re.compile(r"达到?|超过?|突破|不低于|不少于")


@dataclass(frozen=True)
class Draft:
    """A claim before it knows its time, area and bodies; offsets are in the sentence.

    `before` and `after` are the words of its item around number and bound. `marks` are 累计, 新增, 每年, its own or
    those of the item that governs it. `change` is the verb of a number that is a change (增长), `is_fall` whether it
    goes down. `copy` tells apart the claims on one number (A、B均X).
    """

    quantity: Quantity
    indicator: str
    start: int
    end: int
    comparator: Comparator
    is_strict: bool
    before: str
    after: str
    marks: frozenset[str] = frozenset()
    change: str = ""
    is_reached: bool = False  # 提高到: the number is where the change led, not the change
    is_fall: bool = False
    is_inherited: bool = False
    base_value: Decimal | None = None
    joint: str = ""  # what ties the item to the one before
    copy: int = 0
    series: tuple[int, int] = (0, 1)  # its place in a list of numbers behind one 分别, and their count


@dataclass
class Context:
    """What a sentence has said so far, for what follows to lean on.

    `subject` is the indicator of the last claim; `group` those of this clause, `last_group` of the clause before;
    `lead` the last clause without a number; `marks` what governs items without a verb.
    """

    subject: str = ""
    amount: str = ""  # the last subject that was no share: what 同比增长 speaks of
    group: list[str] = field(default_factory=list)
    last_group: list[str] = field(default_factory=list)
    marks: frozenset[str] = frozenset()
    change: str = ""  # the verb of the last growth
    passed: str = ""  # the last subject before a semicolon
    lead: str = ""
    history: list[str] = field(default_factory=list)
    counted_unit: str = ""  # of the last count whose noun stood behind it

    def known(self) -> str:
        """What an item without a subject of its own speaks of; empty when nothing was named."""
        return self.subject or self.lead.rsplit("的", 1)[-1]

    def named(self, at_least: int = 2) -> list[str]:
        """The subjects that 均 or 分别 sums up: of this clause or the one before, else further back."""
        near = list(dict.fromkeys(self.group or self.last_group))
        if len(near) >= at_least:
            return near
        return list(dict.fromkeys(self.history))[-at_least:]

    def take(self, indicator: str, *, is_share: bool = False) -> None:
        self.group.append(indicator)
        self.history.append(indicator)
        self.subject = indicator
        if not is_share:
            self.amount = indicator

    def close(self, mark: str, words: str, *, had_numbers: bool) -> None:
        """A clause ended with `mark`; `words` are its subject where it had no number."""
        if not had_numbers and words and not _ASIDE.match(words):
            self.lead = words
        if self.group:
            self.last_group = self.group
        self.group = []
        if mark == ";":
            self.passed = self.subject or self.passed
            self.subject, self.amount, self.lead, self.marks = "", "", "", frozenset()
            self.last_group, self.history, self.counted_unit = [], [], ""

    def govern(self, words: str) -> frozenset[str]:
        """The marks that hold for an item opened by `words`: its own, else those of the last item that had a verb."""
        own: set[str] = set()
        if "累计" in words:
            own.add("累计")
        if _NEW.search(words) and not _NEW_THINGS.search(words):
            own.add("新增")
        if _EACH_YEAR.search(words):
            own.add("每年")
        if own or has_verb(words) or _OTHER_VERB.match(lead_off(words)):
            self.marks = frozenset(own)
        return self.marks


def has_verb(words: str) -> bool:
    """Whether the words before a number have a verb of their own: a building one in front, or one of reaching."""
    return bool(OWN_VERB.match(lead_off(words))) or bool(_REACHES.search(words))
