"""The tables of forms and dockets.

Round        a form's round of one period, with its days and its cells as they were when it opened
Return       what one respondent owes in a round, and where it stands: small, a version for each step
Submission   what the respondent answered: a version for each time it was sent
DocketItem   a matter of a docket: where it stands and what is written of it, a version for each change
Draft        what it is still writing (the only rows that change in place)
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.db import models

from jiqun.ledger.models import Standing
from jiqun.ledger.statement import Statement

_NO_UNDOING = "报表的事件不能撤销：填报单位可以更正重报，审核单位可以退回"


class RoundState(models.TextChoices):
    OPEN = "open", "填报中"
    LOCKED = "locked", "已锁定"


class Round(Statement):
    """A form's round of one period. Key: `form|period`; `cells` are [key, unit, digits] as they were at its opening."""

    undoing_refused: ClassVar[str] = _NO_UNDOING

    form_id = models.CharField(max_length=128)
    period = models.CharField(max_length=32)
    period_end = models.DateField()
    state = models.CharField(max_length=8, choices=RoundState.choices, default=RoundState.OPEN)
    opens_on = models.DateField()
    due_on = models.DateField()
    locks_on = models.DateField()
    owing = models.PositiveIntegerField()  # how many returns the round asks for, frozen at its opening
    folder_digest = models.CharField(max_length=64)
    cells = models.JSONField(default=list)
    layout_digest = models.CharField(max_length=64)

    class Meta(Statement.Meta):
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["form_id", "period_end"], name="round_series")]


class ReturnState(models.TextChoices):
    DUE = "due", "未报"
    SUBMITTED = "submitted", "审核中"
    RETURNED = "returned", "已退回"
    ACCEPTED = "accepted", "已通过"
    LOCKED = "locked", "已锁定"
    MISSING = "missing", "缺报"


class Return(Statement):
    """What one respondent owes in a round. Key: `form|period|respondent`; `records.transitions` says what may happen.

    `path` are the areas that decide on it, one a level of the form from the lowest, null where a level has none.
    `level` counts the levels that the submission has passed; `turn_area_id` is whose turn it is while it is
    submitted. `submission_version` is the submission on its way, `accepted_version` the last that came through all
    levels; 0 for none.
    """

    undoing_refused: ClassVar[str] = _NO_UNDOING

    round_key = models.CharField(max_length=191)
    respondent_kind = models.CharField(max_length=8)  # firms | areas | bodies
    respondent_id = models.CharField(max_length=128)
    respondent_name = models.CharField(max_length=255)
    area_id = models.CharField(max_length=128, default="")  # where it stands, the lowest area known
    path = models.JSONField(default=list)
    state = models.CharField(max_length=12, choices=ReturnState.choices, default=ReturnState.DUE)
    level = models.PositiveSmallIntegerField(default=0)
    turn_area_id = models.CharField(max_length=128, default="")
    due_on = models.DateField()
    turn_until = models.DateField(null=True)  # the last day the level has for its decision
    submission_version = models.PositiveIntegerField(default=0)
    accepted_version = models.PositiveIntegerField(default=0)
    first_submitted_on = models.DateField(null=True)
    explained = models.PositiveSmallIntegerField(default=0)  # soft checks that the submission explains

    class Meta(Statement.Meta):
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["round_key", "respondent_id"],
                condition=models.Q(superseded_at__isnull=True),
                name="return_roster",
            ),
            models.Index(
                fields=["turn_area_id", "round_key"],
                condition=models.Q(superseded_at__isnull=True, state="submitted"),
                name="return_turn",
            ),
            models.Index(fields=["respondent_id"], name="return_respondent"),
            models.Index(fields=["round_key", "event"], name="return_events"),
        ]

    @property
    def is_late(self) -> bool:
        """Whether its first submission came after it was due."""
        return self.first_submitted_on is not None and self.first_submitted_on > self.due_on


