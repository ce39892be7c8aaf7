"""The one way to write the ledger, and the reading of it as of a day.

    with store.recording("target.amended", subject=target, actor="zhang", reason="…", clock=ws.clock) as entry:
        entry.change(target, {"value_text": "230"})

Everything handed to an entry is written in one transaction with one event when the block ends; nothing is, when
it raises. An entry that turns out to change nothing leaves no event. Writers take turns, so sequences have no gap
and `recorded_at` never runs backwards.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import DatabaseError, OperationalError, connection, models, transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.base import ModelState

from jiqun.ledger import chain, inserting
from jiqun.ledger.models import Document, Event, Target, TargetBody, Task, TaskBody
from jiqun.ledger.statement import Statement, Valued, scaled
from jiqun.model.errors import Conflict, EnvironmentFailed, NotFound, UsageError

_CHAIN_LOCK = 0x4A69_7175_6E  # "Jiqun": the advisory lock that PostgreSQL's writers queue at
_BATCH = 1000
_KEYS_LISTED = 1000  # an event over more rows holds their count and digest only; the rows name the event
_KNOWN_FAILURES = {
    "disk is full": "磁盘已满",
    "disk I/O error": "磁盘已满或读写出错",
    "No space left": "磁盘已满",
    "readonly database": "没有写入权限",
    "file is not a database": "账本文件已损坏，请从备份恢复",
    "malformed": "账本文件已损坏，请从备份恢复",
    "FATAL:  database": "数据库服务器上没有这个库，请先用 createdb 建立",
    "FATAL:  role": "数据库服务器上没有这个用户",
    "FATAL:  password": "数据库口令不对",
    "invalid connection option": "数据库地址里有不认识的选项",
    "failed to resolve host": "找不到数据库服务器的主机名",
    "connection failed": "连不上数据库服务器",
    "unable to open": "数据库文件打不开",
    "no such table": "账本是旧版本的，请先运行 jiqun upgrade",
    "no such column": "账本是旧版本的，请先运行 jiqun upgrade",
    "does not exist": "账本是旧版本的或数据库不对，请先运行 jiqun upgrade",
    "is locked": "其他程序正在写入，请稍后再试",
}
_VERSIONING = frozenset({"id", "version", "recorded_at", "superseded_at", "actor", "reason", "event"})


@dataclass
class Entry:
    """What one event will write. A key can be written once per entry."""

    sequence: int
    recorded_at: datetime
    actor: str
    reason: str
    notes: dict[str, Any] = field(default_factory=dict)  # goes into the payload of an event that writes something
    remarks: dict[str, Any] = field(default_factory=dict)  # makes an event by itself: an account was added
    _documents: list[Document] = field(default_factory=list)
    _rows: dict[type[Statement], dict[str, Statement]] = field(default_factory=dict)
    _replaced: dict[type[Statement], list[int]] = field(default_factory=dict)

    def add_document(self, document: Document) -> Document:
        document.recorded_at = self.recorded_at
        document.event_id = self.sequence
        self._documents.append(document)
        return document

    def put(self, rows: Iterable[Statement]) -> int:
        """Write the next version of each row's key, the first where it has none; skip what says nothing new.

        Returns how many rows will be written.
        """
        by_model: dict[type[Statement], dict[str, Statement]] = {}
        for row in rows:
            if by_model.setdefault(type(row), {}).setdefault(row.key, row) is not row:
                raise UsageError(f"同一批中 {row.key} 出现两次")
        written = 0
        for model, fresh in by_model.items():
            standing = current_by_key(model, fresh)
            for key, row in fresh.items():
                before = standing.get(key)
                if before is None or _says_more(row, before):
                    self._write(row, before)
                    written += 1
        return written

    def change(self, row: Statement, changes: Mapping[str, Any]) -> Any:
        """The next version of `row` with some fields changed, to be written; `row` as it stands when none differs.

        Raises Conflict when `row` is no longer the version that holds: somebody else changed it first.
        """
        return self.change_all([row], changes)[0]

    def change_all(self, rows: Sequence[Statement], changes: Mapping[str, Any]) -> list[Any]:
        """As `change`, for rows of one model."""
        if not rows:
            return []
        for name in changes:
            rows[0]._meta.get_field(name)
        standing = _versions(type(rows[0]), [row.key for row in rows])
        fresh: list[Statement] = []
        for row in rows:  # of one version there is one content, so what was read stands for what is kept
            if standing.get(row.key) != row.version:
                raise Conflict("该记录刚被他人修改，请刷新后重试")
            copy = _copy(row)
            for name, value in changes.items():
                setattr(copy, name, value)
            says_more = _says_more(copy, row)
            if says_more:
                self._write(copy, row)
            fresh.append(copy if says_more else row)
        return fresh

    def _write(self, row: Statement, before: Statement | None) -> None:
        rows = self._rows.setdefault(type(row), {})
        if row.key in rows:
            raise UsageError(f"一次变更中 {row.key} 被写了两次")
        row.pk = None
        row.version = before.version + 1 if before else 1
        row.recorded_at, row.superseded_at = self.recorded_at, None
        row.actor, row.reason = self.actor, self.reason
        row.event_id = self.sequence
        if isinstance(row, Valued):
            row.value_scaled = scaled(row.value_text, row.unit)
        rows[row.key] = row
        if before is not None:
            self._replaced.setdefault(type(row), []).append(before.pk)

    @property
    def is_empty(self) -> bool:
        return not (self._documents or any(self._rows.values()) or self.remarks)

    def _written(self) -> dict[str, Any]:
        """What the event's payload says of the rows: count, digest, and keys while they are few."""
        digests = dict(Document.objects.values_list("id", "digest"))
        told: dict[str, Any] = {}
        if self._documents:
            found = [chain.content_digest(document, digests) for document in self._documents]
            keys = [document.digest for document in self._documents]
            told["document"] = {"count": len(found), "digest": chain.batch_digest(found), "keys": keys}
        for model, rows in self._rows.items():
            found = [chain.content_digest(row, digests) for row in rows.values()]
            name = str(model._meta.model_name)
            told[name] = {"count": len(found), "digest": chain.batch_digest(found)}
            if len(rows) <= _KEYS_LISTED:
                told[name]["keys"] = list(rows)
        return told

    def _flush(self, event: Event) -> None:
        for model, replaced in self._replaced.items():
            for start in range(0, len(replaced), _BATCH):
                standing = _plain_rows(model).filter(pk__in=replaced[start : start + _BATCH], superseded_at=None)
                if standing.update(superseded_at=self.recorded_at) != len(replaced[start : start + _BATCH]):
                    raise Conflict("该记录刚被他人修改，请刷新后重试")
        for model in chain.stated():
            rows = list(self._rows.get(model, {}).values())
            inserting.insert(rows)
            _write_bodies(rows)


