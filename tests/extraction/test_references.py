"""The own gold of two reference documents: whole and in place. What the extraction makes of it: test_gold."""

from __future__ import annotations

import importlib.util
import shutil

import pytest

from . import references


@pytest.fixture(scope="module")
def scorer(reference_dir):
    path = reference_dir / "tools" / "score_extraction.py"
    spec = importlib.util.spec_from_file_location("score_extraction", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", references.names())
def test_a_mark_reads_as_its_number(name, reference_dir, scorer):
    text, claims, tasks = references.records(name, reference_dir / "documents")
    assert references.squeeze(text) == scorer.squeeze(text)
    for claim in claims:
        assert len(claim["quote"]) <= 60
        assert f"{claim['value']}" in claim["quote"]
        assert claim["unit"].removeprefix("万").removeprefix("亿") in claim["quote"]
    inside = sum(task["claims"] for task in tasks)
    assert (len(claims), len(tasks), inside) == {"002": (38, 23, 31), "003": (8, 12, 3)}[name]
    assert all(2 < len(task["title"]) < 25 for task in tasks)


def test_another_text_is_refused(reference_dir, tmp_path):
    path = next((reference_dir / "documents").glob("003*.txt"))
    shutil.copy(path, tmp_path)
    (tmp_path / path.name).write_text("别的正文", "utf-8")
    with pytest.raises(ValueError, match="is not the text that was marked"):
        references.records("003", tmp_path)
