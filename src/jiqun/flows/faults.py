"""What is wrong with fields that a person filled in, checked against the city's folder: everything at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from jiqun.ledger.statement import number
from jiqun.model.bounds import Comparator
from jiqun.model.claims import ClaimKind, Measure
from jiqun.model.errors import InputRefused
from jiqun.model.findings import Finding, Place, Severity
from jiqun.model.periods import Period
from jiqun.packs import City

_NAMES = {
    "indicator_id": "指标", "area_id": "地区", "cluster_id": "集群", "body_ids": "责任单位", "measure": "口径",
    "comparator": "限定", "kind": "类别", "period": "时期", "value_text": "数值", "value_max_text": "上限",
    "base_value": "基期数", "base_period": "基期", "value_kind": "数值性质", "body_id": "填报单位",
}  # fmt: skip
_LONGEST_UNIT = 32  # what the ledger's column holds
VALUE_KINDS = ("exact", "about", "at_least", "preliminary", "final")


def fault(code: str, message: str, remedy: str = "", *, place: Place | None = None) -> Finding:
    return Finding(f"ledger.{code}", Severity.ERROR, message, place or Place(), remedy)


def warning(code: str, message: str, remedy: str = "") -> Finding:
    return Finding(f"ledger.{code}", Severity.WARNING, message, Place(), remedy)


def refuse(findings: Iterable[Finding]) -> None:
    """Raises InputRefused with all findings when one of them is an error."""
    kept = list(findings)
    if any(finding.severity is Severity.ERROR for finding in kept):
        raise InputRefused(kept)


def field_faults(city: City, fields: Mapping[str, Any], allowed: Iterable[str]) -> list[Finding]:
    """What is wrong with the fields given: names nobody asked for, ids the folder lacks, words that are no number."""
    known = set(allowed)
    found = [fault("field_unknown", f"没有可以填写的字段“{name}”") for name in fields if name not in known]
    for name, value in fields.items():
        if name in known and value not in (None, "", []):
            found += _one_field(city, name, value)
    if fields.get("comparator") == Comparator.RANGE and number(str(fields.get("value_max_text") or "")) is None:
        found.append(fault("range_open", "区间目标要有上限", "请填写上限"))
    return found


def _one_field(city: City, name: str, value: Any) -> list[Finding]:
    label = _NAMES.get(name, name)
    references: dict[str, Mapping[str, Any]] = {
        "indicator_id": city.indicators, "area_id": city.areas, "cluster_id": city.clusters, "body_id": city.bodies,
    }  # fmt: skip
    words: dict[str, Iterable[str]] = {
        "measure": list(Measure), "comparator": list(Comparator), "kind": list(ClaimKind), "value_kind": VALUE_KINDS,
    }  # fmt: skip
    if name in references and value not in references[name]:
        return [fault("reference", f"{label}“{value}”不在城市文件夹中", "请从列表中选择")]
    if name == "body_ids":
        missing = [body for body in value if body is not None and body not in city.bodies]
        return [fault("reference", f"{label}“{body}”不在城市文件夹中", "请从列表中选择") for body in missing]
    if name in words and value not in words[name]:
        return [fault("word", f"{label}“{value}”不是可选的值", f"可选：{'、'.join(words[name])}")]
    if name in ("value_text", "value_max_text", "base_value") and number(str(value)) is None:
        return [fault("not_a_number", f"{label}“{value}”不是数", "请只填一个确定的数字")]
    if name == "unit" and len(str(value)) > _LONGEST_UNIT:
        return [fault("too_long", f"单位超过 {_LONGEST_UNIT} 个字", "请填写单位的名称")]
    if name in ("period", "base_period") and not _reads(Period.parse, str(value)):
        return [fault("not_a_period", f"{label}“{value}”不是时期", "例：2023、2023H1、2023Q3、2023M8")]
    return []


def _reads(read: Callable[[str], Any], text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True


def required(fields: Mapping[str, Any], names: Iterable[str]) -> list[Finding]:
    empty = [name for name in names if fields.get(name) in (None, "", [])]
    return [fault("missing", f"缺少{_NAMES.get(name, name)}", "请补充后再提交") for name in empty]
