"""The day of a page: asked for in the address, kept in the session, never showing what came later."""

from __future__ import annotations

import pytest

from jiqun.ledger.models import Document


@pytest.fixture
def page(admin, accepted):
    return lambda path: admin.get(path).context["page"]


def test_a_day_before_the_plan_knows_no_target(page, accepted):
    issued = Document.objects.get().known_on
    assert page("/targets/?as_of=1999-01-01").paging.total == 0
    assert page(f"/targets/?as_of={issued}").paging.total > 0


def test_the_day_is_kept_until_another_is_asked_for(admin, accepted):
    admin.get("/?as_of=1999-01-01")
    assert admin.get("/documents/").context["page"].rows == ()
    assert str(admin.get("/documents/").context["frame"].as_of) == "1999-01-01"
    admin.get("/as-of/?as_of=today&next=/documents/")
    assert admin.get("/documents/").context["frame"].is_today


def test_the_control_goes_back_to_our_own_pages_only(admin, accepted):
    assert admin.get("/as-of/?as_of=2020-01-01&next=/targets/").url == "/targets/"
    assert admin.get("/as-of/?as_of=2020-01-01&next=https://example.org/").url == "/"
    assert admin.get("/as-of/?as_of=2020-01-01&next=//example.org/").url == "/"


def test_a_day_that_is_none_changes_nothing(admin, accepted):
    admin.get("/?as_of=2020-01-01")
    admin.get("/?as_of=soon")
    assert str(admin.get("/").context["frame"].as_of) == "2020-01-01"


def test_a_figure_is_unknown_before_its_source_appeared(page):
    """600 firms of 2021 stand in the yearbook of 2022, 800 of 2022 in that of 2023."""
    known = {
        day: [f.value_text for f in page(f"/indicators/firms/?as_of={day}").figures] for day in ("2022-01-01", "today")
    }
    assert known["2022-01-01"] == []
    assert sorted(known["today"]) == ["500", "600", "800"]
