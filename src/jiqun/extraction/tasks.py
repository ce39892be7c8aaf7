"""Numbered work items: the leaves of the outline that ask for work, with bodies, deadline and claims."""

from __future__ import annotations

import re
from collections.abc import Sequence

from jiqun.documents.document import Document, Section

# parts of a plan that say why and whither, not what to do (guidelines: 总体要求, 指导思想, 发展目标 are none)
_NO_WORK = re.compile(
    r"总体要求|总体思路|指导思想|基本原则|发展原则|工作原则|(?:发展|主要|总体|工作|具体|重点|预期|行动|阶段|近期|远期|奋斗|建设|预期性|约束性)目标|^目标|目标任务$|目标要求|重要意义|重大意义|"
    r"^(?:产业|主要|现有)?现状|^(?:空间|产业|功能|总体)布局$|^(?:产业|主要|现有)?发展(?:现状|基础|环境|形势|背景|思路|定位|理念|战略)|现实基础|面临(?:的?[^,]{0,6})?形势|形势与|背景|工作回顾|工作总结|存在(?:的)?问题|主要问题|附则|附件|术语|名词解释|适用范围|编制依据|规划范围|总则|定义|战略定位|主要指标|总体(?:目标|部署|布局|定位)|基本情况|发展成效|取得(?:的)?成效|主要成效|成就|工作成效|前言|引言"
)


_BARE = re.compile(r"^(?:重点任务|主要任务|工作任务|重点工作|主要举措|工作举措|保障措施|组织实施|重点举措)$")
_REVIEWS = re.compile(r"情况$|回顾$|成[就效绩]$")
_PLANS = re.compile(r"安排|任务|部署|下一步|今后|打算|工作重点|重点工作|举措|措施|计划")


def work_items(document: Document, *, is_report: bool) -> list[int]:
    """Indexes into the outline of the sections that are tasks, in document order.

    A report tells what was done; of its parts only those under a heading of plans (下一步工作安排) ask for work.
    """
    parents = {section.parent for section in document.outline}
    return [
        at
        for at, section in enumerate(document.outline)
        if at not in parents
        and not (_BARE.match(section.title.strip()) and section.span.end - section.span.start < len(section.title) + 8)
        and not any(_NO_WORK.search(s.title) for s in _line(document.outline, section))
        and (
            not is_report
            or any(_PLANS.search(s.title) and not _REVIEWS.search(s.title) for s in _line(document.outline, section))
        )
    ]


def _line(outline: Sequence[Section], section: Section) -> list[Section]:
    found = [section]
    while section.parent is not None and len(found) <= len(outline):
        section = outline[section.parent]
        found.append(section)
    return found
