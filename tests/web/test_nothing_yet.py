"""Pages of the register where there is none yet: no fault, but what to do; files to save are not found."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from jiqun.model.purposes import Purpose
from jiqun.workspace import Workspace
from tests.web.test_firms import DAY, FIRMS, admin, judged, sign_in, snapshot, text

__all__ = ["admin", "judged", "sign_in"]
PAGES = (
    "/firms/", "/firms/lists/", "/firms/due/", "/firms/counts/", "/firms/twins/", "/firms/subsidies/",
    "/firms/changes/", "/tiers/srdi_sme/pipeline/", "/tiers/srdi_sme/candidates/", "/tiers/srdi_sme/near/",
    "/tiers/srdi_sme/what-if/",
)  # fmt: skip


@pytest.mark.parametrize("address", PAGES)
def test_without_a_register_a_page_says_what_to_do(admin: Client, suzhou: Workspace, address: str) -> None:
    answer = admin.get(address)
    page = text(answer)
    assert answer.status_code == 200
    assert "还没有企业名册" in page
    assert 'href="/firms/import/"' in page


def test_a_day_before_the_first_register_names_the_day_it_begins(admin: Client, judged: Workspace) -> None:
    page = text(admin.get("/firms/due/?as_of=2021-01-01"))
    assert "最早的名册从 2022-07-01 起可以查看" in page


@pytest.mark.parametrize("address", [page for page in PAGES if page not in {"/firms/changes/"}])
def test_a_register_not_yet_judged_has_every_page(admin: Client, suzhou: Workspace, address: str) -> None:
    snapshot(suzhou, DAY, FIRMS, Purpose.ADMINISTRATIVE)
    answer = admin.get(address)
    assert answer.status_code == 200, text(answer)[-600:]


def test_a_reader_who_may_not_import_is_sent_nowhere_he_may_not_go(sign_in: Any, suzhou: Workspace) -> None:
    page = text(sign_in("district", area_id="suzhou_wujiang").get("/firms/due/"))
    assert "还没有企业名册" in page
    assert 'href="/firms/import/"' not in page


def test_a_wrong_address_and_a_file_to_save_are_not_found(admin: Client, suzhou: Workspace) -> None:
    for address in ("/firms/due.xlsx", "/firms/counts.xlsx", "/tiers/srdi_sme/pipeline.xlsx"):
        assert admin.get(address).status_code == 404, address
    snapshot(suzhou, DAY, FIRMS, Purpose.ADMINISTRATIVE)
    for address in ("/tiers/none/pipeline/", "/tiers/none/candidates/", "/firms/lists/none/"):
        assert admin.get(address).status_code == 404, address