@contextmanager
def recording(
    action: str,
    *,
    actor: str,
    clock: Callable[[], datetime],
    reason: str = "",
    subject: Statement | Document | tuple[str, str] = ("batch", ""),
) -> Iterator[Entry]:
    """An entry to fill; on leaving the block it and its event stand in the ledger, or nothing does."""
    if not actor:
        raise UsageError("每次变更都要有操作人")
    with _environment(), transaction.atomic():
        _take_turn()
        last = Event.objects.order_by("-sequence").only("sequence", "recorded_at", "hash").first()
        moment = clock()
        entry = Entry(
            sequence=last.sequence + 1 if last else 1,
            recorded_at=max(moment, last.recorded_at) if last else moment,
            actor=actor,
            reason=reason,
        )
        yield entry
        if not entry.is_empty:
            _close(entry, action, subject, last.hash if last else chain.GENESIS)


@contextmanager
def _environment() -> Iterator[None]:
    """A database that cannot write is the environment's fault, said in one line."""
    try:
        yield
    except OperationalError as error:
        raise EnvironmentFailed(f"账本写不进，未作任何改动：{why(error)}") from error


def why(error: DatabaseError) -> str:
    """What keeps the database from working, in words for a person."""
    said = (str(error).splitlines() or ["数据库没有回应"])[0]
    return next((words for sign, words in _KNOWN_FAILURES.items() if sign in said), said)


