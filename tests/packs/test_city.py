"""What a loaded city answers."""

from __future__ import annotations

import hashlib
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from jiqun import packs
from jiqun.model.errors import InputRefused, NotFound, UsageError

FOLDERS = Path(__file__).parent / "folders"


@pytest.fixture(scope="module")
def town() -> packs.City:
    return packs.load(FOLDERS / "town")


def ids(things: object) -> list[str]:
    return [thing.id for thing in things]


def test_a_city_holds_what_it_extends(town: packs.City) -> None:
    assert (town.id, town.name, town.area_id, town.folder_ids) == ("town", "某市", "town", ("town", "land"))
    assert list(town.areas) == ["land", "town", "town_east", "town_west", "town_zone", "town_old"]
    assert list(town.indicators) == ["output", "output_new", "share_new", "firms", "robots"]
    assert list(town.tiers) == ["best", "good"]
    assert town.industries["3911"].sei == "partial"
    assert len(town.figures) == 5


def test_printed_numbers_and_codes_stay_as_written(town: packs.City) -> None:
    assert [figure.value for figure in town.figures] == ["12345.6", "12000", "3000000", "1.2", "300"]
    assert town.catalogues[0].edition == "2018"
    assert town.figures[3].note == "约数，\n见第二页"


@pytest.mark.parametrize(
    ("day", "value"), [(date(2010, 1, 1), 5), (date(2019, 12, 31), 5), (date(2020, 1, 1), 4), (date(2026, 1, 1), 4)]
)
def test_a_setting_is_the_one_that_held_on_the_day(town: packs.City, day: date, value: int) -> None:
    assert town.setting("about_tolerance_pct", day) == Decimal(value)


def test_a_setting_without_value_on_the_day_is_said_to_be_missing(town: packs.City) -> None:
    with pytest.raises(NotFound, match="2009-12-31 有效的设置“about_tolerance_pct”"):
        town.setting("about_tolerance_pct", date(2009, 12, 31))
    with pytest.raises(NotFound, match=r"已有：about_tolerance_pct、.*、near_due_days"):
        town.setting("nothing", date(2020, 1, 1))


@pytest.mark.parametrize(
    ("day", "edition"),
    [
        (date(2018, 12, 17), None),
        (date(2018, 12, 18), "c2018"),
        (date(2022, 12, 31), "c2018"),
        (date(2023, 1, 1), "c2023"),
    ],
)
def test_the_catalogue_in_force_goes_by_day(town: packs.City, day: date, edition: str | None) -> None:
    catalogue = town.catalogue_on(day)
    assert (catalogue.id if catalogue else None) == edition
    assert town.catalogue_on(day, series="other") is None


def test_clusters_of_every_edition_are_found(town: packs.City) -> None:
    assert list(town.clusters) == ["c18-robot", "c18-chip", "c18-screen", "c23-robot", "c23-it"]
    assert town.catalogue_of_cluster["c18-chip"].id == "c2018"
    assert [event.type for event in town.events] == ["renamed", "merged"]


def test_areas_up_and_down(town: packs.City) -> None:
    assert ids(town.reporting_areas("town")) == ["town_east", "town_west", "town_zone"]
    assert ids(town.ancestors("town_east")) == ["town", "land"]
    assert ids(town.descendants("land")) == ["town", "town_east", "town_west", "town_zone", "town_old"]


@pytest.mark.parametrize(
    ("day", "answers"),
    [
        (date(2018, 12, 31), ["econ"]),
        (date(2019, 1, 1), ["industry", "trade"]),
        (date(2023, 12, 31), ["industry", "trade"]),
        (date(2024, 1, 1), ["industry", "trade2"]),
    ],
)
def test_successors_answer_from_the_day_the_old_name_ends(town: packs.City, day: date, answers: list[str]) -> None:
    assert ids(town.body_at("econ", day)) == answers


def test_collective_bodies_stand_for_their_parts(town: packs.City) -> None:
    assert ids(town.expand_body("each_gov")) == ["east_gov", "west_gov"]
    assert ids(town.expand_body("econ")) == ["econ"]


def test_names_lead_to_every_bearer(town: packs.City) -> None:
    assert town.names_of_areas["开发区"] == ("town_zone", "town_old")
    assert town.names_of_areas["东城"] == ("town_east",)
    assert town.names_of_bodies["市经委"] == town.names_of_bodies["经委"] == ("econ",)
    assert town.names_of_indicators["产值"] == ("output",)
    assert town.names_of_clusters["智能机器人"] == ("c23-robot",)


def test_files_are_read_from_the_nearest_folder(town: packs.City) -> None:
    assert town.read("documents/plan.txt").decode() == "到2020年，全市总产值达到1万亿元。\n"
    assert town.read("metrics.yaml").startswith(b"metrics:")
    assert town.paths("documents/") == ("documents/index.yaml", "documents/plan.txt")
    assert town.crosswalk("sei") == [{"target": "1.1", "gb_code": "3911", "match": "full"}]
    with pytest.raises(NotFound):
        town.read("documents/gone.txt")


