"""A proposed edition: seen through before anything changes, adopted with a reason, taken back whole."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from jiqun import flows, packs, workspace
from jiqun.industry.previewing import Fate
from jiqun.model.errors import Conflict, EnvironmentFailed, InputRefused, NotFound
from jiqun.workspace import Workspace
from tests.flows.conftest import Ticking


@pytest.fixture(scope="module")
def suzhou() -> packs.City:
    return packs.load("suzhou")


@pytest.fixture
def office(db: None, tmp_path: Path, suzhou: packs.City, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    from jiqun.reports import kept, register

    register._kept.clear()
    kept._answers.clear()
    path = tmp_path / "ws"
    workspace.lay_out(path, suzhou, "suzhou")
    ws = Workspace(path, suzhou.name, suzhou, Ticking())
    monkeypatch.setattr(workspace, "_opened", ws)
    for cluster_id, value in (("sz23-ei", "12000"), ("sz23-eq", "13500"), ("sz23-bio", "4000"), ("sz22-mat", "12500")):
        fields = {"indicator_id": "output_electronic_information", "area_id": "suzhou", "cluster_id": cluster_id,
                  "measure": "level", "value_text": value, "unit": "亿元", "period": "2025",
                  "body_ids": ["sz_miit"], "title": f"{cluster_id}规模"}  # fmt: skip
        flows.add_target(ws, fields, actor="zhang")
    figure = {"indicator_id": "output_electronic_information", "area_id": "suzhou", "cluster_id": "sz23-ei",
              "period": "2023", "value_text": "11000", "unit": "亿元", "source_title": "测试"}  # fmt: skip
    flows.add_observation(ws, figure, actor="zhang", reason="测试")
    return ws


@pytest.fixture
def draft(suzhou: packs.City) -> bytes:
    return suzhou.read("proposals/demo-draft.yaml")


def events() -> list[str]:
    from jiqun.ledger.models import Event

    return list(Event.objects.order_by("sequence").values_list("action", flat=True))


def test_a_preview_tells_every_target_and_series_and_changes_nothing(office: Workspace, draft: bytes) -> None:
    before = events()
    found = flows.propose_catalogue(office, draft)
    told = {(one.subject.kind, one.subject.cluster_id): (one.fate, one.needs_key) for one in found.preview.effects
            if one.subject.kind in ("target", "series")}  # fmt: skip
    assert told == {
        ("target", "sz23-ei"): (Fate.DIVIDED, True), ("series", "sz23-ei"): (Fate.DIVIDED, True),
        ("target", "sz23-bio"): (Fate.JOINED, False), ("target", "sz22-mat"): (Fate.JOINED, False),
        ("target", "sz23-eq"): (Fate.RENAMED, False),
    }  # fmt: skip
    assert found.preview.owners == ("sz_miit",)
    assert found.preview.fresh == ("szd-lowalt",)
    assert events() == before
    assert workspace.current().city.digest == office.city.digest
    assert "suzhou-draft" not in {one.id for one in office.city.catalogues}


def test_an_adopted_edition_is_in_use_and_its_event_says_why(office: Workspace, draft: bytes) -> None:
    found = flows.propose_catalogue(office, draft)
    done = flows.adopt_catalogue(office, found.digest, actor="zhang", reason="市政府常务会议议定")
    assert workspace.current() is done.workspace
    city = done.workspace.city
    assert city.catalogue_on(date(2026, 12, 1)).id == "suzhou-draft"
    assert city.catalogue_on(date(2026, 11, 30)).id == "suzhou-2023-msq"
    from jiqun.ledger import chain
    from jiqun.ledger.models import Event, Target

    event = Event.objects.get(sequence=done.sequence)
    told = json.loads(event.payload)
    assert (event.action, event.subject_key, event.reason) == (
        "catalogue.adopted", "suzhou-draft", "市政府常务会议议定")  # fmt: skip
    assert (told["file"], told["folder"], told["needs_key"]) == (found.digest, city.digest, ["sz23-ei"])
    assert (office.path / "folders" / city.digest).is_dir()
    assert Target.objects.filter(cluster_id="sz23-ei", superseded_at=None).count() == 1  # as it was said
    assert chain.verify().is_whole
    with pytest.raises(InputRefused):
        flows.adopt_catalogue(done.workspace, found.digest, actor="zhang", reason="再来一次")


def test_it_is_there_again_when_the_workspace_is_opened_again(office: Workspace, draft: bytes) -> None:
    from jiqun.ledger import editions

    digest = flows.propose_catalogue(office, draft).digest
    flows.adopt_catalogue(office, digest, actor="zhang", reason="议定")
    again = editions.with_adopted(packs.load("suzhou"), office.files)
    assert again.digest == workspace.current().city.digest
    (office.files / digest).write_bytes(b"other")
    with pytest.raises(EnvironmentFailed, match="suzhou-draft"):
        editions.with_adopted(packs.load("suzhou"), office.files)


def test_an_adoption_is_undone_as_if_it_had_not_been(office: Workspace, draft: bytes) -> None:
    digest = flows.propose_catalogue(office, draft).digest
    done = flows.adopt_catalogue(office, digest, actor="zhang", reason="议定")
    sequence = flows.undo(done.workspace, done.sequence, actor="li", reason="议定有误")
    assert sequence == done.sequence + 1
    assert events()[-2:] == ["catalogue.adopted", "catalogue.withdrawn"]
    assert workspace.current().city.digest == office.city.digest
    with pytest.raises(NotFound):
        flows.withdraw_catalogue(workspace.current(), "suzhou-draft", actor="li", reason="再撤")
    flows.adopt_catalogue(workspace.current(), digest, actor="zhang", reason="再议定")
    assert events()[-1] == "catalogue.adopted"


def test_what_was_built_on_an_edition_keeps_it(office: Workspace, draft: bytes) -> None:
    done = flows.adopt_catalogue(office, flows.propose_catalogue(office, draft).digest, actor="z", reason="议定")
    fields = {"indicator_id": "output_electronic_information", "area_id": "suzhou", "cluster_id": "szd-chip",
              "measure": "level", "value_text": "6000", "unit": "亿元", "period": "2030"}  # fmt: skip
    flows.add_target(done.workspace, fields, actor="zhang")
    with pytest.raises(Conflict, match="目标 1 条"):
        flows.withdraw_catalogue(done.workspace, "suzhou-draft", actor="li", reason="撤")
    assert events()[-1] == "target.added"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("expected_count: 5", "expected_count: 6", "写明 6 个集群"),
        ("before_ids: [sz23-eq]", "before_ids: [sz23-zz]", "sz23-zz"),
        ("previous_id: suzhou-2023-msq\n", "", "previous_id"),
        ("id: suzhou-draft", "id: suzhou-2022", "suzhou-2022"),
        ("  - type: renamed\n    before_ids: [sz23-eq]\n    after_ids: [szd-eq]\n", "", "高端装备与新能源"),
        ("id: suzhou-draft", "id: [", "写法"),
    ],
)
def test_an_edition_with_faults_is_refused_whole(
    office: Workspace, draft: bytes, old: str, new: str, said: str
) -> None:
    text = draft.decode()
    assert old in text
    with pytest.raises(InputRefused) as refused:
        flows.propose_catalogue(office, text.replace(old, new, 1).encode())
    assert any(said in str(finding) for finding in refused.value.findings)


def test_no_adoption_without_a_reason_or_a_file(office: Workspace, draft: bytes) -> None:
    digest = flows.propose_catalogue(office, draft).digest
    with pytest.raises(InputRefused, match="理由"):
        flows.adopt_catalogue(office, digest, actor="zhang", reason=" ")
    for wrong in ("0" * 64, "../" * 20, digest[:-1]):
        with pytest.raises(NotFound):
            flows.adopt_catalogue(office, wrong, actor="zhang", reason="议定")
