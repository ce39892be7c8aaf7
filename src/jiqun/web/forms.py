"""What people typed, read into the fields that the verbs take; what cannot be read is refused with all faults."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from django.http import HttpRequest, QueryDict

from jiqun.model.errors import InputRefused
from jiqun.model.findings import Finding, Severity
from jiqun.packs import City

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Filter = TypeVar("Filter", bound=DataclassInstance)

PROMISE_FIELDS = (
    "comparator", "value_text", "value_max_text", "unit", "measure", "period", "base_value", "base_period",
)  # fmt: skip


def promise_fields(city: City, posted: QueryDict) -> dict[str, Any]:
    """The fields of `parts/promise_fields.html`. Raises InputRefused for a body that the folder does not have."""
    found: dict[str, Any] = {name: posted.get(name, "").strip() for name in PROMISE_FIELDS}
    found["strict"] = posted.get("strict") == "on"
    found["area_id"] = posted.get("area_id") or None
    found["cluster_id"] = posted.get("cluster_id") or None
    bodies, faults = pick_bodies(city, posted.get("bodies_pick", ""))
    if faults:
        raise InputRefused(faults)
    found["body_ids"] = bodies
    return found


def pick_indicator(city: City, posted: Mapping[str, str], current: str | None = None) -> str | None:
    """The indicator chosen: a name typed anew, else a candidate's button, else the name as it stood.

    The button of the `current` indicator is pressed from the start, so it must not outweigh what was typed.
    Raises InputRefused for a name that is no indicator's, or several's.
    """
    typed, chosen = posted.get("indicator_pick", "").strip(), posted.get("candidate", "")
    ids = (typed,) if typed in city.indicators else city.names_of_indicators.get(typed, ())
    if typed and len(ids) != 1 and current not in ids:
        what = "有多个指标用这个名称" if ids else "资料夹中没有这个指标"
        raise InputRefused([fault(f"{what}：“{typed}”", "请从列表中选择")])
    if ids and current not in ids:
        return ids[0]
    return chosen or (current if ids else None)


def pick_bodies(city: City, text: str) -> tuple[list[str], list[Finding]]:
    """Body ids for names written one a line, or between 、 and ；, the first leading."""
    found, faults = [], []
    for word in filter(None, (part.strip() for part in re.split(r"[\n、；;]", text))):
        ids = (word,) if word in city.bodies else city.names_of_bodies.get(word, ())
        if ids:
            found.append(ids[-1] if len(ids) > 1 else ids[0])
        else:
            faults.append(fault(f"资料夹中没有机构“{word}”", "请核对名称，或先在资料夹中补充"))
    return list(dict.fromkeys(found)), faults


def body_lines(city: City, body_ids: Iterable[str]) -> str:
    """Bodies as the form shows them, one a line."""
    return "\n".join(city.bodies[key].name if key in city.bodies else key for key in body_ids)


def day(request: HttpRequest, name: str) -> date | None:
    """The day in a field; None where it is empty. Raises InputRefused for anything else."""
    text = request.POST.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputRefused([fault(f"“{text}”不是日期", "请按 2023-08-08 填写")]) from None


def reason(request: HttpRequest) -> str:
    """The reason given. Raises InputRefused where there is none."""
    text = request.POST.get("reason", "").strip()
    if not text:
        raise InputRefused([fault("没有写明理由", "请填写依据或理由后再提交")])
    return text


def version(request: HttpRequest) -> int | None:
    """The version the person saw; None where the form does not say."""
    return whole(request.POST.get("version"))


def read_filter(kind: type[Filter], asked: QueryDict) -> Filter:
    """A page's filter from the address: fields that it does not have are passed over, numbers that are none too."""
    given: dict[str, Any] = {}
    for field in fields(kind):
        text = asked.get(field.name, "").strip()
        if field.name in asked:
            given[field.name] = whole(text) if "int" in str(field.type) else text
    return kind(**given)


def whole(text: str | None) -> int | None:
    """A whole number typed into an address; None for anything else."""
    return int(text) if text and text.isdecimal() and len(text) < 9 else None


def fault(message: str, remedy: str = "") -> Finding:
    """What is wrong with a form, and what to do."""
    return Finding("form", Severity.ERROR, message, remedy=remedy)
