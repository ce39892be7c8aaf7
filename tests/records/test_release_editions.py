"""What readers were shown of a round stays what they were shown, whatever the city's folder says afterwards."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

import pytest

from jiqun import flows
from jiqun.flows.rounds import round_of
from jiqun.packs import City
from jiqun.records import releasing
from jiqun.statistics.publishing import DIFFERS, UNSAFE
from jiqun.workspace import Workspace
from tests.records.conftest import Day
from tests.records.test_publishing import WAY, send
from tests.records.test_returns import ROUND, cells, opened, owed, up

pytestmark = pytest.mark.django_db
OUTPUT = "output@current"
LENIENT = {"least_respondents": 1, "top_pct": 100, "estimate_pct": 0}


def with_thresholds(city: City, **said: int) -> City:
    """The city as its folder says it from now on."""
    settings = dict(city.settings)
    for name, value in said.items():
        (one,) = settings[f"disclosure_{name}"]
        settings[f"disclosure_{name}"] = (one.model_copy(update={"value": Decimal(value)}),)
    return dataclasses.replace(city, settings=settings, digest=f"{city.digest}{sorted(said.items())}")


def with_field(city: City, **said: Any) -> City:
    """The city with `output` of the monthly form declared otherwise."""
    form = city.forms["monthly"]
    fields = tuple(each.model_copy(update=said) if each.id == "output" else each for each in form.fields)
    forms = {**city.forms, "monthly": form.model_copy(update={"fields": fields})}
    return dataclasses.replace(city, forms=forms, digest=f"{city.digest}{sorted(said.items())}")


def of_the_whole(city: City) -> City:
    """The city with a monthly form that publishes no districts."""
    form = city.forms["monthly"]
    published = form.published.model_copy(update={"levels": ("city",)})
    forms = {**city.forms, "monthly": form.model_copy(update={"published": published})}
    return dataclasses.replace(city, forms=forms, digest=f"{city.digest} whole")


@pytest.fixture
def four(ws: Workspace, people: Any, day: Day) -> Workspace:
    """The city's 250 of four firms may be told; the west is one firm, and the east would give it away."""
    opened(ws)
    for firm, output in (("F1", "100"), ("F2", "60"), ("F3", "40"), ("F4", "50")):
        send(ws, people, firm, output, "20")
    return ws


def lock(ws: Workspace, day: Day) -> None:
    day.set("2026-02-20")
    flows.lock_round(ws, ROUND, actor="editor")


def seen(city: City) -> set[str]:
    """The areas whose output a reader of the locked round is shown."""
    told = releasing.last_release(round_of(ROUND), city)
    return {area for area, key in told.shown if key == OUTPUT}


def held(city: City, area: str = "pingchuan") -> str | None:
    return releasing.release_of(round_of(ROUND), city).released.held.get((area, OUTPUT))


def test_a_locked_table_shows_what_it_showed_when_thresholds_change(four: Workspace, day: Day) -> None:
    lock(four, day)
    assert seen(four.city) == {"pingchuan"}
    assert seen(with_thresholds(four.city, **LENIENT)) == {"pingchuan"}, "250 and 200 together would be one firm"
    assert seen(with_thresholds(four.city, least_respondents=5)) == {"pingchuan"}


def test_what_lenient_thresholds_showed_is_known_to_whoever_attacks(four: Workspace, people: Any, day: Day) -> None:
    """Under today's thresholds 250 would not have been shown, since 100 of it is one firm's; yet it was, and 310 less
    250 is F6."""
    lock(four, day)
    send(four, people, "F6", "60", "5", reason="补报")
    assert held(with_thresholds(of_the_whole(four.city), top_pct=39)) in (DIFFERS, UNSAFE)


def test_the_readers_table_is_worked_out_once_for_all(four: Workspace, people: Any, day: Day, monkeypatch: Any) -> None:
    lock(four, day)
    for output in ("60", "70", "80"):
        send(four, people, "F4", output, "20", reason="更正")
        flows.lock_round(four, ROUND, actor="editor")
    proofs = []
    honest = releasing.publishing.release
    monkeypatch.setattr(releasing.publishing, "release", lambda *of: proofs.append(1) or honest(*of))
    assert seen(four.city) and not proofs
    releasing.release_of(round_of(ROUND), four.city)
    assert len(proofs) == 1


@pytest.fixture
def unnoted(monkeypatch: Any) -> None:
    """Events as they were before they said what was shown."""
    monkeypatch.setattr(releasing, "notes", lambda found, city: {})


@pytest.mark.usefixtures("unnoted")
def test_where_it_was_not_kept_what_was_shown_the_unchanged_folder_tells(
    four: Workspace, people: Any, day: Day
) -> None:
    lock(four, day)
    assert seen(four.city) == {"pingchuan"}
    send(four, people, "F6", "7.5", "5", reason="补报")
    assert held(four.city) == DIFFERS


@pytest.mark.usefixtures("unnoted")
def test_where_nobody_knows_what_was_shown_all_may_have_been(four: Workspace, people: Any, day: Day) -> None:
    lock(four, day)
    changed = with_thresholds(four.city, few_pct=11)
    assert seen(changed) == set(), "another district may have been hidden for the one firm's sake"
    assert held(changed) == held(changed, "east") == held(changed, "west") == DIFFERS
    free = with_thresholds(four.city, **LENIENT)
    assert seen(free) == {"pingchuan", "east"}, "nothing had to be hidden for another's sake"


def test_a_figure_published_in_another_unit_is_out_all_the_same(four: Workspace, people: Any) -> None:
    """250.0 万元 is 2,500,000 元; in 亿元 with two places 60.0 万元 is not exact, and the field stays inside."""
    flows.publish_round(four, ROUND, actor="editor")
    send(four, people, "F6", "7.5", "5")
    assert held(with_field(four.city, unit="元", digits=0)) == DIFFERS
    assert held(with_field(four.city, unit="亿元", digits=2)) == UNSAFE
    assert held(with_field(four.city, digits=0)) == UNSAFE


@pytest.mark.usefixtures("unnoted")
@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"unit": "元", "digits": 0}, DIFFERS),
        ({"digits": 3}, DIFFERS),
        ({"digits": 0}, UNSAFE),
        ({"unit": "亿元", "digits": 2}, UNSAFE),
    ],
)
def test_so_it_is_where_only_the_ledger_tells_what_was_published(
    four: Workspace, people: Any, said: dict[str, Any], why: str
) -> None:
    flows.publish_round(four, ROUND, actor="editor")
    send(four, people, "F6", "7.5", "5")
    assert held(with_field(four.city, **said)) == why


@pytest.mark.usefixtures("unnoted")
def test_what_was_left_from_an_older_edition_is_none_of_the_next(four: Workspace, people: Any, day: Day) -> None:
    """F4 takes its 50 back, which 250 less 200 would tell: the ledger keeps 250, beside a new number of staff."""
    lock(four, day)
    flows.publish_round(four, ROUND, actor="editor")
    flows.submit_return(
        four, owed("F4").key, cells("0", staff__current="51"), user=people("F4"), reason="审计调整"
    )  # fmt: skip
    up(four, people, "F4", *WAY["F4"])
    flows.publish_round(four, ROUND, actor="editor")
    shown = [one.edition.shown for one in releasing.came_out(round_of(ROUND), four.city)]
    assert [("pingchuan", OUTPUT) in one for one in shown] == [True, True, False]
    assert ("pingchuan", "staff@current") in shown[2]
