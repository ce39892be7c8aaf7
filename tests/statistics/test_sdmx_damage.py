"""Damaged SDMX messages: whatever happens to one, nothing breaks and no figure changes in silence."""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import Decimal

import pytest

from jiqun.statistics import sdmx
from tests.statistics.test_sdmx import AREA, CITY, CLUSTER, INDICATOR, SOURCE, figures

GIVEN = figures(
    (INDICATOR, AREA, CLUSTER, "level", SOURCE, "2023", "12.50", "亿元", "exact"),
    (INDICATOR, AREA, None, None, None, "2024M1-M8", "-3", "%", "preliminary"),
    (INDICATOR, AREA, None, None, SOURCE, "2022Q4", "1234567.8", "家", "final"),
)
# Units are held against those of the indicators when figures come in (`flows.figures`), not here.
VALUES = {(*row[:6], row[8]): Decimal(row[6]) for row in GIVEN.rows()}
BITS = (
    b"\x00", b'"', b"'", b";", b"\t", b"\r", b"\n", b",", b"<", b"&", b"&#0;", b"&lt;", b"<!-- -->", b"]]>", b"=cmd|",
    b"+", b"9" * 5000, b"\xe2\x80\x8b", b"\xc2\xa0", b"\xff", b"\xef\xbb\xbf",
)  # fmt: skip
NUMBERS = (
    b"1e999999999", b"NaN", b"Infinity", b"-inf", b"1_2", b"12,50", b"12;50", b"", b"\xef\xbc\x91", b" 12.5 ",
    b"1" * 4500, b"0x10", b"1e5", b"--3", b"1.2.3",
)  # fmt: skip
HEADS = (b"OBS_VALUE", b"INDICATOR", b"VALUE_KIND", b"UNIT_MEASURE", b"TIME_PERIOD")
BOMB = b'<!DOCTYPE a [<!ENTITY b "xxxxxxxxxx"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>'


def cut(text: bytes, rng: random.Random) -> bytes:
    return text[: rng.randrange(len(text) + 1)]


def doubled(text: bytes, rng: random.Random) -> bytes:
    lines = text.splitlines(keepends=True)
    at = rng.randrange(len(lines) + 1)
    return b"".join((*lines[:at], *lines[max(at - 1, 0) :]))


def recoded(text: bytes, rng: random.Random) -> bytes:
    return text.decode(errors="ignore").encode(rng.choice(["gb18030", "utf-16", "utf-16-le", "utf-32", "utf-8-sig"]))


def put(text: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(text) + 1)
    return text[:at] + rng.choice(BITS) + text[at:]


def separated(text: bytes, rng: random.Random) -> bytes:
    other = rng.choice((b";", b"\t", b"|"))
    return b"\n".join(line.replace(b",", other) if rng.random() < 0.5 else line for line in text.split(b"\n"))


def shuffled(text: bytes, rng: random.Random) -> bytes:
    lines = text.splitlines(keepends=True)
    rng.shuffle(lines)
    return b"".join(lines)


def renumbered(text: bytes, rng: random.Random) -> bytes:
    return text.replace(rng.choice((b"12.50", b"-3", b"1234567.8")), rng.choice(NUMBERS))


def reheaded(text: bytes, rng: random.Random) -> bytes:
    return text.replace(rng.choice(HEADS), rng.choice((*HEADS, b"OBS_VALUE,OBS_VALUE", b"x")), 1)


def renamed(text: bytes, rng: random.Random) -> bytes:
    ids = [id_.encode() for id_ in (INDICATOR, AREA, SOURCE)]
    return text.replace(rng.choice(ids), rng.choice((b"nothing", b"_Z", b"../../etc/passwd", b"'; drop table--", *ids)))


def bombed(text: bytes, rng: random.Random) -> bytes:
    at = text.find(b"?>") + 2 if text.startswith(b"<") else 0
    return text[:at] + BOMB + text[at:].replace(b"12.50", b"&c;")


DAMAGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    cut, doubled, recoded, put, separated, shuffled, renumbered, reheaded, renamed, bombed,
)  # fmt: skip


def messages() -> dict[str, bytes]:
    return {
        "csv": sdmx.write(GIVEN, CITY).encode(), "xml": sdmx.write(GIVEN, CITY, "xml").encode(),
        "json": sdmx.write_structure(CITY, "json").encode()[:4000],
    }  # fmt: skip


def faults_of(seeds: range, kind: str, sent: bytes) -> list[str]:
    """What was taken in without a finding and is not what was sent. Whatever is told stops the whole message."""
    found = []
    for seed in seeds:
        rng, text = random.Random(seed), sent
        damages = rng.sample(DAMAGES, rng.randrange(1, 4))
        for damage in damages:
            text = damage(text, rng)
        taken, told = sdmx.read(text, CITY, f"message.{kind}")
        assert all(len(one.message) < 400 and "\n" not in one.message for one in told)
        if told:
            continue
        names = [damage.__name__ for damage in damages]
        if kind == "json":
            found += [f"{seed} {names}: a structure was taken for figures"] if taken.height else []
        # Ids that another damage exchanged name other figures: their numbers must still be ones that were sent.
        sent_values = set(VALUES.values()) if renamed in damages else set()
        found += [
            f"{seed} {names}: {row}" for row in taken.rows()
            if VALUES.get((*row[:6], row[8])) != Decimal(row[6]) and Decimal(row[6]) not in sent_values
        ]  # fmt: skip
    return found


@pytest.mark.parametrize(("kind", "many"), [("csv", 300), ("xml", 25), ("json", 25)])
def test_no_figure_changes_in_silence(kind, many):
    assert faults_of(range(many), kind, messages()[kind]) == []


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "many"), [("csv", 20_000), ("xml", 1000), ("json", 500)])
def test_no_figure_changes_in_silence_in_many_messages(kind, many):
    assert faults_of(range(1000, 1000 + many), kind, messages()[kind]) == []


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        (b"12.50", b"12,50", "sdmx_row"), (b"12.50", b"1e999999999", "sdmx_value"), (b"12.50", b"1_2", "sdmx_value"),
        (b"12.50", b"\xef\xbc\x91", "sdmx_value"), (b"MEASURE", b"SOURCE", "sdmx_column"),
        (b",%", b",\xa5", "sdmx_message"), (b",%", b",", "sdmx_value"), (b",%", b",=1+1", "sdmx_value"),
        (b",%", b",@SUM(A1)", "sdmx_value"), (b"2023,", "２０２３,".encode(), "sdmx_time"),
    ],
)  # fmt: skip
def test_what_would_be_taken_for_something_else_is_told(before, after, code):
    _, told = sdmx.read(messages()["csv"].replace(before, after), CITY)
    assert code in {one.code for one in told}


def test_broken_and_hostile_xml_is_one_line_to_a_person():
    sent = messages()["xml"]
    for text in (sent[:500], sent.replace(b"</", b"<", 1), bombed(sent, random.Random(0))):
        (told,) = sdmx.read(text, CITY)[1]
        assert told.code == "sdmx_message"
