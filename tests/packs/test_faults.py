"""Every fault that can be planted in a folder is told, all at once, with its file and line."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from jiqun import packs
from jiqun.model.errors import InputRefused
from jiqun.model.findings import Severity
from jiqun.packs.faults import FAULTS

FOLDERS = Path(__file__).parent / "folders"


@dataclass(frozen=True)
class Planted:
    """In `file`, `old` becomes `new`; `check` must then say `expected`, each line and code counted by hand."""

    file: str
    old: str
    new: str
    expected: tuple[tuple[int, str], ...]

    def plant(self, root: Path) -> None:
        path = root / self.file
        content = path.read_text("utf-8")
        assert content.count(self.old) == 1, f"{self.old!r} stands {content.count(self.old)} times in {self.file}"
        path.write_text(content.replace(self.old, self.new), "utf-8", newline="")

    @property
    def findings(self) -> set[tuple[str, int, str]]:
        return {(self.file, line, code if "." in code else f"packs.{code}") for line, code in self.expected}


def one(file: str, old: str, new: str, line: int, code: str) -> Planted:
    return Planted(file, old, new, ((line, code),))


# Faults that can stand together in one folder without hiding one another.
TOGETHER = [
    one("town/city.yaml", "area_id: town", "area_id: twon", 4, "dangling"),
    one("town/city.yaml", "main_series: main", "main_series: mian", 5, "dangling"),
    one("town/city.yaml", "unit: 天", "unit: 90天", 8, "unit"),
    one("land/city.yaml", "valid_from: 2020-01-01", "valid_from: 2009-01-01", 7, "order"),
    one("land/registers/firms.yaml", "代号, group: who", "代号, group: whom", 5, "attribute_group"),
    one("land/registers/firms.yaml", "code, name: 代号", "staff, name: 代号", 7, "duplicate_id"),
    one("land/registers/firms.yaml", "kind: text", "kind: text, unit: 元", 5, "attribute"),
    one("town/areas.csv", "100001,town,", "100001,tonw,", 3, "dangling"),
    one("town/areas.csv", "true,,0,0", "true,,0,1", 5, "tile"),
    one("town/extents.csv", "town,120.0", "twon,120.0", 2, "dangling"),
    Planted(
        "town/areas.csv",
        "town_old,旧区",
        "town_zone,开发区,,functional_zone,,town_east,,true,,,,gazette,high,\ntown_old,旧区",
        ((6, "duplicate_id"), (6, "two_parents")),
    ),
    one("town/bodies.csv", "2001-01-01,2019-01-01", "2019-01-02,2019-01-01", 2, "dates"),
    one("town/bodies.csv", "industry|trade,", "industry|traed,", 2, "dangling"),
    one("town/bodies.csv", "town,2024-01-01,,,", "town,2024-01-01,2025-01-01,trade,", 4, "cycle"),
    one("town/sources.yaml", "2018-12-18", "2018-13-18", 2, "wrong_type"),
    one("town/lexicon.yaml", "synonyms:", "names_with_numbers: []\nsynonyms:", 3, "duplicate_key"),
    one("town/indicators.yaml", "polarity:", "polarty:", 5, "unknown_key"),
    one("land/indicators.yaml", "numerator_id: output_new, ", "", 16, "ratio"),
    one("town/clusters/2018.yaml", "expected_count: 3", "expected_count: 4", 7, "count"),
    one("town/clusters/2018.yaml", '"3911"', '"3919"', 10, "dangling"),
    one("town/clusters/2023.yaml", "effective_from: 2023-01-01", "effective_from: 2022-06-01", 5, "overlap"),
    one("town/clusters/2023.yaml", "type: merged", "type: split", 16, "event_shape"),
    one("town/clusters/2023.yaml", "[c23-it]", "[c18-chip]", 18, "event_edition"),
    one("town/chains/chip.yaml", "[make]", "[mkae]", 11, "dangling"),
    one("town/chains/chip.yaml", "to_id: make", "to_id: mkae", 18, "dangling"),
    one("town/data/published.csv", "12345.6", "12,345.6", 2, "cells"),
    one("town/data/published.csv", "2022,12000,", "2022,约12000,", 3, "number"),
    one("town/data/published.csv", "2022H1", "2022H3", 4, "period"),
    one("town/data/published.csv", "万元", "万台", 4, "unit_mismatch"),
    one("town/data/published.csv", "robots", "robot", 5, "dangling"),  # its note goes on over line 6
    one("town/data/published.csv", "at_least,true,gazette,high", "at_least,true,gazette,low", 7, "low_confidence"),
    one("town/documents/index.yaml", "documents:\n", "documents:\n  - {file: gone.txt, title: 无}\n", 2, "no_document"),
    one("town/examples/first.yaml", 'period: "2020"', 'period: "二〇二〇"', 5, "period"),
    Planted("land/tiers/good.yaml", "{cond: a}", "{cond: z}", ((8, "no_clause"), (10, "unused_clause"))),
    one("land/tiers/good.yaml", "2023-12-31", "2024-12-31", 18, "overlap"),
    one("land/tiers/good.yaml", "[3, 9.5]", "3", 21, "clause_value"),
    Planted("land/crosswalks/sei.csv", "target", "taget", ((1, "unknown_column"), (1, "missing_column"))),
    one("land/crosswalks/sei.csv", "1.1,3911,full", "1.1,3911,halb", 2, "no_match"),
    one("land/crosswalks/index.yaml", "group_column: target", "group_column: taget", 3, "crosswalk_column"),
    one("land/industries.csv", "计算机整机制造,391,", "计算机整机制造,39,", 5, "industry_level"),
    one("town/city.yaml", "chain_few_firms", "chain_fwe_firms", 6, "chain_settings"),
]

# Faults that leave nothing of a file to read, or hide others.
ALONE = [
    one("town/lexicon.yaml", "area_words: {", "area_words: {\t[", 1, "syntax"),
    one("town/city.yaml", "name: 某市", "name: &n 某市\nname_en: *n", 3, "alias"),
    one("town/city.yaml", "name: 某市", "name: !!python/name:os.system 某市", 2, "alias"),
    one("town/city.yaml", "extends: land", "extends: lnad", 3, "extends"),
    one("town/city.yaml", "id: town\nname", "id: 某市\nname", 1, "id"),
    one("town/city.yaml", "name: 某市\n", "", 1, "missing_key"),
    one("town/bodies.csv", "confidence,note", "confidence,notes", 1, "unknown_column"),
    Planted("town/bodies.csv", "id,name,", "id,nane,", ((1, "unknown_column"), (1, "missing_column"))),
    one("town/bodies.csv", "short_name,aliases", "short_name,short_name", 1, "duplicate_column"),
    one("town/bodies.csv", "|west_gov,gazette", '|west_gov,"gazette', 8, "syntax"),
    one("town/city.yaml", "unit: 天", "units: 天", 8, "unknown_key"),
    one("town/areas.csv", "town_old,旧区", "town_old,西区", 6, "same_name"),
    Planted("town/areas.csv", "false,town_zone,", "false,town_old,", ((6, "itself"), (6, "same_name"))),
    one("town/areas.csv", "true,,0,0", "true,,0,", 4, "half_tile"),
    one("town/areas.csv", ",,false,,,,gazette", ",,不,,,,gazette", 2, "wrong_type"),
    one("town/areas.csv", "100000,land,", "100000,town_old,", 2, "cycle"),
    one("town/bodies.csv", "2019-01-01,2024-01-01,trade2", "2019-01-01,,trade2", 4, "no_end"),
    one("town/bodies.csv", "town,2024-01-01,,,", "town,2024-02-01,,,", 4, "gap"),
    one("town/indicators.yaml", "indicators:\n", "indicators:\n"
        "  - {id: output, name: 某产值, unit: 元, aggregation: {kind: sum}, time_kind: flow}\n", 2, "redefined"),
    one("town/indicators.yaml", "cluster: 机器人", "cluster: 机器", 9, "dangling"),
    one("land/indicators.yaml", "scale: 100", "scale: 1", 16, "ratio_scale"),
    one("land/indicators.yaml", "unit: 家\n    aggregation: {kind: sum}",
        "unit: 家\n    aggregation: {kind: not_additive, numerator_id: output}", 22, "not_ratio"),
    one("town/clusters/2023.yaml", "previous_id: c2018\n", "", 11, "event_without_previous"),
    one("town/clusters/2023.yaml", "[c18-chip, c18-screen]", "[c18-chip, c18-chip]", 12, "event_missing"),
    one("town/clusters/2018.yaml", "effective_to: 2022-12-31", "effective_to: 2018-12-17", 6, "dates"),
    one("town/clusters/2023.yaml", "expected_count: 2", "expected_groups: {重点: 2}", 7, "groups"),
    Planted("town/clusters/2018.yaml", "expected_count: 3", "expected_count: 4\nexpected_groups: {'': 3}",
        ((7, "count"), (8, "groups_sum"))),
    one("town/clusters/2023.yaml", "    date:", "    portions: [{before_id: c18-robot, after_id: c23-it, share: 1/2}]\n"
        "    date:", 19, "portion"),
    one("town/clusters/2023.yaml", "    date:", "    portions: [{before_id: c18-chip, after_id: c23-it, share: 50%}]\n"
        "    date:", 12, "portions_short"),
    one("town/clusters/2023.yaml", "    date:", "    portions: [{before_id: c18-chip, after_id: c23-it, share: 1/5, of:"
        " after}, {before_id: c18-chip, after_id: c23-it, share: 1/4, of: after}]\n    date:", 19, "portion_twice"),
    one("town/clusters/2023.yaml", "    date:", "    portions: [{before_id: c18-chip, after_id: c23-it, share: 0.7, of:"
        " after}, {before_id: c18-screen, after_id: c23-it, share: 0.7, of: after}]\n    date:", 12, "portions"),
    one("town/clusters/2023.yaml", "    date:", "    portions: [{before_id: c18-chip, after_id: c23-it, share: 7/5}]\n"
        "    date:", 19, "wrong_type"),
    one("town/extents.csv", "town_east,120.5", "town_east,121.5", 3, "extent"),
    one("town/extents.csv", "town_east,120.5", "town,120.5", 3, "extent_twice"),
    one("town/neighbours.csv", "town_east,town_west", "town_east,town_wset", 2, "dangling"),
    one("town/neighbours.csv", "town_west,town_old", "town_zone,town_old", 3, "neighbour_self"),
    one("town/neighbours.csv", "town_west,town_old", "town_west,town_east", 3, "neighbour_twice"),
    one("town/members/first.csv", "3911,,", "9999,,", 2, "member_value"),
    one("town/members/first.csv", "91320500MA0000001X", "9132050OMA0000001X", 5, "member_value"),
    one("town/members/first.csv", "1,2023-01-01,,", ",2023-01-01,,", 5, "missing_key"),
    one("town/members/first.csv", "2025-01-01,gazette", "2025-01-02,gazette", 4, "member_twice"),
    one("town/data/published.csv", "preliminary,false", "preliminary,true", 3, "two_preferred"),
    one("town/data/published.csv", "preliminary,false", "exact,false", 3, "duplicate_figure"),
    one("town/documents/index.yaml", "title: 某市计划（重述）, ", "", 2, "missing_key"),
    Planted("town/chains/chip.yaml", "- id: make", "- id: design", ((11, "dangling"), (13, "duplicate_id"),
            (18, "dangling"))),
    one("town/chains/chip.yaml", "[make]", "[design]", 11, "itself"),
    one("land/tiers/good.yaml", "{cond: b}", "{cond: b, any: [{cond: c}]}", 19, "node"),
    one("land/tiers/good.yaml", "gb_prefixes: [C]", "when: revenue <", 10, "rule.syntax"),
    one("land/tiers/good.yaml", "gb_prefixes: [C]", "when: title > 5", 10, "rule.type"),
    one("land/tiers/good.yaml", "gb_prefixes: [C]", "when: sales > 5万元", 10, "rule.unknown_name"),
    one("land/tiers/good.yaml", "{points: 0}", "{points: 0, when: rd_share < 5万元}", 16, "rule.unit"),
    one("land/tiers/good.yaml", "part: growth, metric", "part: grwth, metric", 16, "part"),
    one("land/subsidies/help.yaml", "amount: 20", "amount: 20, rate_pct: 1", 11, "payment"),
    one("land/subsidies/help.yaml", "amount: 20", "amount: 20, of: output_yuan", 11, "payment"),
    one("land/subsidies/help.yaml", "rate_pct: 1, ", "", 12, "payment"),
    one("land/subsidies/help.yaml", "of: output_yuan", "of: output_yuna", 12, "no_column"),
    one("land/subsidies/help.yaml", "of: output_yuan", "of: staff", 12, "unit_mismatch"),
    one("land/subsidies/help.yaml", "cap: 30", "cap: 30.00005", 12, "whole_yuan"),
    one("land/subsidies/help.yaml", "cap: 30", "cap: 30, unit: 万人", 12, "unit_mismatch"),
    one("land/subsidies/help.yaml", "tier_id: good", "tier_id: goods", 11, "dangling"),
    one("land/subsidies/help.yaml", "id: p2", "id: p1", 12, "duplicate_id"),
    one("land/subsidies/help.yaml", "500}", "500}\n  - {year: 2024, amount: 600}", 10, "budget_twice"),
    one("land/subsidies/help.yaml", "effective_to: 2026-12-31", "effective_to: 2023-12-31", 5, "dates"),
    one("land/subsidies/help.yaml", "source: law\n", "", 1, "subsidy_source"),
    one("land/subsidies/help.yaml", "source: law", "source: law\nis_invented: true", 6, "subsidy_source"),
    one("land/tiers/good.yaml", "gb_prefixes: [C]", "over: {how: total, years: 3}", 10, "years"),
    one("land/tiers/good.yaml", "level: national", "level: national\ncounted: {net_id: output, entered_id: output}", 4,
        "counted_twice"),
    one("land/tiers/good.yaml", "level: national", "level: national\ncounted: {stock_id: output}", 4, "counted_kind"),
    one("land/tiers/good.yaml", "level: national", "level: national\ncounted: {stock_id: outputs}", 4, "dangling"),
    one("land/tiers/good.yaml", "gb_prefixes: [C]", "over: {how: each, years: 2, since: founded_on}", 10, "since"),
    one("land/tiers/good.yaml", "gb_prefixes: [C]", "over: {how: total, years: 2, since: name}", 10, "no_column"),
    one("land/tiers/good.yaml", "gb_prefixes: [C]", "over: {how: sum, years: 2}", 10, "wrong_type"),
    one("land/metrics.yaml", "formula: output_yuan", "formula: output_yuan > 5元", 2, "formula_sort"),
    one("land/metrics.yaml", "formula: output_yuan", "formula: output_yaun", 2, "rule.unknown_name"),
    one("land/metrics.yaml", "formula: output_yuan", "since: output_yuan", 2, "no_column"),
    one("land/crosswalks/sei.csv", "3911", "9999", 2, "dangling"),
    one("land/industries.csv", "391,3,", "391,9,", 4, "wrong_type"),
    one("town/forms/monthly.yaml", "approval_number: 某统〔2023〕1号\n", "", 1, "form_head"),
    one("town/forms/monthly.yaml", "valid_until: 2099", "valid_until: 2019", 7, "form_lapsed"),
    one("town/forms/monthly.yaml", "valid_until: 2099", "valid_from: 2100-01-01\nvalid_until: 2099", 8, "dates"),
    one("town/forms/monthly.yaml", "issuer_id: industry", "issuer_id: industri", 4, "dangling"),
    one("town/forms/monthly.yaml", "due: 8", "due: 18", 14, "form_times"),
    one("town/forms/monthly.yaml", "without: [1]", "without: [13]", 14, "form_without"),
    one("town/forms/monthly.yaml", "kind: firms, register_id: firms", "kind: areas, register_id: firms", 10,
        "form_respondents"),
    one("town/forms/monthly.yaml", "place_column: place", "place_column: place, intake: delivered", 10, "form_intake"),
    one("town/forms/monthly.yaml", "place_column: place", "place_column: staff", 10, "no_column"),
    one("town/forms/monthly.yaml", "staff > 20人", "staff > 20元", 10, "rule.unit"),
    one("town/forms/monthly.yaml", "staff > 20人", "staff", 10, "formula_sort"),
    one("town/forms/monthly.yaml", "[district, functional_zone]", "[park]", 12, "form_level"),
    one("town/forms/monthly.yaml", "id: city", "id: district", 13, "duplicate_id"),
    one("town/forms/monthly.yaml", "id: why", "id: last", 22, "form_word"),
    one("town/forms/monthly.yaml", 'code: "02"', 'code: "01"', 20, "duplicate_id"),
    Planted("town/forms/monthly.yaml", "unit: 万元, digits: 1}", "unit: 万人, digits: 1}",
            ((19, "unit_mismatch"), (24, "rule.unit"))),
    one("town/forms/monthly.yaml", "series: main", "series: mian", 20, "form_field"),
    one("town/forms/monthly.yaml", "digits: 2,", "digits: 2, share_of_series: sie,", 21, "form_field"),
    one("town/forms/monthly.yaml", "digits: 2,", "digits: 2, share_of_series: sei,", 21, "form_field"),
    one("town/forms/yearly.yaml", "firms}", "firms, share_of_series: sei}", 18, "form_field"),
    one("town/forms/monthly.yaml", "digits: 2,", "digits: 2, columns: [same_period],", 21, "form_column"),
    one("town/forms/monthly.yaml", "denominator: output, ", "", 21, "form_roll_up"),
    one("town/forms/monthly.yaml", "numerator: fresh", "numerator: why", 21, "form_part"),
    one("town/forms/monthly.yaml", "fresh__items <= fresh", "output__items <= fresh", 25, "form_name"),
    one("town/forms/monthly.yaml", "rule: output <=", "rule: outptu <=", 26, "form_name"),
    one("town/forms/monthly.yaml", "output <= 3 * last__output", "output - last__output", 26, "formula_sort"),
    one("town/forms/monthly.yaml", "fresh <= output,", "fresh <=,", 24, "rule.syntax"),
    one("town/forms/monthly.yaml", "level: hard, message: 分集群", "items_of: output, level: hard, message: 分集群", 25,
        "form_items"),
    one("town/forms/monthly.yaml", "foot:", "published: {levels: [town]}\nfoot:", 27, "form_published"),
    one("town/forms/yearly.yaml", "area_levels: [district]}", "area_levels: [corridor]}", 11, "form_level"),
]  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copytree(FOLDERS, tmp_path / "folders")
    return tmp_path / "folders"


def found(directory: Path) -> set[tuple[str, int, str]]:
    return {
        (finding.place.file, finding.place.line, finding.code) for finding in packs.check(directory, date(2024, 7, 1))
    }


def test_a_clean_folder_has_no_findings() -> None:
    assert packs.check(FOLDERS / "town") == []
    assert packs.check(FOLDERS / "land") == []


@pytest.mark.parametrize("planted", [*TOGETHER, *ALONE], ids=lambda p: f"{p.file}-{p.expected[0][1]}-{p.new[:12]}")
def test_a_planted_fault_is_told_with_its_line_and_nothing_else(root: Path, planted: Planted) -> None:
    planted.plant(root)
    assert found(root / planted.file.split("/")[0]) | found(root / "town") == planted.findings


def test_thirty_faults_are_told_at_once(root: Path) -> None:
    for planted in TOGETHER:
        planted.plant(root)
    expected = {finding for planted in TOGETHER for finding in planted.findings}
    assert len(expected) > 30
    assert found(root / "town") | found(root / "land") == expected


def test_load_refuses_with_every_finding(root: Path) -> None:
    for planted in TOGETHER[:4]:
        planted.plant(root)
    with pytest.raises(InputRefused) as refused:
        packs.load(root / "town")
    assert len(refused.value.findings) == 4
    assert str(refused.value).startswith("land/city.yaml:7：")


def test_warnings_do_not_refuse(root: Path) -> None:
    one("town/data/published.csv", "at_least,true,gazette,high", "at_least,true,gazette,low", 7, "").plant(root)
    assert [finding.severity for finding in packs.check(root / "town")] == [Severity.WARNING]
    assert packs.load(root / "town").id == "town"


def test_a_file_of_another_encoding_is_told_with_the_line_where_it_shows(root: Path) -> None:
    path = root / "town" / "sources.yaml"
    path.write_bytes("# plain\nsources:\n  - {id: gazette, title: 某市公报}\n".encode("gb18030"))
    assert ("town/sources.yaml", 3, "packs.encoding") in found(root / "town")


def test_a_missing_table_is_told(root: Path) -> None:
    (root / "town" / "areas.csv").unlink()
    assert ("town/areas.csv", 0, "packs.missing_file") in found(root / "town")


def test_figures_of_clusters_stand_beside_those_of_the_whole(root: Path) -> None:
    row = "output,town,{},2022,500,亿元,exact,true,gazette,high\n"
    head = "indicator_id,area_id,cluster_id,period,value,unit,value_kind,is_preferred,source_id,confidence\n"
    file = root / "town" / "data" / "clusters.csv"
    file.write_text(head + row.format("c18-chip") + row.format("c18-screen"), "utf-8")
    assert found(root / "town") == set()
    file.write_text(head + row.format("c18-chip") * 2 + row.format("c18-nowhere"), "utf-8")
    assert found(root / "town") == {
        ("town/data/clusters.csv", 3, "packs.duplicate_figure"),
        ("town/data/clusters.csv", 4, "packs.dangling"),
    }


def test_files_nobody_reads_are_told(root: Path) -> None:
    (root / "town" / "indicator.yaml").write_text("indicators: []\n")
    (root / "town" / "documents" / "stray.txt").write_text("x")
    (root / "town" / "notes" / "deep").mkdir(parents=True)
    (root / "town" / "areas.csv~").write_text("an editor's copy")
    assert found(root / "town") == {
        ("town/indicator.yaml", 0, "packs.unknown_file"),
        ("town/notes", 0, "packs.unknown_file"),
        ("town/documents/stray.txt", 0, "packs.unlisted_document"),
    }


def test_every_finding_says_what_is_wrong_and_what_to_do_in_chinese(root: Path) -> None:
    for planted in TOGETHER:
        planted.plant(root)
    for finding in packs.check(root / "town"):
        assert any("一" <= character <= "鿿" for character in finding.message), finding
        assert finding.remedy, finding
        assert "{" not in str(finding), finding


def test_a_misspelt_id_is_answered_with_the_nearest(root: Path) -> None:
    one("town/data/published.csv", "robots", "robot", 5, "").plant(root)
    (finding,) = packs.check(root / "town")
    assert "是不是“robots”" in finding.message


def test_folders_that_extend_each_other_are_told(root: Path) -> None:
    one("land/city.yaml", "area_id: land", "area_id: land\nextends: town", 4, "").plant(root)
    assert found(root / "town") == {("land/city.yaml", 4, "packs.extends_cycle")}


def test_a_parent_must_bear_the_name_of_its_folder(root: Path) -> None:
    one("land/city.yaml", "id: land\nname", "id: lend\nname", 1, "").plant(root)
    assert found(root / "town") == {("town/city.yaml", 3, "packs.extends_id")}


def test_an_empty_table_lacks_its_header(root: Path) -> None:
    (root / "town" / "data" / "published.csv").write_text("\n")
    assert found(root / "town") == {("town/data/published.csv", 1, "packs.no_header")}


def test_two_editions_after_the_same_one_are_told(root: Path) -> None:
    later = (
        (root / "town" / "clusters" / "2023.yaml").read_text("utf-8").replace("c23-", "c24-").replace("2023", "2024")
    )
    (root / "town" / "clusters" / "2024.yaml").write_text(later, "utf-8")
    assert found(root / "town") == {("town/clusters/2024.yaml", 6, "packs.fork")}


def _again(root: Path, field: str) -> set[tuple[str, int, str]]:
    """What is told of a second form that asks the same firms for `field` in its line 19."""
    first = (root / "town" / "forms" / "monthly.yaml").read_text("utf-8").splitlines()
    head = [line.replace("id: monthly", "id: second") for line in first[:18]]
    (root / "town" / "forms" / "second.yaml").write_text("\n".join([*head, field, ""]), "utf-8")
    return found(root / "town")


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("{id: all, code: '1', indicator_id: output}", "asked_twice"),
        ("{id: all, code: '1', indicator_id: output, name: 全部产值}", "asked_under_two_names"),
        ("{id: all, code: '1', name: 产　值（总计）, unit: 万元}", None),
        ("{id: all, code: '1', name: 产　值, unit: 万元}", "asked_under_two_names"),  # an alias of 总产值
        ("{id: all, code: '1', name: 总产值, unit: 万元}", "asked_twice"),
        ("{id: fresh, code: '1', indicator_id: output_new}", None),  # whole, where the other asks for its parts
        ("{id: hands, code: '1', name: 人手, unit: 人}", None),
    ],
)
def test_what_another_form_asks_the_same_firms_is_told(root: Path, field: str, code: str | None) -> None:
    expected = {("town/forms/second.yaml", 19, f"packs.{code}")} if code else set()
    assert _again(root, f"  - {field}") == expected


def test_every_fault_there_is_has_been_planted() -> None:
    files = ("test_faults.py", "test_city.py", "test_layouts.py", "test_dockets.py", "test_invented_returns.py",
             "test_invention.py")  # fmt: skip
    here = "".join(Path(__file__).with_name(name).read_text("utf-8") for name in files)
    assert [code for code in FAULTS if f'"{code}"' not in here and f"packs.{code}" not in here] == []
