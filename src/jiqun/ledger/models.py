"""The ledger's tables.

Event          one change by one actor, chained to the one before by hash
Document       a file as read, original and reading text
Claim          what a document says, and what a person decided about it
Target         a promise in force            TargetBody       who answers for it, the first leads
Observation    a figure that was reached or published
Task           a numbered work item          TaskBody         who answers for it
Comment        what a department or district says about a task or target
AdoptedLayout  which clusters stand in which areas, as the city adopted it
Run            long work and its result      Account          a user's role and scope
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from jiqun.ledger.statement import AppendOnly, Promised, Statement, Valued
from jiqun.model.claims import Measure


class Event(AppendOnly):
    """A link of the chain; `payload` is canonical JSON and names, with a digest, every row written under it."""

    sequence = models.BigIntegerField(primary_key=True)  # 1, 2, 3 … without a gap
    recorded_at = models.DateTimeField(db_index=True)
    actor = models.CharField(max_length=150)
    action = models.CharField(max_length=64, db_index=True)  # claim.accepted
    subject_type = models.CharField(max_length=32)
    subject_key = models.TextField(default="")
    reason = models.TextField(default="")
    payload = models.TextField(default="{}")
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    def __str__(self) -> str:
        return f"{self.sequence} {self.action} {self.subject_key}"


class Document(AppendOnly):
    """A file as it was read at ingest. The texts are long: `defer("original", "reading", "structure")` in lists."""

    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of the file; its copy is files/<digest>
    name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=128)
    title = models.TextField(default="")
    number = models.CharField(max_length=64, default="")
    issuer = models.CharField(max_length=255, default="")
    issued_on = models.DateField(null=True)
    known_on = models.DateField()  # issued_on; where the document has none, the day of ingest
    is_restatement = models.BooleanField(default=False)  # 演示重述，非原文
    official_source = models.TextField(default="")
    folder_digest = models.CharField(max_length=64)
    original = models.TextField()
    reading = models.TextField()
    structure = models.JSONField(default=dict)  # see ledger.structure
    findings = models.JSONField(default=list)  # of reading and of the first extraction
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar[list[str]] = ["known_on", "id"]

    def __str__(self) -> str:
        return self.title or self.name


class ClaimState(models.TextChoices):
    PROPOSED = "proposed", "待核"
    ACCEPTED = "accepted", "已采纳"
    REJECTED = "rejected", "已否决"


class Claim(Statement, Promised):
    """Key: `digest:start-end` of the number in the original, `#2` and on where one number carries several claims."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="claims")
    state = models.CharField(max_length=16, choices=ClaimState.choices, default=ClaimState.PROPOSED)
    number_start = models.PositiveIntegerField()
    number_end = models.PositiveIntegerField()
    quote_start = models.PositiveIntegerField()
    quote_end = models.PositiveIntegerField()
    kind = models.CharField(max_length=8)
    quote = models.TextField()
    indicator = models.TextField()
    measure = models.CharField(max_length=16)
    area = models.CharField(max_length=128, default="")
    period = models.CharField(max_length=32, default="")
    bodies = models.JSONField(default=list)
    task_number = models.CharField(max_length=64, default="")
    indicator_id = models.CharField(max_length=128, null=True)
    area_id = models.CharField(max_length=128, null=True)
    cluster_id = models.CharField(max_length=128, null=True)
    body_ids = models.JSONField(default=list)  # beside `bodies`, null where unmatched
    confidence = models.FloatField(default=0.0)
    candidates = models.JSONField(default=list)  # [{"id", "score", "evidence"}], best first
    cell = models.TextField(default="")  # 表1 主要指标 第3行“2025年”列; "": of the text
    binding = models.BooleanField(null=True)  # 约束性 True, 预期性 False, None where nothing says so
    doubts = models.JSONField(default=list)  # names in extraction/confidence.yaml of what lowers the confidence
    suggested_by = models.CharField(max_length=128, default="")  # the model that pointed at it; "": found by the rules

    class Meta(Statement.Meta):
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["document", "number_start"], name="claim_place"),
            models.Index(fields=["state", "confidence"], name="claim_queue"),
            models.Index(fields=["indicator_id"], name="claim_indicator"),
        ]


