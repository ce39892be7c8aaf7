"""A phrase names a cluster of the city's own catalogue that holds on the document's day, or none."""

from datetime import date

import pytest

from jiqun import packs
from jiqun.extraction.linking import Links


@pytest.fixture(scope="module")
def city():
    return packs.load(packs.folder("suzhou"))


@pytest.mark.parametrize(
    ("day", "phrase", "cluster"),
    [
        (date(2018, 3, 15), "生物医药产业产值", "sz18L-bio"),
        (date(2022, 12, 31), "生物医药产业规模", "sz22-bio"),  # the edition of 2022 has taken over
        (date(2018, 12, 18), "推动企业装备升级", None),  # 装备 stands alone only in a district's list of 2024
        (date(2022, 12, 31), "数字经济核心产业增加值占GDP比重", None),  # the edition of 2018 has ended
        (date(2022, 12, 31), "集聚数字金融企业", None),  # a future industry only since September 2023
        (date(2023, 10, 1), "数字金融产业规模", "szF-5"),
        (None, "众创空间", None),
    ],
)
def test_the_cluster_is_of_the_city_and_the_day(city, day, phrase, cluster):
    assert Links(city, day).cluster(phrase) == cluster
