"""The chain of events: each holds the hash of the one before it and a digest of every row written under it.

Changing an event, or a statement behind the database's back, shows; so does cutting one out of the middle.
Cutting off the end shows only against a hash noted elsewhere: note `head()` down with each backup.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import F, OuterRef, Q, Subquery

from jiqun.ledger import triggers
from jiqun.ledger.models import Document, Event, Target, TargetBody, Task, TaskBody
from jiqun.ledger.statement import Statement

GENESIS = "0" * 64
_NOT_CONTENT = frozenset({"id", "superseded_at", "event_id"})
# columns that came after the first ledgers, with what a row from before them has: digests hold them once they say more
_CAME_LATER: dict[str, dict[str, Any]] = {
    "claim": {"suggested_by": "", "cell": "", "binding": None, "doubts": []},
    "observation": {"round_key": ""},
}


@dataclass(frozen=True)
class Verdict:
    """Whether the chain holds; `fault` says in one line what broke first, at `sequence` where it is an event."""

    is_whole: bool
    events: int
    fault: str = ""
    sequence: int | None = None


def stated() -> tuple[type[Statement], ...]:
    """Every kind of statement, this room's and those of rooms above it: all are written and verified alike."""
    return tuple(model for model in apps.get_models() if issubclass(model, Statement))


def canonical(value: Any) -> str:
    """JSON text that is the same for the same value: sorted keys, no spaces, times in UTC, characters as they are."""
    return _ENCODER.encode(value)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no canonical form for {type(value).__name__}")


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def hash_of(event: Event) -> str:
    """SHA-256 over the canonical JSON of everything an event says, the hash of the one before it included."""
    names = ("sequence", "recorded_at", "actor", "action", "subject_type", "subject_key", "reason", "payload")
    return sha256(canonical([getattr(event, name) for name in (*names, "previous_hash")]))


def content_digest(row: Any, document_digests: dict[int, str]) -> str:
    """SHA-256 over what a row says; a document is named by its digest, not by its number in this database."""
    content = {name: getattr(row, name) for name in _content_names(row.__class__)}
    for name, without in _CAME_LATER.get(row._meta.model_name, {}).items():
        if content[name] == without:
            del content[name]
    if "document_id" in content and content["document_id"] is not None:
        content["document_id"] = document_digests[content["document_id"]]
    return sha256(canonical(content))


@cache
def _content_names(model: type[Any]) -> tuple[str, ...]:
    return tuple(f.attname for f in model._meta.concrete_fields if f.attname not in _NOT_CONTENT)


def batch_digest(digests: list[str]) -> str:
    """One digest over many rows, whatever order they come in."""
    return sha256("".join(sorted(digests)))


def head() -> tuple[int, str]:
    """Sequence and hash of the last event; (0, sixty-four zeros) in an empty ledger."""
    last = Event.objects.order_by("-sequence").values_list("sequence", "hash").first()
    return last or (0, GENESIS)


def verify() -> Verdict:
    """Whether every event follows from the one before, every row is as it was written, and the guards stand."""
    absent = triggers.missing(connection)
    count, fault = _verify_events()
    if fault is None:
        fault = _verify_rows(count) or _verify_versions(count) or _verify_bodies(count)
    if fault is not None:
        return Verdict(False, count, fault[1], fault[0])
    if absent:
        return Verdict(
            False, count, f"数据库缺少 {len(absent)} 个防改触发器（{absent[0]} 等）；运行 jiqun upgrade 恢复"
        )
    return Verdict(True, count)


def _verify_events() -> tuple[int, tuple[int, str] | None]:
    previous, expected = GENESIS, 1
    for event in Event.objects.order_by("sequence").iterator(chunk_size=2000):
        if event.sequence != expected:
            return expected - 1, (event.sequence, f"事件 {expected} 缺失，其后为 {event.sequence}")
        if event.previous_hash != previous:
            return expected - 1, (event.sequence, f"事件 {event.sequence} 与上一事件不相接")
        if hash_of(event) != event.hash:
            return expected - 1, (event.sequence, f"事件 {event.sequence} 的内容被改动过")
        previous, expected = event.hash, expected + 1
    return expected - 1, None


