"""What belongs to a cluster: values that can be, dates in order, nothing said twice for the same time."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator

from jiqun.model.findings import Finding
from jiqun.packs.faults import fault
from jiqun.packs.reading import Entry
from jiqun.packs.registry import Registry
from jiqun.packs.schema.clusters import Membership

_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")  # GB 32100-2015: no I, O, S, V, Z


def member_findings(registry: Registry) -> Iterator[Finding]:
    industries = registry.ids["industry"]
    held: dict[tuple[str, str, str], list[tuple[Entry, Membership]]] = {}
    for entry, member in registry.of(Membership):
        place = entry.place("value")
        if member.by == "code" and industries and member.value not in industries:
            yield fault("member_value", place, value=member.value, what="行业代码", remedy="改为 GB/T 4754 的代码。")
        if member.by == "firm" and not _CODE.fullmatch(member.value):
            yield fault("member_value", place, value=member.value, what="统一社会信用代码", remedy="应为 18 位。")
        if member.by == "firm" and member.share is None:
            yield fault("missing_key", entry.place(), key="share")
        begin, end = member.valid_from or datetime.date.min, member.valid_to or datetime.date.max
        if end <= begin:
            yield fault("dates", place, start=member.valid_from, end=member.valid_to)
        same = held.setdefault((member.cluster_id, member.by, member.value), [])
        for first, other in same:
            if begin < (other.valid_to or datetime.date.max) and (other.valid_from or datetime.date.min) < end:
                yield fault("member_twice", place, value=member.value, first=first.place())
        same.append((entry, member))
