"""A layout's clauses, sums and findings in Chinese words."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from jiqun.industry.layout.conflicts import Clash, Conflict, Count, Loosening
from jiqun.industry.layout.examining import Exemption
from jiqun.industry.layout.judging import Breach
from jiqun.industry.layout.problem import Row, Rule, RuleKind
from jiqun.industry.layout.sensitivity import FURTHEST, BoundEffect, WeightRange
from jiqun.industry.layout.solving import Proof, Solution

PROOFS = {
    Proof.PROVED: "已证明最优",
    Proof.OPEN: "时间用尽，尚未证明最优",
    Proof.IMPOSSIBLE: "已证明无解",
    Proof.UNKNOWN: "时间用尽，尚无结论",
}
_NAMED = 4  # subjects named before the rest are counted


def number(value: Fraction, decimals: int = 2) -> str:
    """At most so many decimals, none that say nothing."""
    return f"{float(value):.{decimals}f}".rstrip("0").rstrip(".")


def signed(value: Fraction) -> str:
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{number(abs(value))}"


# --- clauses


def clause(rule: Rule, limit: int | None = None) -> str:
    """What one side of a clause asks, with its own limit or another."""
    held = rule.limit if limit is None else limit
    side = "至少" if rule.is_least else "至多"
    whom = subjects(rule.rows, quote="")
    match rule.kind:
        case RuleKind.AREAS_PER_CLUSTER:
            return f"每个集群{side} {held} 个区"
        case RuleKind.CLUSTERS_PER_AREA:
            return f"每个区{side} {held} 个集群"
        case RuleKind.CLUSTER_IN_ZONE:
            return f"{whom}在{rule.name}内{side} {held} 个区"
        case RuleKind.CLUSTER_OUTSIDE_ZONE if held == 0:
            return f"{whom}不出{rule.name}"
        case RuleKind.CLUSTER_OUTSIDE_ZONE:
            return f"{whom}在{rule.name}外{side} {held} 个区"
        case RuleKind.ZONE_TOTAL:
            return f"{rule.name}合计{side} {held} 个落位"
        case RuleKind.RESOURCE:
            return f"各区{rule.name}不超过可供的量"
        case RuleKind.FIXED:
            return f"{rule.rows[0].subject}已定"
    return f"{rule.rows[0].subject}不放"


def subjects(rows: Sequence[Row], quote: str = "“”") -> str:
    """Whose sums these are, the first few by name; `quote` is what stands around a name."""
    opens, closes = quote[:1], quote[1:]
    named = "、".join(f"{opens}{row.subject}{closes}" for row in rows[:_NAMED])
    return named if len(rows) <= _NAMED else f"{named}等 {len(rows)} 个"


# --- why not


def sum_words(count: Count) -> str:
    """The arithmetic of a clash: what is needed, what there is room for, and by how much it falls short."""
    needs = [_sum(rule, rows) for rule, rows in count.needs]
    rooms = [_sum(rule, rows) for rule, rows in count.rooms if not _shuts_out(rule)]
    shut = sum(len(row.pairs) for rule, rows in count.rooms if _shuts_out(rule) for row in rows)
    total = count.room + count.spare
    said = [f"要：{'，'.join(needs)}" + (f"，合计 {count.needed}" if len(needs) > 1 else "")]
    if rooms:
        said.append(f"有：{'，'.join(rooms)}" + (f"，合计 {count.room}" if len(rooms) > 1 else ""))
    if count.spare or not rooms:
        without = f"除去不能放的{f' {shut} 处' if shut else ''}，" if shut else ""
        said.append(f"{without}{'另外' if rooms else ''}最多还有 {count.spare} 个落位")
    return "；".join(said) + f"。{count.needed} > {total}，差 {count.short} 个，排不下。"


def _shuts_out(rule: Rule) -> bool:
    return not rule.is_least and rule.limit == 0


def _sum(rule: Rule, rows: Sequence[Row]) -> str:
    side = "至少" if rule.is_least else "至多"
    limits = {row.limit for row in rows}
    total = sum(row.limit for row in rows)
    what, of = {
        RuleKind.AREAS_PER_CLUSTER: ("集群", "区"), RuleKind.CLUSTERS_PER_AREA: ("区", "集群"),
    }.get(rule.kind, ("", ""))  # fmt: skip
    if rule.kind is RuleKind.RESOURCE:
        return f"{subjects(rows)}的{rule.name}共 {number(Fraction(total, rule.scale))}{rule.unit}"
    if rule.is_pair:
        return f"{subjects(rows)}已定"
    if what and len(rows) > 1 and len(limits) == 1:
        return f"{len(rows)} 个{what} × {side} {rows[0].limit} 个{of} = {total} 个落位"
    if what and len(rows) == 1:
        return f"{subjects(rows)}{side} {total} 个{of}"
    return f"{clause(rule)}（{total} 个落位）"


def clash_words(clash: Clash) -> str:
    """The clauses that clash, and the sum where there is one."""
    named = "；".join(clause(rule) for rule in clash.rules)
    if clash.count is not None:
        return f"{named}——{sum_words(clash.count)}"
    return f"{named}——逐一试过：全部同时成立时没有任何排法，去掉其中任何一条就有。"


def loosening_words(one: Loosening) -> str:
    return f"把“{clause(one.rule)}”放宽到 {one.limit}，就排得下"


def remedy_words(rules: Sequence[Rule]) -> str:
    return "、".join(f"“{clause(rule)}”" for rule in rules)


def exemption_words(one: Exemption) -> str:
    """Whether the rules can be kept only because some clusters are left to the city."""
    names = f"{len(one.group.clusters)} 个集群由市里统一安排"
    if one.is_needed is None:
        return f"{names}；这一条是不是必要，时间内没有算出。"
    if not one.is_needed:
        return f"{names}；有没有这一条，{'' if one.is_on else '其余规定'}是否排得下都不变。"
    if not one.is_on:
        return f"{names}：恢复这一条，其余规定就排得下。"
    why = _first_sum(one.conflict)
    return f"{names}，规定才排得下。没有这一条：{why}"


def _first_sum(conflict: Conflict | None) -> str:
    if conflict is None or not conflict.clashes:
        return "没有任何排法。"
    first = conflict.clashes[0]
    return sum_words(first.count) if first.count is not None else clash_words(first)


def breach_words(breach: Breach) -> str:
    rule, row = breach.rule, breach.row
    if rule.is_pair:
        return clause(rule)
    has, limit = (Fraction(value, rule.scale) for value in (breach.has, row.limit))
    side = "少于" if rule.is_least else "多于"
    return f"{row.subject}：{number(has)}{rule.unit or ' 个'}，{side} {number(limit)}（{clause(rule)}）"


# --- how sure, and what would change it


def proof_words(one: Solution) -> str:
    """The proof with its gap: how much better a plan could still be."""
    if one.proof is Proof.PROVED:
        return f"{PROOFS[one.proof]}：没有得分更高的方案（差距 0）"
    if one.proof is Proof.OPEN and one.gap is not None and one.plan is not None:
        share = f"，即 {float(one.gap / abs(one.plan.points)):.2%}" if one.plan.points else ""
        return f"{PROOFS[one.proof]}：更好的方案至多再高 {number(one.gap)} 分{share}"
    return PROOFS[one.proof]


def weight_words(one: WeightRange) -> str:
    """Between which weights the plan stands."""
    name, now = one.term.name, number(one.term.weight)
    if one.low == one.high:
        return f"“{name}”的权重（现为 {now}）稍有变动，就有另一方案更好"
    low = "降到 0 方案都不变" if one.below is None else f"低于 {number(one.low)} 时另一方案更好"
    furthest = f"升到 {FURTHEST} 倍（{number(one.high)}）方案都不变"
    high = furthest if one.above is None else f"高于 {number(one.high)} 时另一方案更好"
    return f"“{name}”的权重现为 {now}：{low}，{high}"


def bound_words(one: BoundEffect) -> str:
    """What one step of a limit does."""
    named = f"“{clause(one.rule)}”改为 {one.limit}"
    if one.plan is None or one.gain is None:
        return f"{named}：排不下"
    if one.gain == 0:
        return f"{named}：得分不变"
    return f"{named}：得分 {signed(one.gain)}，{one.moved} 处变动"
