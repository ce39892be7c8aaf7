"""Whom to ask where a link is missing: firms near it, beside it, akin by class; never those on it already."""

from __future__ import annotations

import polars as pl

from jiqun.industry.chains.candidates import FIRM_COLUMNS, Side, Tie, beside, candidates, strangers
from jiqun.packs.schema.chains import Chain

CHAIN = Chain.model_validate(
    {
        "id": "c", "name": "链",
        "nodes": [
            {"id": "steel", "segment": "upstream", "name": "钢", "feeds_ids": ["gear"]},
            {"id": "gear", "segment": "upstream", "name": "齿轮", "gb_codes": ["3453"], "feeds_ids": ["arm"],
             "firms": [{"uscc": "OUT", "name": "外地齿轮厂"}, {"uscc": "B", "name": "本地"}]},
            {"id": "arm", "segment": "midstream", "name": "机械臂"},
            {"id": "belt", "segment": "upstream", "name": "同步带"},
        ],
        "edges": [
            {"from_id": "belt", "to_id": "gear", "kind": "substitutes"},
            {"from_id": "gear", "to_id": "gear", "kind": "feeds"},
        ],
    }
)  # fmt: skip
GEAR = CHAIN.nodes[1]
ROW = {"name": "", "area_id": "a", "titles": [], "thing": "", "term": "", "score": 1.0, "is_placed": True}
FIRMS = [
    {"uscc": "A", "node_id": "steel", "industry_code": "3110", "revenue_yuan": 90.0},
    {"uscc": "B", "node_id": "arm", "industry_code": "3491", "revenue_yuan": 10.0},
    {"uscc": "B", "node_id": "steel", "industry_code": "3491", "revenue_yuan": 10.0},
    {"uscc": "C", "node_id": "belt", "industry_code": "3459", "revenue_yuan": 5.0},
    {"uscc": "D", "node_id": "gear", "industry_code": "3459", "revenue_yuan": 1.0, "is_placed": False, "score": 0.3,
     "thing": "齿轮修理", "term": "齿轮"},
    {"uscc": "D", "node_id": "steel", "industry_code": "3459", "revenue_yuan": 1.0},
    {"uscc": "E", "node_id": "gear", "industry_code": "3453", "revenue_yuan": 1.0},
    {"uscc": "E", "node_id": "arm", "industry_code": "3453", "revenue_yuan": 1.0},
    {"uscc": "F", "node_id": "steel", "industry_code": "3110", "revenue_yuan": None},
]  # fmt: skip
ROWS = pl.DataFrame([ROW | firm for firm in FIRMS], schema_overrides={"titles": pl.List(pl.String)})
AKIN = pl.DataFrame(
    [
        ("A", "", "a", "3110", 90.0, []), ("G", "", "b", "3452", 7.0, []), ("H", "", "b", "3459", 8.0, []),
        ("D", "", "a", "3459", 1.0, []), ("I", "", "b", None, 8.0, []),
    ],
    schema=dict(zip(FIRM_COLUMNS, [pl.String, pl.String, pl.String, pl.String, pl.Float64, pl.List(pl.String)],
                    strict=True)), orient="row",
)  # fmt: skip


def test_a_link_knows_what_stands_beside_it() -> None:
    sides = beside(CHAIN)
    assert sides["gear"] == {"belt": Side.SUBSTITUTE, "steel": Side.SUPPLIER, "arm": Side.CUSTOMER}
    assert sides["arm"] == {"gear": Side.SUPPLIER} and sides["belt"] == {"gear": Side.SUBSTITUTE}


def test_candidates_stand_once_under_their_nearest_tie_and_in_order() -> None:
    found = candidates(GEAR, beside(CHAIN)["gear"], ROWS, AKIN, {"E"})
    told = [(row["uscc"], row["tie"], sorted(row["beside"])) for row in found.iter_rows(named=True)]
    assert told == [
        ("D", Tie.NEAR, []),  # its scope nearly says so
        ("B", Tie.BESIDE, ["arm", "steel"]),  # on two links beside
        ("C", Tie.BESIDE, ["belt"]),  # of the same group, though smaller than A
        ("A", Tie.BESIDE, ["steel"]),
        ("F", Tie.BESIDE, ["steel"]),  # revenue unknown: last of its kind
        ("H", Tie.GROUP, []),
        ("G", Tie.GROUP, []),
    ]
    assert found.row(0, named=True)["thing"] == "齿轮修理"


def test_a_link_without_neighbours_classes_or_placings_has_none() -> None:
    lone = CHAIN.nodes[2]
    assert candidates(lone, (), ROWS.clear(), AKIN, ()).is_empty()


def test_firms_of_texts_that_the_register_lacks_come_from_outside() -> None:
    assert [firm.name for firm in strangers(GEAR, {"B", "E"})] == ["外地齿轮厂"]
