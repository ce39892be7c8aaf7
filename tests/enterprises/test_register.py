"""Snapshots stand side by side, whole or not at all; any day can be asked; nothing says less than it was told."""

from __future__ import annotations

import datetime
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from jiqun import packs
from jiqun.enterprises import columns, importing, membership, register, snapshots, verdicts
from jiqun.enterprises.snapshots import Contents, Origin
from jiqun.model.errors import Conflict, EnvironmentFailed, InputRefused, NotFound, UsageError
from jiqun.model.purposes import Purpose
from tests.enterprises.conftest import MORNING, about, code, firms

DAY = datetime.date.fromisoformat
USE = Purpose.ADMINISTRATIVE


def names_on(kept, city, day=None, known_on=None):
    read = register.read(kept, city, purpose=USE, day=day, known_on=known_on)
    return read.rows.select("name").collect().to_series().to_list()


def test_a_firm_comes_back_as_it_went_in_and_the_rest_is_unknown(kept, append, city):
    append(
        "2025-01-31",
        firms(
            uscc=[code(1), code(2)],
            name=["甲公司", "乙公司"],
            revenue_yuan=[1234567.89, None],
            revenue_yuan_prev1=[0.0, 5.5],
            employees=[7, None],
            founded_on=[DAY("2019-02-28"), None],
            has_core_ip=[False, None],
            titles=[["tech_sme", "hnte"], []],
        ),
    )
    read = register.read(kept, city, purpose=USE)
    rows = read.rows.collect()
    assert rows.select("revenue_yuan", "revenue_yuan_prev1", "employees", "founded_on", "has_core_ip").rows() == [
        (1234567.89, 0.0, 7, DAY("2019-02-28"), False),
        (None, 5.5, None, None, None),
    ]
    assert rows["titles"].to_list() == [["tech_sme", "hnte"], []]
    assert rows["net_profit_yuan"].null_count() == 2
    assert dict(rows.schema) == register.stored_types(city)
    assert (read.day, read.figures_year) == (DAY("2025-01-31"), 2024)


def test_what_a_folder_does_not_declare_is_unknown_of_every_firm(tmp_path):
    folder = Path(__file__).parents[1] / "records" / "folder" / "pingchuan"
    bare = packs.load(folder)
    assert "former_names" not in columns.columns(bare)
    book = register.create(tmp_path, "firms", "名册", Purpose.SERVICE)
    register.append(
        book, about("2025-01-31"), Contents([firms(uscc=[code(1)], name=["甲公司"])]), city=bare, recorded_at=MORNING
    )
    read = register.read(book, bare, purpose=Purpose.SERVICE)
    listed = verdicts.listed(read).collect()
    assert listed.select("name", "former_names", "employees", "titles").rows() == [("甲公司", None, None, None)]
    assert listed[verdicts.SEARCHED].to_list() == ["甲公司"]
    ended = membership.departures([(DAY("2025-01-31"), read.rows.collect())])
    assert ended.is_empty()


def test_any_day_finds_the_snapshot_that_held_then(kept, append, city):
    append("2024-01-31", firms(uscc=[code(1)], name=["旧名"]))
    append("2025-01-31", firms(uscc=[code(1)], name=["新名"]))
    assert names_on(kept, city) == ["新名"]
    assert names_on(kept, city, DAY("2025-01-31")) == ["新名"]
    assert names_on(kept, city, DAY("2025-01-30")) == ["旧名"]
    with pytest.raises(NotFound, match="2024-01-31"):
        names_on(kept, city, DAY("2024-01-30"))


def test_a_correction_needs_a_reason_and_what_was_known_before_stays(kept, append, city):
    append("2025-01-31", firms(uscc=[code(1)], name=["误名"]))
    with pytest.raises(Conflict, match="理由"):
        append("2025-01-31", firms(uscc=[code(1)], name=["正名"]))
    append("2025-01-31", firms(uscc=[code(1)], name=["正名"]), reason="名称录错", known_on=DAY("2025-03-01"))
    assert names_on(kept, city) == ["正名"]
    assert names_on(kept, city, known_on=DAY("2025-02-15")) == ["误名"]
    assert [(m.edition, m.directory) for m in kept.snapshots()] == [(1, "2025-01-31"), (2, "2025-01-31.2")]


