"""Figures as SDMX messages: out and in again is no change, elsewhere it is the same figures, a fault stops all."""

from __future__ import annotations

import csv
import io

import pytest

from jiqun import flows
from jiqun.ledger.models import Event, Observation
from jiqun.model.errors import InputRefused
from tests.web.test_access_matrix import enter, things

__all__ = ["enter", "things"]


@pytest.fixture
def figures(accepted):
    flows.import_folder_figures(accepted, actor="zhang")
    return accepted


@pytest.fixture
def out(enter):
    return lambda name="figures.csv": enter("reader").get(f"/sdmx/{name}?as_of=today").content


@pytest.mark.parametrize("name", ["figures.csv", "figures.xml"])
def test_what_went_out_comes_in_without_a_change(figures, out, name):
    sent = out(name)
    before = Event.objects.count()
    done = flows.import_table(figures, sent, actor="zhang", name=name)
    assert done.written == 0 and done.unchanged == Observation.objects.filter(superseded_at=None).count() > 0
    assert Event.objects.count() == before


def test_a_changed_value_is_the_next_version_of_the_same_figure(figures, out):
    row = Observation.objects.filter(superseded_at=None).exclude(source_id="").first()
    text = out().decode()
    line = next(each for each in text.splitlines() if row.indicator_id in each and f",{row.value_text}," in each)
    changed = text.replace(line, line.replace(f",{row.value_text},", ",987654,"))
    done = flows.import_table(figures, changed.encode(), actor="zhang", name="figures.csv")
    assert done.written == 1
    fresh = Observation.objects.get(superseded_at=None, value_text="987654")
    assert fresh.version == 2 and fresh.source_id


def test_an_unsourced_figure_has_the_message_as_its_source(figures, out):
    head, first = out().decode().splitlines()[:2]
    cells = dict(zip(head.split(","), first.split(","), strict=True)) | {"SOURCE": "_Z", "TIME_PERIOD": "2031"}
    sent = f"{head}\r\n{','.join(cells.values())}\r\n".encode()
    assert flows.import_table(figures, sent, actor="zhang", name="省局.csv").written == 1
    row = Observation.objects.get(superseded_at=None, period="2031")
    assert (row.source_title, row.known_on) == ("SDMX 省局.csv", figures.today)
    assert flows.import_table(figures, sent, actor="zhang", name="省局.csv").written == 0


def test_a_fault_stops_the_whole_message_and_says_where(figures, out):
    lines = out().decode().splitlines()
    lines[2] = lines[2].replace("JIQUN:FIGURES(1.0)", "OTHER:FLOW(1.0)")
    before = Observation.objects.count()
    with pytest.raises(InputRefused) as told:
        flows.import_table(figures, "\r\n".join(lines).encode(), actor="zhang", name="figures.csv")
    assert "OTHER:FLOW" in str(told.value.findings[0]) and told.value.findings[0].place.line == 3
    assert Observation.objects.count() == before


def test_the_preliminary_and_the_final_figure_without_a_source_both_stand(figures, out):
    """The kind is part of the key: neither may be lost, and neither is a version of the other."""
    head, first = out().decode().splitlines()[:2]
    cells = dict(zip(head.split(","), first.split(","), strict=True)) | {"SOURCE": "_Z", "TIME_PERIOD": "2031"}
    said = (("preliminary", "11"), ("final", "12"))
    both = [cells | {"VALUE_KIND": kind, "OBS_VALUE": value} for kind, value in said]
    sent = "\r\n".join([head, *(",".join(each.values()) for each in both)]).encode()
    assert flows.import_table(figures, sent, actor="zhang", name="省局.csv").written == 2
    rows = Observation.objects.filter(superseded_at=None, period="2031")
    assert {(row.value_kind, row.value_text) for row in rows} == set(said)
    assert flows.import_table(figures, sent, actor="zhang", name="省局.csv").written == 0


def test_a_message_with_every_cell_in_quotes_is_one_too(figures, out):
    rows = csv.reader(io.StringIO(out().decode(), newline=""))
    quoted = io.StringIO(newline="")
    csv.writer(quoted, quoting=csv.QUOTE_ALL).writerows(rows)
    done = flows.import_table(figures, quoted.getvalue().encode(), actor="zhang", name="figures.csv")
    assert done.written == 0 and done.unchanged > 0