class Standing(models.TextChoices):
    ACTIVE = "active", "有效"
    WITHDRAWN = "withdrawn", "已撤回"


class Target(Statement, Promised):
    """A promise in force. Key: `t:` + claim key, `t:` + event sequence for one entered by hand, parent + `>` + part."""

    annulled: ClassVar[dict[str, str] | None] = {"state": Standing.WITHDRAWN.value}

    state = models.CharField(max_length=16, choices=Standing.choices, default=Standing.ACTIVE)
    claim_key = models.CharField(max_length=255, null=True)
    parent_key = models.CharField(max_length=255, null=True)  # 目标分解
    title = models.TextField(default="")
    indicator_id = models.CharField(max_length=128)
    indicator = models.TextField(default="")  # in the document's words
    area_id = models.CharField(max_length=128, null=True)
    cluster_id = models.CharField(max_length=128, null=True)
    measure = models.CharField(max_length=16, default=Measure.LEVEL.value)
    period = models.CharField(max_length=32, default="")
    deadline = models.DateField(null=True)  # last day of the period
    body_ids = models.JSONField(default=list)  # the first leads
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="targets")

    class Meta(Statement.Meta):
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["indicator_id", "area_id", "deadline"], name="target_subject"),
            models.Index(fields=["claim_key"], name="target_claim"),
            models.Index(fields=["parent_key"], name="target_parent"),
            models.Index(fields=["cluster_id"], name="target_cluster"),
        ]


class TargetBody(AppendOnly):
    """`Target.body_ids` as rows, to filter by; written with the target's version."""

    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="target_bodies")
    body_id = models.CharField(max_length=128, db_index=True)
    position = models.PositiveSmallIntegerField()


class Observation(Statement, Valued):
    """A figure of one period from one source. Key: digest of indicator, area, cluster, period, measure, source."""

    annulled: ClassVar[dict[str, str] | None] = {"state": Standing.WITHDRAWN.value}

    state = models.CharField(max_length=16, choices=Standing.choices, default=Standing.ACTIVE)
    indicator_id = models.CharField(max_length=128)
    area_id = models.CharField(max_length=128)
    cluster_id = models.CharField(max_length=128, null=True)
    period = models.CharField(max_length=32)
    period_start = models.DateField()
    period_end = models.DateField()
    measure = models.CharField(max_length=16, null=True)
    # exact | about | at_least | preliminary | final | revised
    value_kind = models.CharField(max_length=16, default="exact")
    is_preferred = models.BooleanField(default=True)
    source_id = models.CharField(max_length=128, default="")  # in the city folder's sources
    source_title = models.TextField(default="")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="observations")
    claim_key = models.CharField(max_length=255, null=True)
    body_id = models.CharField(max_length=128, null=True)  # who entered it, where a respondent did
    confidence = models.CharField(max_length=8, default="high")
    note = models.TextField(default="")
    round_key = models.CharField(max_length=255, default="")  # the round of a form that it was rolled up from

    class Meta(Statement.Meta):
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["indicator_id", "area_id", "period_end"], name="observation_series"),
            models.Index(fields=["area_id", "period_end"], name="observation_area"),
            models.Index(fields=["claim_key"], name="observation_claim"),
        ]


class TaskState(models.TextChoices):
    OPEN = "open", "进行中"
    DONE = "done", "已办结"
    DROPPED = "dropped", "已取消"


class Task(Statement):
    """A numbered work item; `start` to `end` in the original. Key: `digest:number`."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="tasks")
    state = models.CharField(max_length=16, choices=TaskState.choices, default=TaskState.OPEN)
    number = models.CharField(max_length=64)
    title = models.TextField()
    bodies = models.JSONField(default=list)
    body_ids = models.JSONField(default=list)
    deadline = models.CharField(max_length=32, default="")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    claim_count = models.PositiveIntegerField(default=0)

    class Meta(Statement.Meta):
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["document", "start"], name="task_place")]


class TaskBody(AppendOnly):
    """`Task.body_ids` as rows, to filter by; written with the task's version."""

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="task_bodies")
    body_id = models.CharField(max_length=128, db_index=True)
    position = models.PositiveSmallIntegerField()