def test_a_withdrawn_snapshot_holds_on_no_day_and_the_day_can_be_told_anew(kept, append, city):
    append("2024-01-31", firms(uscc=[code(1)], name=["旧名"]))
    append("2025-01-31", firms(uscc=[code(1)], name=["误名"]))
    append("2025-01-31", firms(uscc=[code(1)], name=["再误"]), reason="更正", known_on=DAY("2025-03-01"))
    register.withdraw(kept, DAY("2025-01-31"), "别市的名册", city=city, recorded_at=MORNING)
    assert names_on(kept, city) == ["旧名"]
    assert names_on(kept, city, known_on=DAY("2025-02-15")) == ["旧名"], "nor is the edition before it told of"
    assert [m.about.day.year for m, _ in register.history(kept, city, code(1), purpose=USE)] == [2024]
    assert [m.directory for m in kept.snapshots()] == ["2024-01-31"]
    assert [(m.edition, m.about.is_withdrawn) for m in kept.editions()[1:]] == [(1, False), (2, False), (3, True)]
    with pytest.raises(NotFound, match="2025-01-31"):
        register.withdraw(kept, DAY("2025-01-31"), "再撤", city=city, recorded_at=MORNING)
    with pytest.raises(Conflict, match="理由"):
        append("2025-01-31", firms(uscc=[code(1)], name=["新名"]))
    append("2025-01-31", firms(uscc=[code(1)], name=["新名"]), reason="重新导入")
    assert names_on(kept, city) == ["新名"]
    assert [m.edition for m in kept.snapshots()] == [1, 4]


def test_the_history_of_a_firm_is_its_row_in_each_snapshot_that_holds(kept, append, city):
    append("2023-01-31", firms(uscc=[code(2)], name=["乙"]))
    append("2024-01-31", firms(uscc=[code(1), code(2)], name=["误名", "乙"]))
    append("2024-01-31", firms(uscc=[code(1), code(2)], name=["旧名", "乙"]), reason="更正")
    append("2025-01-31", firms(uscc=[code(1)], name=["新名"]))
    told = register.history(kept, city, code(1), purpose=USE)
    assert [(manifest.about.day.year, row["name"]) for manifest, row in told] == [(2024, "旧名"), (2025, "新名")]
    assert register.history(kept, city, code(9), purpose=USE) == []


def test_an_imported_table_becomes_a_snapshot_with_its_damaged_rows_beside(kept, city, tmp_path):
    table = tmp_path / "firms.csv"
    table.write_text(f"统一社会信用代码,企业名称,从业人员\n{code(1)},甲,3\n{code(2)},乙,许多\n坏代码,丙,5\n", "utf-8")
    imported = importing.read(table, city, figures_year=2024, workdir=tmp_path)
    contents = Contents([imported.firms], damaged=imported.damaged)
    manifest = register.append(kept, about("2025-01-31"), contents, city=city, recorded_at=MORNING)
    rows = register.read(kept, city, purpose=USE).rows.select("name", "employees").collect().rows()
    assert rows == [("甲", 3), ("乙", None)]
    assert (manifest.rows, manifest.damaged_rows) == (2, 2)
    damaged = snapshots.side_table(kept.folder / manifest.directory, manifest, "damaged")
    assert [(row["line"], row["is_in"], row["text"][:3]) for row in damaged.to_dicts()] == [
        (3, True, [code(2), "乙", "许多"]),
        (4, False, ["坏代码", "丙", "5"]),
    ]
    assert snapshots.verify(kept.folder / manifest.directory) == []


def test_a_half_written_snapshot_is_not_there(kept, append, city):
    append("2024-01-31", firms(uscc=[code(1)], name=["旧名"]))

    def torn():
        yield firms(uscc=[code(1)], name=["新名"])
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        register.append(kept, about("2025-01-31"), Contents(torn()), city=city, recorded_at=MORNING)
    assert names_on(kept, city) == ["旧名"]
    assert sorted(path.name for path in kept.folder.iterdir()) == ["2024-01-31", "register.json"]


def test_what_a_killed_writer_left_behind_is_not_read(kept, append, city):
    append("2024-01-31", firms(uscc=[code(1)], name=["旧名"]))
    left = kept.folder / ".half-killed"
    left.mkdir()
    firms(uscc=[code(1)], name=["半名"]).sink_parquet(left / "part-00000.parquet")
    assert names_on(kept, city) == ["旧名"]
    assert len(kept.snapshots()) == 1


def test_a_firm_stands_once_in_a_snapshot(append):
    with pytest.raises(UsageError, match=code(1)):
        append("2025-01-31", firms(uscc=[code(1), code(2), code(1)], name=["甲", "乙", "丙"]))
    with pytest.raises(UsageError, match="1 行没有"):
        append("2025-01-31", firms(uscc=[code(1), None], name=["甲", "乙"]))


