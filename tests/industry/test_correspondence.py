"""From edition to edition: every share by hand, and what cannot be known without a key."""

from __future__ import annotations

from fractions import Fraction

import pytest

from jiqun import packs
from jiqun.industry.correspondence import OUTSIDE, Correspondence, SplitKey, between, returning, split_key
from jiqun.model.errors import InputRefused, NotFound
from jiqun.packs.schema.clusters import Catalogue, ClusterEvent, Portion
from tests.industry.test_catalogues import catalogue

FIRST = catalogue("e1", "soft laser tool chain gone")
SECOND = catalogue(
    "e2", "soft2 ai equip new",
    ("split", "soft", "soft2 ai"), ("merged", "laser tool", "equip"), ("absorbed", "chain", "soft2"),
    ("added", "", "new"), ("removed", "gone", ""),
    previous_id="e1",
)  # fmt: skip
THIRD = catalogue(
    "e3", "digital equip3 new3",
    ("merged", "soft2 ai", "digital"), ("kept", "equip", "equip3"), ("renamed", "new", "new3"), previous_id="e2",
)  # fmt: skip
ALL = (FIRST, SECOND, THIRD)
HALF = Fraction(1, 2)


def told(found: Correspondence) -> dict[tuple[str, str], tuple[Fraction, Fraction]]:
    return {(link.before, link.after): (link.low, link.high) for link in found.links}


def test_a_split_without_a_key_is_open_and_everything_else_is_whole() -> None:
    assert told(between(ALL, "e1", "e2")) == {
        ("soft", "soft2"): (0, 1), ("soft", "ai"): (0, 1), ("laser", "equip"): (1, 1), ("tool", "equip"): (1, 1),
        ("chain", "soft2"): (1, 1), ("gone", OUTSIDE): (1, 1), (OUTSIDE, "new"): (0, 1), (OUTSIDE, OUTSIDE): (0, 1),
    }  # fmt: skip
    assert between(ALL, "e1", "e2").undivided == ("soft",)


def test_a_stated_key_divides_and_is_told() -> None:
    key = SplitKey("soft", {"soft2": Fraction(3, 5), "ai": Fraction(2, 5)}, "按2023年产值")
    found = between(ALL, "e1", "e2", [key])
    assert [(link.after, link.share, link.said) for link in found.of("soft")] == [
        ("soft2", Fraction(3, 5), ("按2023年产值",)), ("ai", Fraction(2, 5), ("按2023年产值",))]  # fmt: skip
    assert found.undivided == ()


def test_a_split_that_is_joined_again_needs_no_key() -> None:
    """Interval by interval it would be 0 to 2; the parts of one whole are one whole."""
    found = told(between(ALL, "e1", "e3"))
    assert found["soft", "digital"] == (1, 1)
    assert found["chain", "digital"] == (1, 1)
    assert (OUTSIDE, "new3") in found


def test_backwards_a_merger_is_divided_and_a_split_is_joined() -> None:
    found = told(between(ALL, "e2", "e1"))
    assert found["equip", "laser"] == (0, 1)
    assert found["ai", "soft"] == (1, 1)
    assert found["soft2", "soft"] == (0, 1)  # it took in the chain
    assert found["new", OUTSIDE] == (1, 1)
    assert found[OUTSIDE, "gone"] == (0, 1)


def test_chains_of_editions_backwards() -> None:
    found = told(between(ALL, "e3", "e1"))
    assert found["digital", "soft"] == (0, 1)
    assert found["digital", "chain"] == (0, 1)
    assert found["equip3", "tool"] == (0, 1)


def test_an_edition_recast_to_itself_is_itself() -> None:
    assert told(between(ALL, "e2", "e2")) == {(one, one): (1, 1) for one in ("soft2", "ai", "equip", "new", OUTSIDE)}


def test_there_and_back_is_the_same_only_where_nothing_was_joined_or_left_open() -> None:
    assert returning(ALL, "e1", "e2") == {"soft": False, "laser": False, "tool": False, "chain": False, "gone": False}
    assert returning(ALL, "e2", "e3") == {"soft2": False, "ai": False, "equip": True, "new": True}
    keys = [split_key("equip", {"laser": 1, "tool": 3}, "k")]
    assert returning(ALL, "e1", "e2", keys)["laser"] is False  # an average part of the merger is not the laser itself
    alone = (FIRST, catalogue("x", "s a g l", ("split", "soft", "s a"), ("kept", "laser", "l"),
                              ("removed", "tool chain", ""), ("renamed", "gone", "g"), previous_id="e1"))  # fmt: skip
    assert returning(alone, "e1", "x")["soft"] is True  # divided however it may be, the parts join again


def portioned(*shares: tuple[str, str, str, str]) -> tuple[Catalogue, ...]:
    event = ClusterEvent(
        type="split", before_ids=("soft",), after_ids=("soft2", "ai", "net"),
        portions=tuple(Portion.model_validate({"before_id": b, "after_id": a, "share": s, "of": of, "note": "统计局"})
                       for b, a, s, of in shares),
    )  # fmt: skip
    return catalogue("e1", "soft"), catalogue("p", "soft2 ai net", previous_id="e1").model_copy(
        update={"events": (event,)}
    )


