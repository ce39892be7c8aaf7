"""Chinese first, English complete."""

from __future__ import annotations

import re
from pathlib import Path

from jiqun.assessment.promises import Light
from jiqun.assessment.relations import RelationKind
from jiqun.enterprises.cohorts import Kind
from jiqun.enterprises.spells import Stage
from jiqun.enterprises.tiers import explaining
from jiqun.enterprises.tiers.definition import SIZES
from jiqun.extraction import confidence, systems
from jiqun.industry.measures.resemblance import Verdict
from jiqun.ledger.models import ClaimState, Role, RunState, Standing, TaskState
from jiqun.model.claims import Measure
from jiqun.records import releasing
from jiqun.reports import (
    areas,
    candidates,
    chain_candidates,
    chain_gaps,
    chainbook,
    chains,
    claims,
    clusters,
    counts,
    events,
    firms,
    indicators,
    lists,
    near,
    pipeline,
    reported,
    subsidies,
    targets,
    tiers,
    wording,
)
from jiqun.statistics import derived, publishing
from jiqun.web.words import WORDS

CATALOGUE = Path(areas.__file__).parents[1] / "web" / "locale" / "en" / "LC_MESSAGES" / "django.po"


def catalogue() -> str:
    """Its text, each message on one line: tools of gettext break long ones."""
    return CATALOGUE.read_text(encoding="utf-8").replace('"\n"', "")


def messages() -> dict[str, str]:
    text = catalogue()
    plain = re.sub(r'^msgctxt ".+"\nmsgid ".+"\n', "", text, flags=re.MULTILINE)  # of a context: not the bare word's
    return dict(re.findall(r'^msgid "(.+)"\nmsgstr "(.*)"$', plain, re.MULTILINE))


def test_every_message_has_its_english():
    assert [message for message, english in messages().items() if not english] == []
    assert len(messages()) > 400


def test_every_message_of_the_templates_is_in_the_catalogue():
    templates = CATALOGUE.parents[3] / "templates"
    used = set()
    for file in templates.rglob("*.html"):
        used |= set(re.findall(r"""\{% trans (?:"([^"]+)"|'([^']+)')""", file.read_text(encoding="utf-8")))
    assert {one or other for one, other in used} <= set(messages())


def test_every_word_that_a_context_brings_can_be_translated():
    in_use = {
        *(light.label for light in Light), *(measure.label for measure in Measure),
        *(kind.label for kind in RelationKind), *map(str, ClaimState.labels), *map(str, Role.labels),
        *map(str, RunState.labels), *map(str, Standing.labels), *map(str, TaskState.labels),
        *clusters.EVENT_LABELS.values(), *areas.LEVELS.values(), *indicators.POLARITIES.values(),
        *indicators.TIME_KINDS.values(),
        *indicators.AGGREGATIONS.values(), *targets.DUE.values(),
        *events.ACTION_LABELS.values(), *events.KINDS.values(), *events.RUN_LABELS.values(), *reported.GAPS.values(),
        *claims.KINDS.values(), *tiers.LEVELS.values(), *tiers.MAPPED.values(), *near.ANSWERS.values(),
        *lists.STATES.values(), *lists.VERDICTS.values(), *candidates.ANSWERS.values(), pipeline.OUT,
        *subsidies.BASES.values(),
        *chainbook.STATE_LABELS.values(), *chainbook.SEGMENT_LABELS.values(), *chainbook.EDGE_LABELS.values(),
        *chainbook.NODE_LABELS.values(), *chain_gaps.WAY_LABELS.values(), *chains.DEEDS.values(),
        *chains.FITS.values(), *chain_candidates.SIDE_LABELS.values(),
        *counts.GAINS.values(), *counts.LOSSES.values(), *(kind.label for kind in Kind),
        *(stage.label for stage in Stage),
        *firms.ANSWERS.values(), *SIZES, *tiers.STEPS, explaining.OUTSIDE,
        *publishing.REASONS, releasing.THIN, releasing.UNKNOWN, releasing.INSIDE,
        *derived.WHY.values(), *wording.CONFIDENCES.values(), *filter(None, wording.VALUE_KINDS.values()),
        *(verdict.label for verdict in Verdict), "高", "低",
    }  # fmt: skip
    assert in_use <= set(WORDS)


def test_every_kind_of_system_has_its_english():
    text = catalogue()
    known = dict(re.findall(r'^msgctxt "system"\nmsgid "(.+)"\nmsgstr "(.+)"$', text, re.MULTILINE))
    assert set(systems.KINDS) == set(known)


def test_the_compiled_catalogue_is_the_written_one(admin, accepted):
    admin.post("/language/", {"language": "en", "next": "/"})
    html = admin.get("/").content.decode()
    assert '<html lang="en">' in html
    for word in ("Overview", "Documents", "Review", "Targets", "Tasks", "Indicators", "Clusters", "Areas", "Bodies"):
        assert word in html
    admin.post("/language/", {"language": "zh-hans", "next": "/"})
    assert "总览" in admin.get("/").content.decode()


def test_a_browser_s_own_language_decides_nothing(client, city):
    html = client.get("/login/", headers={"Accept-Language": "en-US,en;q=0.9"}).content.decode()
    assert '<html lang="zh-CN">' in html


def test_english_names_of_the_folder_are_used_where_it_has_them(admin, accepted):
    admin.post("/language/", {"language": "en", "next": "/"})
    assert admin.get("/indicators/").status_code == 200


def test_every_doubt_has_its_english():
    assert set(confidence.SCALE.words.values()) <= set(messages())