def test_columns_nobody_declared_and_wrong_types_are_refused_together(append):
    with pytest.raises(InputRefused) as refused:
        append("2025-01-31", firms(uscc=[code(1)], turnover=[1.0], employees=[2.5], revenue_yuan=["3"]))
    said = " ".join(finding.message for finding in refused.value.findings)
    assert all(name in said for name in ("turnover", "employees", "revenue_yuan"))


def test_a_snapshot_written_before_a_column_was_declared_is_still_read(kept, append, city):
    manifest = append("2025-01-31", firms(uscc=[code(1)], name=["甲"]))
    part = kept.folder / manifest.directory / "part-00000.parquet"
    pl.read_parquet(part).drop("energy_tce").write_parquet(part)
    assert register.read(kept, city, purpose=USE).rows.select("energy_tce").collect().to_series().to_list() == [None]


def test_damage_is_told_file_by_file(kept, append):
    directory = kept.folder / append("2025-01-31", firms(uscc=[code(1)], name=["甲"])).directory
    assert snapshots.verify(directory) == []
    (directory / "part-00000.parquet").write_bytes(b"PAR1")
    (directory / "part-00009.parquet").write_bytes(b"PAR1")
    assert [finding.place.file for finding in snapshots.verify(directory)] == [
        "2025-01-31/part-00000.parquet",
        "2025-01-31/part-00009.parquet",
    ]
    (directory / "manifest.json").write_text("{")
    with pytest.raises(EnvironmentFailed, match="已损坏"):
        kept.snapshots()


def test_the_manifest_says_where_each_value_comes_from(kept, city):
    registry = Origin("市场监管登记", DAY("2025-01-31"), Purpose.ADMINISTRATIVE, "ab")
    tax = Origin("高企认定申报书", DAY("2025-02-10"), Purpose.ADMINISTRATIVE, "cd")
    frame = firms(uscc=[code(1), code(2)], name=["甲", "乙"], revenue_yuan=[1.0, 2.0]).with_columns(
        origin__identity=pl.lit(0, pl.UInt16), origin__accounts=pl.Series([0, None], dtype=pl.UInt16)
    )
    exceptions = pl.DataFrame(
        {"uscc": [code(1)], "column": ["revenue_yuan_prev1"], "origin": [1]}, schema_overrides={"origin": pl.UInt16}
    )
    contents = Contents([frame], exceptions)
    manifest = register.append(
        kept, about("2025-01-31", origins=(registry, tax)), contents, city=city, recorded_at=MORNING
    )
    known = columns.columns(city)

    def origin(number, column):
        return register.origin_of(kept, manifest, code(number), known[column])

    assert origin(1, "name") == registry
    assert origin(1, "revenue_yuan") == registry
    assert origin(1, "revenue_yuan_prev1") == tax
    assert origin(2, "revenue_yuan") is None
    assert origin(3, "name") is None
    assert snapshots.read_manifest(kept.folder / manifest.directory) == manifest


def test_one_origin_is_that_of_every_group(kept, append, city):
    manifest = append("2025-01-31", firms(uscc=[code(1)], name=["甲"]))
    known = columns.columns(city)
    assert register.origin_of(kept, manifest, code(1), known["employees"]) == manifest.about.origins[0]


def test_the_digest_changes_with_any_value(kept, append):
    first = append("2025-01-31", firms(uscc=[code(1)], name=["甲"], employees=[1]))
    second = append("2025-01-31", firms(uscc=[code(1)], name=["甲"], employees=[2]), reason="更正")
    again = append("2025-01-31", firms(uscc=[code(1)], name=["甲"], employees=[1]), reason="改回")
    assert len({first.digest, second.digest, again.digest}) == 3
    assert first.files == again.files != second.files


def test_a_register_is_created_once_under_a_plain_name(kept, tmp_path):
    with pytest.raises(Conflict):
        register.create(tmp_path / "registers", "city", "又一个", USE)
    with pytest.raises(UsageError):
        register.create(tmp_path / "registers", "../city", "越界", USE)
    assert register.open(tmp_path / "registers", "city") == kept
    with pytest.raises(NotFound, match="city"):
        register.open(tmp_path / "registers", "town")


def test_parts_are_one_table_in_their_order(kept, city):
    frames = [firms(uscc=[code(n)], name=[f"企业{n}"]) for n in range(5)]
    register.append(kept, about("2025-01-31"), Contents(frames), city=city, recorded_at=MORNING)
    rows = register.read(kept, city, purpose=USE).rows.select("uscc", "name").collect()
    assert_frame_equal(rows, pl.concat([frame.collect() for frame in frames]))