def test_portions_of_the_decree_hold_and_the_last_one_follows() -> None:
    found = told(between(portioned(("soft", "soft2", "60%", "before"), ("soft", "ai", "1/10", "before")), "e1", "p"))
    assert found == {
        ("soft", "soft2"): (Fraction(3, 5),) * 2, ("soft", "ai"): (Fraction(1, 10),) * 2,
        ("soft", "net"): (Fraction(3, 10),) * 2, (OUTSIDE, OUTSIDE): (1, 1)}  # fmt: skip


def test_what_portions_leave_open_is_bounded_by_the_rest() -> None:
    found = told(between(portioned(("soft", "soft2", "0.6", "before")), "e1", "p"))
    assert found["soft", "ai"] == found["soft", "net"] == (0, Fraction(2, 5))
    assert found["soft", "soft2"] == (Fraction(3, 5), Fraction(3, 5))


def test_a_key_divides_only_what_portions_leave_open() -> None:
    editions = portioned(("soft", "soft2", "0.6", "before"))
    found = told(between(editions, "e1", "p", [SplitKey("soft", {"ai": HALF, "net": HALF}, "k")]))
    assert found["soft", "ai"] == (Fraction(1, 5), Fraction(1, 5))


def test_a_portion_of_the_later_cluster_holds_backwards_only() -> None:
    event = ClusterEvent(
        type="merged", before_ids=("laser", "tool"), after_ids=("equip",),
        portions=(Portion(before_id="laser", after_id="equip", share=Fraction(1, 4), of="after"),),
    )  # fmt: skip
    editions = (catalogue("e1", "laser tool"),
                catalogue("m", "equip", previous_id="e1").model_copy(update={"events": (event,)}))  # fmt: skip
    assert told(between(editions, "e1", "m"))["laser", "equip"] == (1, 1)
    back = told(between(editions, "m", "e1"))
    assert (back["equip", "laser"][0], back["equip", "tool"][0]) == (Fraction(1, 4), Fraction(3, 4))


def test_a_key_of_nothing_is_no_key() -> None:
    assert split_key("soft", {"soft2": 0, "ai": 0}, "k") is None
    found = split_key("soft", {"soft2": 3, "ai": 1}, "k")
    assert found is not None
    assert found.parts == {"soft2": Fraction(3, 4), "ai": Fraction(1, 4)}
    with pytest.raises(ValueError, match="小于零"):
        split_key("soft", {"soft2": -1, "ai": 2}, "k")


def test_keys_that_fit_nothing_are_all_refused_at_once() -> None:
    wrong = [SplitKey("soft", {"soft2": HALF}, "k"), SplitKey("laser", {"equip": Fraction(1)}, "k"),
             SplitKey("soft", {"soft2": HALF, "ai": HALF, "tool": Fraction(0)}, "k")]  # fmt: skip
    with pytest.raises(InputRefused) as refused:
        between(ALL, "e1", "e2", wrong)
    assert len(refused.value.findings) == 3


def test_what_no_event_tells_of_is_refused_not_guessed() -> None:
    silent = catalogue("s", "soft2 dark", ("renamed", "soft", "soft2"), previous_id="e1")
    with pytest.raises(InputRefused) as refused:
        between((FIRST, silent), "e1", "s")
    said = " ".join(str(finding) for finding in refused.value.findings)
    assert all(name in said for name in ("LASER", "TOOL", "CHAIN", "GONE", "DARK"))
    with pytest.raises(NotFound):
        between(ALL, "e1", "nowhere")
    with pytest.raises(NotFound):
        between((*ALL, catalogue("alone", "x")), "e1", "alone")


def test_twenty_plus_eight_from_2022_to_2024() -> None:
    """Document 003 §2(一), by hand: of 28 clusters one is divided, and each of the others goes whole into one."""
    city = packs.load("shenzhen")
    found = told(between(city.catalogues, "shenzhen-2022", "shenzhen-2024"))
    for one in ("machinetool", "laser", "instrument"):
        assert found[f"sh22-{one}", "sh24-hequip"] == (1, 1)
    assert found["sh22f-blockchain", "sh24-software"] == (1, 1)
    assert found["sh22f-aerospace", "sh24-lowalt"] == (1, 1)
    assert found["sh22-srobot", "sh24-robot"] == (1, 1)
    assert found["sh22-software", "sh24-ai"] == found["sh22-software", "sh24-software"] == (0, 1)
    whole = [pair for pair, bounds in found.items() if bounds == (1, 1) and OUTSIDE not in pair]
    assert len(whole) == 27  # all of 2022 but software
    assert {after for before, after in found if before == OUTSIDE} == {
        "sh24-lowalt", "sh24f-srobot", "sh24f-fmat", OUTSIDE}  # fmt: skip


def test_thirteen_clusters_become_four() -> None:
    city = packs.load("suzhou")
    found = between(city.catalogues, "suzhou-2018", "suzhou-2022")
    assert [len(found.into(one)) for one in ("sz22-ei", "sz22-eq", "sz22-bio", "sz22-mat")] == [5, 4, 1, 3]
    assert all(link.share == 1 for link in found.links)
    assert told(between(city.catalogues, "suzhou-2018", "suzhou-2023-msq"))["sz18-ic", "sz23-ei"] == (1, 1)
    back = returning(city.catalogues, "suzhou-2018", "suzhou-2022")
    assert [one for one, same in back.items() if same] == ["sz18-biomed"]