class Submission(Statement):
    """What a respondent answered in a round; key as its return's, a version each time it was sent.

    `cells` is canonical JSON, cell key → the number or words as printed; `steps` the same numbers as whole numbers of
    their last place. What was left empty is in neither. `explanations` maps failed soft checks to the respondent's
    words; `findings` are what the checks said that day. `origin` is where it came from: web, or a file's digest.
    """

    undoing_refused: ClassVar[str] = _NO_UNDOING

    round_key = models.CharField(max_length=191)
    respondent_kind = models.CharField(max_length=8)
    respondent_id = models.CharField(max_length=128)
    layout_digest = models.CharField(max_length=64)
    value_kind = models.CharField(max_length=12, default="preliminary")  # preliminary | revised
    cells = models.TextField(default="{}")
    steps = models.TextField(default="{}")
    explanations = models.JSONField(default=dict)
    findings = models.JSONField(default=list)
    signed = models.JSONField(default=dict)  # 单位负责人, 填表人 … as filled in
    origin = models.CharField(max_length=128, default="web")

    class Meta(Statement.Meta):
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["round_key", "respondent_id"], name="submission_round"),
        ]

    @property
    def printed(self) -> dict[str, str]:
        """Cell key → what was filled in."""
        found: dict[str, str] = json.loads(self.cells)
        return found

    @property
    def amounts(self) -> dict[str, int]:
        """Cell key → the number in steps."""
        found: dict[str, int] = json.loads(self.steps)
        return found


class DocketItem(Statement):
    """One matter of a docket. Key: `docket|number`; what may happen to it is declared (`packs.schema.dockets`).

    `values`: field id → text, id, day or exact number as printed; a list of ids (`bodies`) or of [code, name]
    (`firms`); what is empty is left out. `owner_kind`: body, area, or "" while nobody owns it; `opener_kind`: city,
    body or area. `body_ids`: the bodies it names, the owner first. `since`: the day it came into its state; `due_on`:
    the last day it may stand there. `step` led to this version, "" where fields alone changed. `origin`: web, the
    digest of a table, or what it was opened from. `is_invented`: made up for a demo.
    """

    annulled: ClassVar[dict[str, str] | None] = {"standing": Standing.WITHDRAWN.value}

    docket_id = models.CharField(max_length=128)
    number = models.CharField(max_length=32)
    standing = models.CharField(max_length=16, choices=Standing.choices, default=Standing.ACTIVE)
    state = models.CharField(max_length=64)
    step = models.CharField(max_length=64, default="")
    values = models.JSONField(default=dict)
    owner_kind = models.CharField(max_length=8, default="")
    owner_id = models.CharField(max_length=128, default="")
    opener_kind = models.CharField(max_length=8)
    opener_id = models.CharField(max_length=128, default="")
    body_ids = models.JSONField(default=list)
    since = models.DateField()
    due_on = models.DateField(null=True)
    origin = models.CharField(max_length=255, default="web")
    is_invented = models.BooleanField(default=False)
    folder_digest = models.CharField(max_length=64)

    class Meta(Statement.Meta):
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["docket_id", "state"], condition=models.Q(superseded_at__isnull=True), name="item_docket"
            ),
            models.Index(fields=["docket_id", "number"], name="item_number"),
        ]

    @property
    def area_id(self) -> str | None:
        """The area that owns it, or else opened it."""
        areas = {self.opener_kind: self.opener_id} | {self.owner_kind: self.owner_id}
        return areas.get("area")


class Draft(models.Model):
    """What a respondent is still writing. `token` counts its savings: who saves with an old one is told, not obeyed."""

    key = models.CharField(max_length=255, unique=True)  # its return's
    token = models.PositiveIntegerField(default=0)
    cells = models.JSONField(default=dict)
    explanations = models.JSONField(default=dict)
    signed = models.JSONField(default=dict)
    saved_by = models.CharField(max_length=150)
    saved_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.key} #{self.token}"


def stands(model: type[Any]) -> models.QuerySet[Any]:
    """The rows of a kind of statement that hold now."""
    rows: models.QuerySet[Any] = model.objects.filter(superseded_at__isnull=True)
    return rows
