"""What a proposed edition does to targets, series and the rest: each fate by hand."""

from __future__ import annotations

import pytest

from jiqun import packs
from jiqun.industry.previewing import Fate, Subject, preview
from jiqun.model.errors import InputRefused, NotFound
from tests.industry.test_catalogues import catalogue

NOW = catalogue("e1", "soft laser tool chain gone same robot")
NEXT = catalogue(
    "e2", "soft2 ai equip new same2 robot2",
    ("split", "soft", "soft2 ai"), ("merged", "laser tool", "equip"), ("absorbed", "chain", "soft2"),
    ("added", "", "new"), ("removed", "gone", ""), ("kept", "same", "same2"), ("renamed", "robot", "robot2"),
    previous_id="e1",
)  # fmt: skip


def subjects(*ids: str) -> list[Subject]:
    return [Subject("target", f"t-{one}", one, one, owners=(f"局{one}",)) for one in ids]


def test_every_fate() -> None:
    same = NEXT.model_copy(update={"clusters": tuple(
        one.model_copy(update={"name": "SAME"}) if one.id == "same2" else one for one in NEXT.clusters)})  # fmt: skip
    found = preview([NOW], same, subjects("same", "robot", "chain", "laser", "soft", "gone"))
    told = [(one.subject.cluster_id, one.fate, one.heirs, one.beside, one.needs_key) for one in found.effects]
    assert told == [
        ("gone", Fate.ENDED, (), (), False),
        ("soft", Fate.DIVIDED, ("soft2", "ai"), ("chain",), True),
        ("chain", Fate.JOINED, ("soft2",), ("soft",), False),
        ("laser", Fate.JOINED, ("equip",), ("tool",), False),
        ("robot", Fate.RENAMED, ("robot2",), (), False),
        ("same", Fate.SAME, ("same2",), (), False),
    ]
    assert [one.breaks for one in found.effects] == [True, True, True, True, False, False]
    assert found.fresh == ("new",)
    assert found.undivided == ("soft",)
    assert found.owners == ("局gone", "局soft", "局chain", "局laser")


def test_what_takes_from_outside_has_grown() -> None:
    wider = catalogue("e2", "flight", ("promoted", "soft", "flight"), ("added", "", "flight"), previous_id="e1")
    found = preview([catalogue("e1", "soft")], wider, subjects("soft"))
    assert [one.fate for one in found.effects] == [Fate.GROWN]


def test_a_subject_of_an_earlier_edition_is_followed_over_all_editions() -> None:
    third = catalogue("e3", "all rest", ("merged", "soft2 ai", "all"), ("merged", "equip new same2 robot2", "rest"),
                      previous_id="e2")  # fmt: skip
    found = preview([NOW, NEXT], third, subjects("soft"))
    assert [(one.fate, one.heirs, one.needs_key) for one in found.effects] == [(Fate.JOINED, ("all",), False)]
    assert preview([NOW, NEXT, catalogue("other", "x")], third, subjects("x")).effects == ()


def test_an_untold_fate_is_refused_before_anything_is_shown() -> None:
    with pytest.raises(InputRefused, match="GONE"):
        preview([NOW], NEXT.model_copy(update={"events": tuple(one for one in NEXT.events if one.type != "removed")}),
                subjects("soft"))  # fmt: skip
    with pytest.raises(NotFound):
        preview([], NEXT, subjects("soft"))


def test_the_change_of_2024_seen_from_2022() -> None:
    """Ten changes in one article: three clusters join, software is divided, two take from outside."""
    before, after = packs.load("shenzhen").catalogues
    found = preview([before], after, [Subject("series", one.id, one.name, one.id) for one in before.clusters])
    fates = {fate: [one.subject.cluster_id for one in found.effects if one.fate is fate] for fate in Fate}
    assert fates[Fate.DIVIDED] == ["sh22-software"]
    assert fates[Fate.JOINED] == ["sh22-machinetool", "sh22-laser", "sh22-instrument", "sh22f-blockchain"]
    assert fates[Fate.GROWN] == ["sh22f-aerospace"]
    assert fates[Fate.RENAMED] == ["sh22-srobot", "sh22-newmat", "sh22f-brain", "sh22f-lightcomp"]
    assert len(fates[Fate.SAME]) == 18
    assert fates[Fate.ENDED] == []
    assert found.fresh == ("sh24f-srobot", "sh24f-fmat")
