from decimal import Decimal

import pytest

from jiqun.model.bounds import Bound, Comparator

FIVE_PERCENT = Decimal("0.05")


@pytest.mark.parametrize(
    ("comparator", "strict", "promised", "reached", "kept"),
    [
        (Comparator.GE, False, "50", "50", True),  # 50家以上
        (Comparator.GE, True, "50", "50", False),  # 超过50家: the bound itself does not count
        (Comparator.GE, True, "50", "50.0001", True),
        (Comparator.GE, False, "50", "49.9999", False),
        (Comparator.LE, False, "30", "30", True),  # 30%以内
        (Comparator.LE, True, "30", "30", False),  # 低于30%
        (Comparator.LE, False, "30", "30.1", False),
        (Comparator.APPROX, False, "100", "95", True),  # 左右, 5 % allowed
        (Comparator.APPROX, False, "100", "94.99", False),
        (Comparator.APPROX, False, "100", "130", True),
        (Comparator.EQ, False, "200", "200", True),
        (Comparator.EQ, False, "200", "201", True),
        (Comparator.EQ, False, "200", "199", False),
    ],
)
def test_a_bound_scores_as_promised(comparator, strict, promised, reached, kept):
    bound = Bound(comparator, Decimal(promised), strict=strict)
    assert bound.is_met_by(Decimal(reached), tolerance=FIVE_PERCENT) is kept


@pytest.mark.parametrize(("reached", "kept"), [("9", False), ("10", True), ("15", True), ("20", True), ("21", True)])
def test_a_range_is_kept_from_its_lower_end(reached, kept):
    bound = Bound(Comparator.RANGE, Decimal(10), Decimal(20))
    assert bound.is_met_by(Decimal(reached), tolerance=FIVE_PERCENT) is kept


@pytest.mark.parametrize(
    ("comparator", "reached", "kept"),
    [("eq", "31", False), ("eq", "30", True), ("approx", "31.5", True), ("approx", "31.6", False)],
)
def test_where_lower_is_better_a_plain_number_is_a_ceiling(comparator, reached, kept):
    bound = Bound(Comparator(comparator), Decimal(30))
    assert bound.is_met_by(Decimal(reached), tolerance=FIVE_PERCENT, lower_is_better=True) is kept


def test_a_range_needs_both_ends_in_order():
    with pytest.raises(ValueError, match="upper end"):
        Bound(Comparator.RANGE, Decimal(10))
    with pytest.raises(ValueError, match="upper end"):
        Bound(Comparator.GE, Decimal(10), Decimal(20))
    with pytest.raises(ValueError, match="below"):
        Bound(Comparator.RANGE, Decimal(20), Decimal(10))