def _verify_rows(last: int) -> tuple[int, str] | None:
    """What is wrong with the rows of events up to `last`: others may be writing the next ones meanwhile."""
    digests = dict(Document.objects.values_list("id", "digest"))
    written_kinds: tuple[type[Any], ...] = (Document, *stated())
    promised: dict[str, dict[int, dict[str, Any]]] = {str(model._meta.model_name): {} for model in written_kinds}
    for sequence, payload in (
        Event.objects.filter(sequence__lte=last).values_list("sequence", "payload").iterator(chunk_size=2000)
    ):
        for name, written in json.loads(payload).get("written", {}).items():
            promised[name][sequence] = written
    for model in written_kinds:
        name = str(model._meta.model_name)
        for sequence, found in _row_digests(model, digests, last):
            written = promised[name].pop(sequence, {"count": 0, "digest": ""})
            if len(found) != written["count"] or batch_digest(found) != written["digest"]:
                return sequence, f"事件 {sequence} 写入的 {name} 记录与当时不符"
        if promised[name]:
            sequence = min(promised[name])
            return sequence, f"事件 {sequence} 写入的 {name} 记录已不存在"
    return None


def _verify_versions(last: int) -> tuple[int, str] | None:
    """A version ends when the next one begins, and not before: one ended without a next would vanish unseen."""
    for model in stated():
        following = model.objects.filter(key=OuterRef("key"), version=OuterRef("version") + 1)
        ends = model.objects.filter(event_id__lte=last).annotate(
            next_from=Subquery(following.values("recorded_at")[:1])
        )
        wrong = ends.filter(
            Q(superseded_at__isnull=True, next_from__isnull=False)
            | Q(superseded_at__isnull=False, next_from__isnull=True)
            | (Q(superseded_at__isnull=False, next_from__isnull=False) & ~Q(superseded_at=F("next_from")))
        )
        sequence = wrong.order_by("event_id").values_list("event_id", flat=True).first()
        if sequence is not None:
            return sequence, f"事件 {sequence} 写入的 {model._meta.model_name} 记录，失效时间与后一版本不符"
    return None


def _verify_bodies(last: int) -> tuple[int, str] | None:
    """The rows that lists are filtered by say what the statements say."""
    for owner, bodies in ((Target, TargetBody), (Task, TaskBody)):
        name = str(owner._meta.model_name)
        found: dict[int, list[tuple[int, str]]] = {}
        rows = bodies.objects.filter(**{f"{name}__event_id__lte": last})
        for owner_id, *place in rows.values_list(f"{name}_id", "position", "body_id").order_by("position", "id"):
            found.setdefault(owner_id, []).append(tuple(place))
        stated = owner.objects.filter(event_id__lte=last).values_list("id", "event_id", "body_ids").order_by("event_id")
        for owner_id, sequence, body_ids in stated.iterator(chunk_size=2000):
            wanted = [(position, body) for position, body in enumerate(body_ids) if body]
            if found.get(owner_id, []) != wanted:
                return sequence, f"事件 {sequence} 写入的 {name} 记录，责任单位与检索表不符"
    return None


def _row_digests(model: Any, document_digests: dict[int, str], last: int) -> Iterator[tuple[int, list[str]]]:
    """(event sequence, digests of the rows it wrote), event by event."""
    at: int | None = None
    found: list[str] = []
    for row in model.objects.filter(event_id__lte=last).order_by("event_id").iterator(chunk_size=2000):
        if at is not None and row.event_id != at:
            yield at, found
            found = []
        at = row.event_id
        found.append(content_digest(row, document_digests))
    if at is not None:
        yield at, found
