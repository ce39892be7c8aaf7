"""A chain as tables: the same chain comes back from CSV, xlsx and GraphML, and every fault is told at its cell."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiqun import packs
from jiqun.industry.chains import carrying
from jiqun.industry.chains.exchange import as_yaml, assembled, named, within
from jiqun.model.errors import InputRefused
from jiqun.packs.schema.chains import Chain

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


def _csv(chain: Chain, to: Path) -> Path:
    for name, content in carrying.csv_files(chain).items():
        (to / name).write_bytes(content)
    return to


def _xlsx(chain: Chain, to: Path) -> Path:
    (to / "chain.xlsx").write_bytes(carrying.workbook(chain, created=NOON))
    return to / "chain.xlsx"


def _graphml(chain: Chain, to: Path) -> Path:
    (to / "chain.graphml").write_bytes(carrying.graphml(chain))
    return to / "chain.graphml"


FORMATS = [_csv, _xlsx, _graphml]
Carry = Callable[[Chain, Path], Path]

_ODD = st.sampled_from(";；'=[]\",|@-")
_PRINTED = st.characters(exclude_categories=("Cc", "Cs", "Cn", "Co"), exclude_characters="\ufeff\ufffe\uffff")
_WORDS = st.text(_PRINTED | _ODD, min_size=1, max_size=12).filter(lambda text: text.strip() != "")
_DATED = {
    "source": st.none() | st.just("common"), "confidence": st.sampled_from(["high", "medium", "low"]),
    "note": st.just("") | _WORDS, "as_of": st.none() | st.dates(date(1990, 1, 1), date(2030, 1, 1)),
    "review_by": st.none() | st.dates(date(1990, 1, 1), date(2030, 1, 1)),
}  # fmt: skip
_SHARES = st.none() | st.decimals(0, 100, places=3, allow_nan=False)
_LISTS = st.lists(_WORDS, max_size=3)
_IDS = st.sampled_from(["a", "b", "c"])
_FIRM = st.fixed_dictionaries({"uscc": _WORDS, "name": st.just("") | _WORDS, **_DATED})
_WEAK = st.fixed_dictionaries({"items": _LISTS, **_DATED})


def _node(id_: str) -> st.SearchStrategy[dict[str, object]]:
    return st.fixed_dictionaries(
        {
            "id": st.just(id_), "kind": st.sampled_from(["link", "product"]), "segment": st.just("midstream"),
            "name": _WORDS, "products": _LISTS, "terms": _LISTS, "gb_codes": st.lists(st.just("0150"), max_size=2),
            "gb_confidence": st.none() | st.just("low"), "feeds_ids": st.lists(_IDS, max_size=3),
            "chokepoint": st.none() | _WEAK, "firms": st.lists(_FIRM, max_size=2), **_DATED,
        }
    )  # fmt: skip


_CHAINS = st.fixed_dictionaries(
    {
        "id": st.just("x"), "name": _WORDS, "description": st.just("") | _WORDS, "cluster_ids": _LISTS,
        "nodes": st.tuples(_node("a"), _node("b"), _node("c")),
        "edges": st.lists(st.fixed_dictionaries({
            "from_id": _IDS, "to_id": _IDS, "kind": st.sampled_from(["feeds", "substitutes"]),
            "cost_share_pct": _SHARES, "main_business_share_pct": _SHARES, **_DATED,
        }), max_size=3),
        "purchases": st.lists(st.fixed_dictionaries({
            "node_id": _IDS, "year": st.integers(1990, 2030), "origin": _WORDS, "is_outside": st.booleans(),
            "value_yuan": st.integers(0, 10**17), **_DATED,
        }), max_size=2),
        "sales": st.lists(st.fixed_dictionaries({
            "node_id": _IDS, "year": st.integers(1990, 2030), "value_yuan": st.integers(0, 10**17), **_DATED,
        }), max_size=2),
        "layout": st.lists(st.fixed_dictionaries({"area_id": _WORDS, "focus": _WORDS}), max_size=2),
        **_DATED,
    }
).map(Chain.model_validate)  # fmt: skip


@pytest.mark.parametrize("carry", FORMATS)
@given(chain=_CHAINS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_chain_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, carry: Carry, chain: Chain) -> None:
    at = carry(chain, tmp_path_factory.mktemp("out"))
    assert assembled(carrying.read_tables(at)) == chain


@given(chain=_CHAINS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_chain_file_reads_as_the_chain(chain: Chain) -> None:
    assert Chain.model_validate(yaml.safe_load(as_yaml(chain))) == chain


@pytest.mark.parametrize("carry", FORMATS)
def test_every_bundled_chain_comes_back_into_its_folder(tmp_path: Path, carry: Carry) -> None:
    city = packs.load("suzhou")
    assert len(city.chains) == 9
    for chain in city.chains.values():
        (at := tmp_path / chain.id).mkdir()
        tables = carrying.read_tables(carry(chain, at))
        assert assembled(tables) == chain
    assert within(chain, city, tables).chains == city.chains


def test_all_faults_are_told_at_once_where_they_are(tmp_path: Path) -> None:
    (tmp_path / "chain.csv").write_text("id,name\nx,某链\n", "utf-8")
    (tmp_path / "nodes.csv").write_text(
        "id,segment,name,colour\na,upstream,甲,红\na,middle,乙,\nb,downstream,,\n", "utf-8"
    )
    (tmp_path / "edges.csv").write_text(
        "from_id,to_id,cost_share_pct,is_plain\na,z,30,\na,b,三成,\nq,b,,是\na,b,,也许\n", "utf-8"
    )
    with pytest.raises(InputRefused) as refused:
        assembled(carrying.read_tables(tmp_path))
    told = {(f.place.file, f.place.line, f.place.cell, f.code) for f in refused.value.findings}
    assert told == {
        ("nodes.csv", 2, "D2", "packs.unknown_column"),
        ("nodes.csv", 3, "A3", "packs.duplicate_id"),
        ("nodes.csv", 3, "B3", "packs.wrong_type"),
        ("nodes.csv", 4, "", "packs.missing_key"),
        ("edges.csv", 2, "B2", "packs.dangling"),
        ("edges.csv", 3, "C3", "packs.wrong_type"),
        ("edges.csv", 4, "A4", "packs.dangling"),
        ("edges.csv", 5, "D5", "packs.wrong_type"),
    }
    assert all(f.remedy for f in refused.value.findings)


def test_what_the_folder_lacks_is_told_at_its_cell(tmp_path: Path) -> None:
    chain = Chain.model_validate(
        {"id": "new", "name": "某链", "nodes": [{"id": "n1", "segment": "upstream", "name": "甲", "source": "nowhere"}]}
    )
    tables = carrying.read_tables(_csv(chain, tmp_path))
    with pytest.raises(InputRefused) as refused:
        within(chain, packs.load("suzhou"), tables)
    errors = [f for f in refused.value.findings if f.code == "packs.dangling"]
    assert [(f.place.file, f.place.line) for f in errors] == [("nodes.csv", 2)]
    assert "nowhere" in errors[0].message


def test_graphml_of_others_is_read_and_entities_are_not() -> None:
    text = (
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><key id="d0" for="node" attr.name="name"/>'
        '<key id="d1" for="node" attr.name="segment"/><key id="d2" for="graph" attr.name="id"/>'
        '<key id="d3" for="edge" attr.name="cost_share_pct"/><key id="d4" for="graph" attr.name="name"/>'
        '<graph edgedefault="directed"><data key="d2">x</data><data key="d4">某链</data>'
        '<node id="a"><data key="d0">甲</data><data key="d1">upstream</data></node>'
        '<node id="b"><data key="d0">乙</data><data key="d1">downstream</data></node>'
        '<edge source="a" target="b"><data key="d3">12.5</data></edge></graph></graphml>'
    )
    chain = assembled(carrying.read_graphml(text.encode(), "x.graphml"))
    assert [node.id for node in chain.nodes] == ["a", "b"]
    assert (chain.edges[0].from_id, chain.edges[0].cost_share_pct) == ("a", Decimal("12.5"))
    with pytest.raises(InputRefused, match="文档类型"):
        carrying.read_graphml(b'<!DOCTYPE g [<!ENTITY e "x">]>' + text.encode(), "x.graphml")


def test_tables_in_the_words_of_an_office_are_read(tmp_path: Path) -> None:
    for name, text in {
        "产业链": "编号,名称\npv,光伏\n",
        "环节": "编号,名称,位置,类别,把握,短板,短板把握\na,硅料,上游,,低,高纯石英；多晶硅,中\nb,硅片,中游,产品,,,\n",
        "边": "起点,终点,关系,成本份额,来源\na,b,组成,30,common\nb,a,供给,,\n",
        "采购": "环节,年份,来源地,是否市外,金额（元）\na,2024,外省,是,100\n",
    }.items():
        (tmp_path / f"{name}.csv").write_bytes(text.encode("gb18030"))
    chain = assembled(carrying.read_tables(tmp_path))
    a, b = chain.nodes
    assert (chain.id, chain.name, a.segment, a.confidence, b.kind) == ("pv", "光伏", "upstream", "low", "product")
    assert a.chokepoint is not None
    assert (a.chokepoint.items, a.chokepoint.confidence) == (("高纯石英", "多晶硅"), "medium")
    assert [(e.kind, e.cost_share_pct, e.source) for e in chain.edges] == [
        ("part_of", 30, "common"),
        ("feeds", None, None),
    ]
    assert chain.purchases[0].is_outside


def test_a_graph_of_another_program_is_read_under_the_name_it_is_given() -> None:
    text = (
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><key id="d0" for="node" attr.name="Label"/>'
        '<key id="d1" for="node" attr.name="segment"/><key id="d2" for="node" attr.name="size"/>'
        '<graph edgedefault="directed"><node id="a"><data key="d0">硅料</data><data key="d1">上游</data></node>'
        '<node id="b"><data key="d0">硅片</data><data key="d1">中游</data></node>'
        '<edge source="a" target="b"/></graph></graphml>'
    )
    tables = carrying.read_graphml(text.encode(), "x.graphml")
    chain = assembled(named(tables, "pv", "光伏"))
    assert (chain.id, [node.name for node in chain.nodes], len(chain.edges)) == ("pv", ["硅料", "硅片"], 1)
    with pytest.raises(InputRefused) as refused:
        assembled(tables)
    assert [f.code for f in refused.value.findings] == ["chain.no_chain"]
    assert refused.value.findings[0].place.file == "x.graphml"


def test_a_list_of_edges_with_source_and_target_begins_at_its_source(tmp_path: Path) -> None:
    (tmp_path / "nodes.csv").write_text("Id,Label,位置\na,甲,上游\nb,乙,下游\n", "utf-8")
    (tmp_path / "edges.csv").write_text("Source,Target\na,b\n", "utf-8")
    chain = assembled(named(carrying.read_tables(tmp_path), "x", "某链"))
    assert [(edge.from_id, edge.to_id, edge.source) for edge in chain.edges] == [("a", "b", None)]


def test_a_column_nobody_knows_is_told_once_and_a_name_never_hides_another(tmp_path: Path) -> None:
    (tmp_path / "nodes.csv").write_text(
        "id,名称,name,segment,颜色\na,甲,乙,upstream,红\nb,丙,丁,upstream,蓝\n", "utf-8"
    )
    with pytest.raises(InputRefused) as refused:
        assembled(named(carrying.read_tables(tmp_path), "x", "某链"))
    assert [(f.code, f.place.cell) for f in refused.value.findings] == [
        ("packs.unknown_column", "B2"), ("packs.unknown_column", "E2"),
    ]  # fmt: skip


def test_an_id_that_would_lead_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "chain.csv").write_text("id,name\n../../out,某链\n", "utf-8")
    (tmp_path / "nodes.csv").write_text("id,segment,name\na,upstream,甲\n", "utf-8")
    with pytest.raises(InputRefused) as refused:
        assembled(carrying.read_tables(tmp_path))
    assert [(f.code, f.place.file, f.place.cell) for f in refused.value.findings] == [("packs.id", "chain.csv", "A2")]