def _close(entry: Entry, action: str, subject: Any, previous_hash: str) -> None:
    kind, key = subject if isinstance(subject, tuple) else (subject._meta.model_name, _identity(subject))
    event = Event(
        sequence=entry.sequence,
        recorded_at=entry.recorded_at,
        actor=entry.actor,
        action=action,
        subject_type=kind,
        subject_key=key,
        reason=entry.reason,
        previous_hash=previous_hash,
    )
    # documents first: what is written beside them refers to them by row
    # (the event's foreign key is checked at commit)
    Document.objects.bulk_create(entry._documents)
    for rows in entry._rows.values():
        for row in rows.values():
            _settle_document(row)
    event.payload = chain.canonical({**entry.notes, **entry.remarks, "written": entry._written()})
    event.hash = chain.hash_of(event)
    Event.objects.bulk_create([event])
    entry._flush(event)


def as_of(model: type[Any], known_on: date | None = None, recorded_by: datetime | None = None) -> models.QuerySet[Any]:
    """The version of each key that held then: of those recorded by `recorded_by`, the latest known by `known_on`.

    None leaves a time open: with neither, the rows that hold now. Most keys have one version, so the look for a
    later one is made only for rows that have been superseded.
    """
    rows: models.QuerySet[Any] = model.objects.all()
    if known_on is None and recorded_by is None:
        return rows.filter(superseded_at__isnull=True)
    later = model.objects.filter(key=OuterRef("key"), version__gt=OuterRef("version"))
    unsuperseded = Q(superseded_at__isnull=True)
    if recorded_by is not None:
        rows = rows.filter(recorded_at__lte=recorded_by)
        later = later.filter(recorded_at__lte=recorded_by)
        unsuperseded |= Q(superseded_at__gt=recorded_by)
    if known_on is None:
        return rows.filter(unsuperseded)
    later = later.filter(known_on__lte=known_on)
    return rows.filter(known_on__lte=known_on).filter(unsuperseded | ~Exists(later))


def after_event(model: type[Any], sequence: int) -> models.QuerySet[Any]:
    """The version of each key that held when the event of that sequence was written."""
    later = model.objects.filter(key=OuterRef("key"), version__gt=OuterRef("version"), event_id__lte=sequence)
    rows: models.QuerySet[Any] = model.objects.filter(event_id__lte=sequence).filter(
        Q(superseded_at__isnull=True) | ~Exists(later)
    )
    return rows


def current(model: type[Any], key: str) -> Any:
    """The version of `key` that holds now. Raises NotFound for a key the ledger has never seen."""
    row = current_by_key(model, [key]).get(key)
    if row is None:
        raise NotFound(f"账本中没有 {key}")
    return row


def current_by_key(model: type[Any], keys: Iterable[str]) -> dict[str, Any]:
    """The versions that hold now of those keys that the ledger has."""
    wanted = list(keys)
    found: dict[str, Any] = {}
    for start in range(0, len(wanted), _BATCH):
        chunk = model.objects.filter(key__in=wanted[start : start + _BATCH], superseded_at__isnull=True)
        found.update((row.key, row) for row in chunk)
    return found


def _versions(model: type[Any], keys: Iterable[str]) -> dict[str, int]:
    """The version that holds now of those keys that the ledger has."""
    wanted = list(keys)
    found: dict[str, int] = {}
    for start in range(0, len(wanted), _BATCH):
        chunk = model.objects.filter(key__in=wanted[start : start + _BATCH], superseded_at__isnull=True)
        found.update(chunk.values_list("key", "version"))
    return found