def test_the_digest_is_over_every_path_and_content(town: packs.City) -> None:
    lines = [f"{path}\0{hashlib.sha256(content).hexdigest()}\n" for path, content in sorted(town.files.items())]
    assert town.digest == hashlib.sha256("".join(lines).encode()).hexdigest()
    assert {path.split("/")[0] for path in town.files} == {"land", "town"}


def test_a_snapshot_loads_again_as_the_same_city(town: packs.City, tmp_path: Path) -> None:
    for path, content in packs.snapshot_files(town).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    again = packs.load_snapshot(tmp_path)
    assert (again.id, again.digest) == (town.id, town.digest)
    with pytest.raises(NotFound):
        packs.load_snapshot(tmp_path / "town")


def test_unknown_folders_are_answered_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"随程序提供的有：.*china"):
        packs.folder("atlantis")
    with pytest.raises(NotFound, match="atlantis"):
        packs.load("atlantis")
    with pytest.raises(InputRefused, match="路径不存在"):
        packs.load(tmp_path / "gone")
    with pytest.raises(InputRefused) as refused:
        packs.load(tmp_path)
    assert [finding.code for finding in refused.value.findings] == ["packs.missing_file"] * 2


@pytest.mark.parametrize("extends", ["china", None])
def test_a_new_folder_passes_the_check(tmp_path: Path, extends: str | None) -> None:
    written = packs.create(tmp_path / "wuxi", extends)
    assert packs.check(tmp_path / "wuxi") == []
    assert packs.load(tmp_path / "wuxi").id == "wuxi"
    assert (tmp_path / "wuxi" / "areas.csv").read_bytes().startswith("﻿".encode()), "Excel needs the mark"
    assert all("{" + "id}" not in path.read_text("utf-8") for path in written)


def test_a_new_folder_may_bear_the_name_of_the_one_it_extends(tmp_path: Path) -> None:
    packs.create(tmp_path / "china", "china")
    assert packs.check(tmp_path / "china") == []


def test_the_catalogue_shown_in_the_template_is_a_sound_one(tmp_path: Path) -> None:
    packs.create(tmp_path / "wuxi", None)
    text = (tmp_path / "wuxi" / "README.md").read_text("utf-8")
    first, events, _ = text.split("```yaml\n")[1:]
    (tmp_path / "wuxi" / "clusters").mkdir()
    (tmp_path / "wuxi" / "clusters" / "2026.yaml").write_text(first.split("```")[0], "utf-8")
    later = (
        first.split("```")[0]
        .replace("c26-", "c27-")
        .replace("clusters-2026", "clusters-2027\nprevious_id: clusters-2026")
    )
    later = later.replace("effective_from: 2026", "effective_from: 2027") + events.split("```")[0]
    (tmp_path / "wuxi" / "clusters" / "2027.yaml").write_text(later, "utf-8")
    assert packs.check(tmp_path / "wuxi") == []


def test_the_form_shown_in_the_template_is_a_sound_one(tmp_path: Path) -> None:
    packs.create(tmp_path / "wuxi", "china")
    shown = (tmp_path / "wuxi" / "README.md").read_text("utf-8").split("```yaml\n")[3].split("```")[0]
    (tmp_path / "wuxi" / "forms").mkdir()
    body = re.search(r"^(\w+),", (tmp_path / "wuxi" / "bodies.csv").read_text("utf-8-sig").splitlines()[1])
    assert body
    (tmp_path / "wuxi" / "forms" / "monthly.yaml").write_text(shown.replace("sz_miit", body[1]), "utf-8")
    assert packs.check(tmp_path / "wuxi") == []


def test_creating_never_writes_over_anything(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="不是空目录"):
        packs.create(tmp_path, "china")
    with pytest.raises(NotFound):
        packs.create(tmp_path / "new", "atlantis")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_the_doors_are_the_ones_named() -> None:
    assert all(hasattr(packs, name) for name in packs.__all__)


def test_what_the_template_s_readme_shows_can_be_copied_as_it_stands(tmp_path: Path) -> None:
    folder = tmp_path / "wuxi"
    packs.create(folder, "china")
    shown = re.findall(r"```yaml\n(.*?)```", (folder / "README.md").read_text("utf-8"), re.DOTALL)
    catalogue, form = shown[0], shown[2]
    (folder / "clusters").mkdir()
    (folder / "clusters" / "2026.yaml").write_text(catalogue, "utf-8")
    (folder / "forms").mkdir()
    (folder / "forms" / "monthly.yaml").write_text(form, "utf-8")
    assert packs.check(folder) == []
