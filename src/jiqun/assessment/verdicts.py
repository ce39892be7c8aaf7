"""The light of a case and the sentence that gives its reason."""

from __future__ import annotations

from dataclasses import dataclass

from jiqun.assessment import words
from jiqun.assessment.pace import Case, Standing, expected_on, has_way, is_kept, light_for, shortfall_pct
from jiqun.assessment.promises import Light
from jiqun.model.bounds import Comparator
from jiqun.model.claims import Measure


@dataclass(frozen=True)
class Verdict:
    """A light, why, the standing it rests on, and what would have to be known to say more."""

    light: Light
    reason: str
    standing: Standing | None = None
    missing: tuple[str, ...] = ()


def judge(case: Case) -> Verdict:
    """The verdict of a case: by the figure of the due day once the deadline is over, by the path before."""
    return _when_over(case) if case.is_over else _before(case)


def _kept(case: Case, standing: Standing) -> bool | None:
    return is_kept(case.promise, case.rules, standing.low, standing.high)


def _first_reached(case: Case) -> Standing | None:
    for standing in case.standings:
        in_time = case.due is None or standing.at <= case.due
        if standing.is_decisive and in_time and _kept(case, standing) is True:
            return standing
    return None


def _when_over(case: Case) -> Verdict:
    assert case.due is not None and case.promise.deadline is not None
    goal, due = words.bound(case.promise), words.day_end(case.due)
    in_time = [one for one in case.standings if one.at <= case.due]
    final = next((one for one in reversed(in_time) if one.at == case.due and one.is_decisive), None)
    reached = _first_reached(case)
    if final is not None and _kept(case, final) is not None:
        if _kept(case, final):
            return Verdict(Light.MET, f"{final.said}，达到目标（{goal}）。", final)
        gap = words.distance(abs(case.promise.goal - final.low), case.promise)
        if reached is not None:
            return Verdict(
                Light.FELL_BACK, f"{reached.said}，曾达到目标（{goal}）；{final.said}，到期时又差{gap}。", final
            )
        late = next((one for one in case.standings if one.at > case.due and _kept(case, one)), None)
        after = f"{late.said}，逾期后达到。" if late else ""
        return Verdict(Light.OVERDUE, f"{final.said}，{due}到期，距目标（{goal}）差{gap}。{after}", final)
    lacking = (f"{due}的确数" if final else f"{due}的数",)
    if reached is not None:
        fallen = next((one for one in reversed(in_time) if one.at > reached.at and _kept(case, one) is False), None)
        if fallen is not None:
            now = "越出" if case.promise.is_ceiling else "低于"
            said = f"{reached.said}，曾达到目标（{goal}）；{fallen.said}，又{now}目标，到期数尚缺。"
            return Verdict(Light.FELL_BACK, said, fallen, lacking)
        return Verdict(Light.MET, f"{reached.said}，到期前已达到目标（{goal}）。", reached)
    last = case.standings[-1] if case.standings else None
    told = f"最近一次：{last.said}，不能证明是否按期达到（{goal}）。" if last else "规划期内没有公布数。"
    return Verdict(Light.NO_DATA, f"{due}已到期，缺{lacking[0]}。{told}", last, lacking)


def _before(case: Case) -> Verdict:
    goal = words.bound(case.promise)
    if not case.standings:
        return _nothing_yet(case)
    latest = case.standings[-1]
    kept = _kept(case, latest)
    if kept and latest.is_decisive and not _is_cap_held(case):
        return Verdict(Light.MET, f"{latest.said}，达到目标（{goal}）。", latest)
    reached = _first_reached(case)
    if reached is not None and not _is_cap_held(case):
        if kept is False and latest.is_decisive:
            now = "越出" if case.promise.is_ceiling else "低于"
            said = f"{reached.said}，曾达到目标（{goal}）；{latest.said}，现已{now}目标。"
            return Verdict(Light.FELL_BACK, said, latest)
        if kept is None or not latest.is_decisive:
            return Verdict(Light.MET, f"{reached.said}，达到目标（{goal}）；{latest.said}。", reached)
    return _by_path(case, latest, kept)


def _is_cap_held(case: Case) -> bool:
    """Whether the promise is a limit that held from the start: it is kept day by day, not reached before its end."""
    return (
        case.promise.bound.comparator is Comparator.LE
        and case.promise.measure is not Measure.RANK
        and not has_way(case)
    )


def _by_path(case: Case, latest: Standing, kept: bool | None) -> Verdict:
    goal = words.bound(case.promise)
    if kept and _is_cap_held(case):
        return Verdict(Light.ON_TRACK, f"{latest.said}，目前在限额（{goal}）以内，到期再作结论。", latest)
    if kept and not latest.is_decisive:
        return Verdict(Light.ON_TRACK, f"{latest.said}，已在目标（{goal}）水平，以到期年份全年数为准。", latest)
    expected = expected_on(case, latest.at)
    if expected is None:
        limit = "文件未写期限" if case.due is None else "没有基期，画不出路径"
        stands = "是否达到尚不清楚" if kept is None else "尚未达到"
        said = f"{latest.said}，目标（{goal}）{stands}、也未到期；{limit}，不判断快慢。"
        return Verdict(Light.EARLY, said, latest, ("期限",) if case.due is None else ("基期数",))
    easy, hard = (latest.low, latest.high) if case.promise.is_ceiling else (latest.high, latest.low)
    told = words.amount(expected, case.promise)
    whose = "每年应为" if case.is_flat else "按序时进度应为"
    if hard is not None and shortfall_pct(case, hard, expected) <= case.rules.behind_pct:
        return Verdict(Light.ON_TRACK, f"{latest.said}，{whose}{told}，在进度内。", latest)
    if easy is None or hard is None:
        said = f"{latest.said}，{whose}{told}；只知一端，够不上判断快慢。"
        return Verdict(Light.NO_DATA, said, latest, ("确数",))
    light = light_for(case.rules, shortfall_pct(case, hard, expected))
    gap = words.distance(abs(expected - hard), case.promise)
    off = "超出" if case.promise.is_ceiling else "少"
    return Verdict(light, f"{latest.said}，{whose}{told}，{off}{gap}。", latest)


def _nothing_yet(case: Case) -> Verdict:
    """No figure of the plan's own time: too early in its first year, a gap after it."""
    goal = words.bound(case.promise)
    known = f"{case.base.words}。" if case.base else ""
    if case.start is not None and case.on.year <= case.start.year:
        return Verdict(Light.EARLY, f"目标（{goal}）所在规划自{case.start.year}年起，首个年度数尚未公布。{known}", None)
    return Verdict(
        Light.NO_DATA, f"规划期内没有可用的公布数，目标（{goal}）无从判断。{known}", None, ("规划期内的公布数",)
    )
