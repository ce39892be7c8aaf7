"""How the number of a task is written."""

from __future__ import annotations

import pytest

from jiqun.web.templatetags.jiqun import clause


@pytest.mark.parametrize(
    ("kept", "written"), [("二/(一)/2", "二（一）2"), ("三/(四)", "三（四）"), ("1/2", "1.2"), ("十二", "十二")]
)
def test_a_number_is_written_as_official_texts_cite_it(kept, written):
    assert clause(kept) == written