class Comment(Statement):
    """What a person says about a task or target; withdrawn, never erased."""

    annulled: ClassVar[dict[str, str] | None] = {"state": Standing.WITHDRAWN.value}

    state = models.CharField(max_length=16, choices=Standing.choices, default=Standing.ACTIVE)
    subject_type = models.CharField(max_length=32)  # task | target
    subject_key = models.CharField(max_length=255)
    body_id = models.CharField(max_length=128, null=True)
    area_id = models.CharField(max_length=128, null=True)
    text = models.TextField()

    class Meta(Statement.Meta):
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["subject_type", "subject_key"], name="comment_subject")
        ]


class AdoptedLayout(Statement):
    """A plan of a layout problem in force from `known_on` until the next is. Key: the id of the layout problem.

    `pairs`: [cluster id, area id], sorted. `trial`: the address of what was tried on the folder's conditions, "" where
    nothing was. `points`, `best_points`: as judged on the day of adoption, and what no plan could exceed, "" unknown.
    """

    annulled: ClassVar[dict[str, str] | None] = {"state": Standing.WITHDRAWN.value}

    state = models.CharField(max_length=16, choices=Standing.choices, default=Standing.ACTIVE)
    catalogue_id = models.CharField(max_length=128)
    pairs = models.JSONField(default=list)
    trial = models.TextField(default="")
    points = models.CharField(max_length=64)
    best_points = models.CharField(max_length=64, default="")
    folder_digest = models.CharField(max_length=64)


class StatedSplit(Statement):
    """In what proportion a cluster is divided between two neighbouring editions, from `known_on` until revised.

    Key: `Division.key`. `parts`: cluster of `to_id` ("" for what is in no cluster) → its share as an exact fraction,
    together one. `indicator_id`, `period`: the series that the proportion is read from, "" where it is not one of ours.
    """

    annulled: ClassVar[dict[str, str] | None] = {"state": Standing.WITHDRAWN.value}

    state = models.CharField(max_length=16, choices=Standing.choices, default=Standing.ACTIVE)
    from_id = models.CharField(max_length=128)
    to_id = models.CharField(max_length=128)
    cluster_id = models.CharField(max_length=128)
    parts = models.JSONField(default=dict)
    indicator_id = models.CharField(max_length=128, default="")
    period = models.CharField(max_length=32, default="")
    source_title = models.TextField(default="")


class RunState(models.TextChoices):
    QUEUED = "queued", "排队"
    RUNNING = "running", "进行中"
    DONE = "done", "完成"
    FAILED = "failed", "失败"
    INTERRUPTED = "interrupted", "中断"  # its process ended before it did


class Run(models.Model):
    """Long work: asked for as a row, done by the worker process, kept with its inputs' digest and its result."""

    kind = models.CharField(max_length=32)
    state = models.CharField(max_length=16, choices=RunState.choices, default=RunState.QUEUED)
    actor = models.CharField(max_length=150)
    folder_digest = models.CharField(max_length=64)
    parameters = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    progress = models.FloatField(default=0.0)  # 0 to 1
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["state", "created_at"], name="run_queue")]


class Role(models.TextChoices):
    CITY_ADMIN = "city_admin", "市级管理员"
    CITY_EDITOR = "city_editor", "市级经办人"
    DEPARTMENT = "department", "责任部门"
    DISTRICT = "district", "县级市（区）"
    RESPONDENT = "respondent", "填报单位"
    VIEWER = "viewer", "只读"
    AUDITOR = "auditor", "审计"


class Account(models.Model):
    """A user's role; `body_id` is the department's scope, `area_id` the district's, park's or town's.

    `respondent_id` is the code of the firm that a respondent fills in for.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="account")
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.VIEWER)
    body_id = models.CharField(max_length=128, null=True, blank=True)
    area_id = models.CharField(max_length=128, null=True, blank=True)
    respondent_id = models.CharField(max_length=128, null=True, blank=True)
    must_change_password = models.BooleanField(default=True)  # a generated password is for the first login only