def history(model: type[Any], key: str) -> models.QuerySet[Any]:
    """Every version of `key`, oldest first."""
    versions: models.QuerySet[Any] = model.objects.filter(key=key)
    return versions.order_by("version")


def undo(sequence: int, *, actor: str, reason: str, clock: Callable[[], datetime]) -> int:
    """The sequence of a new event that puts back what stood before event `sequence`.

    What the event had created is withdrawn. Raises NotFound for no such event, Conflict when a row it wrote has
    changed since, or is of a kind that cannot be unmade (a document, a claim).
    """
    undone = Event.objects.filter(sequence=sequence).first()
    if undone is None:
        raise NotFound(f"没有第 {sequence} 号事件")
    written = json.loads(undone.payload)["written"]
    if not written:
        raise Conflict("该事件没有改动账本，无可撤销")
    if "document" in written:
        raise Conflict("收录文件不能撤销；请逐条否决其中的事项")
    with recording("event.undone", actor=actor, reason=reason, clock=clock, subject=("event", str(sequence))) as entry:
        entry.notes["undoes"] = sequence
        for model in chain.stated():
            for row in model.objects.filter(event_id=sequence):
                _restore(entry, row)
    return entry.sequence


def _restore(entry: Entry, row: Statement) -> None:
    if row.undoing_refused:
        raise Conflict(row.undoing_refused)
    if row.superseded_at is not None:
        raise Conflict(f"{row.key} 之后又有改动，请先撤销后来的改动")
    if row.version > 1:
        fresh = _copy(type(row).objects.get(key=row.key, version=row.version - 1))
    elif row.annulled is not None:
        fresh = _copy(row)
        for name, value in row.annulled.items():
            setattr(fresh, name, value)
    else:
        raise Conflict("新增的事项不能撤销；请改为否决")
    entry._write(fresh, row)


def _take_turn() -> None:
    """Wait for the other writer; SQLite did so at BEGIN IMMEDIATE."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CHAIN_LOCK])


def _settle_document(row: Statement) -> None:
    """Give a row whose document was inserted a moment ago that document's number."""
    document = row.__dict__["_state"].fields_cache.get("document")
    if document is not None:
        row.document_id = document.pk  # type: ignore[attr-defined]


def _write_bodies(rows: list[Statement]) -> None:
    kinds: tuple[tuple[type[Any], type[Any]], ...] = ((TargetBody, Target), (TaskBody, Task))
    for model, owner in kinds:
        name = str(owner._meta.model_name)
        bodies = [
            model(**{name: row, "body_id": body_id, "position": position})
            for row in rows
            if isinstance(row, owner)
            for position, body_id in enumerate(row.body_ids)
            if body_id
        ]
        model.objects.bulk_create(bodies, batch_size=_BATCH)


def _plain_rows(model: type[Any]) -> models.QuerySet[Any]:
    """The rows without the guard: for the one update the ledger makes."""
    return models.QuerySet(model)


def _copy(row: Statement) -> Statement:
    """What the row says, as a row that is stored nowhere; made bare, for a model's own start looks at every field."""
    fresh = type(row).__new__(type(row))
    fresh._state = ModelState()
    vars(fresh).update({f.attname: f.get_default() if f.name in _VERSIONING else getattr(row, f.attname)
                        for f in row._meta.concrete_fields})  # fmt: skip
    return fresh


def _says_more(row: Statement, before: Statement) -> bool:
    skipped = _VERSIONING | {"value_scaled"}
    return any(
        getattr(row, f.attname) != getattr(before, f.attname)
        for f in row._meta.concrete_fields
        if f.name not in skipped
    )


def _identity(subject: Statement | Document) -> str:
    return subject.digest if isinstance(subject, Document) else subject.key
