"""What every row of the ledger shares: it is written once, and a newer version may take its place.

A statement has two times. `known_on` is the first day the world could know it; `recorded_at` and `superseded_at`
are when this ledger knew it. Nothing is edited and nothing deleted: here by refusing, below by triggers.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar, NoReturn

from django.db import models

from jiqun.model.bounds import Bound, Comparator
from jiqun.model.errors import UsageError
from jiqun.model.units import Unit

LONGEST_NUMBER = 64  # characters, and digits before or after the point
LARGEST_SCALED = 2**63 - 1  # the widest integer column both engines have


def _refuse(*_: object, **__: object) -> NoReturn:
    raise UsageError("账本只追加、不改写：请通过 jiqun.ledger.store 写入新版本")


class AppendOnlyRows(models.QuerySet[Any]):
    """Rows that can be read and, by the store, inserted."""

    update = delete = bulk_update = update_or_create = get_or_create = create = _refuse


class AppendOnly(models.Model):
    """A row inserted with its event by the store and never touched again."""

    objects = AppendOnlyRows.as_manager()

    class Meta:
        abstract = True

    save = delete = _refuse


class Statement(AppendOnly):
    """One version of something the ledger holds to be so; `key` is its identity over all versions.

    `annulled` is what undoing the event that created a thing changes in it; None where that cannot be undone.
    `undoing_refused` says why no event that wrote such rows can be undone; "" where they can.
    """

    annulled: ClassVar[dict[str, str] | None] = None
    undoing_refused: ClassVar[str] = ""

    key = models.CharField(max_length=255)
    version = models.PositiveIntegerField()
    known_on = models.DateField()
    recorded_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)  # null: the version that holds now
    actor = models.CharField(max_length=150)
    reason = models.TextField(default="")
    event = models.ForeignKey("ledger.Event", on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["key", "version"], name="%(class)s_version"),
            models.UniqueConstraint(
                fields=["key"], condition=models.Q(superseded_at__isnull=True), name="%(class)s_current"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} v{self.version}"

    @property
    def is_current(self) -> bool:
        return self.superseded_at is None


class Valued(models.Model):
    """A number as printed, its unit, and the same as an exact integer of the bare unit at the unit's scale.

    `value_scaled` is None where the text is no plain number, would round, or exceeds 64 bits. Values compare by
    it only between rows whose units measure alike.
    """

    value_text = models.CharField(max_length=64)
    unit = models.CharField(max_length=32, default="", blank=True)
    value_scaled = models.BigIntegerField(null=True)

    class Meta:
        abstract = True

    @property
    def value(self) -> Decimal | None:
        return number(self.value_text)

    @property
    def parsed_unit(self) -> Unit:
        return Unit.parse(self.unit)


class Promised(Valued):
    """A number with the way it binds."""

    value_max_text = models.CharField(max_length=64, default="")
    comparator = models.CharField(max_length=8, default=Comparator.EQ.value)
    strict = models.BooleanField(default=False)
    base_value = models.CharField(max_length=64, default="")
    base_period = models.CharField(max_length=32, default="")

    class Meta:
        abstract = True

    @property
    def value_max(self) -> Decimal | None:
        return number(self.value_max_text)

    @property
    def bound(self) -> Bound | None:
        """The promise; None where the printed text is no plain number."""
        value, high = self.value, self.value_max
        comparator = Comparator(self.comparator)
        if value is None or (comparator is Comparator.RANGE) != (high is not None):
            return None
        return Bound(comparator, value, high, self.strict)


def number(text: str) -> Decimal | None:
    """The plain finite number that `text` prints; None for anything else, the empty text included.

    What has more digits than the ledger holds is none: 1E9999999 would be printed on ten million characters.
    """
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    is_printable = value.is_finite() and len(text) <= LONGEST_NUMBER and abs(value.adjusted()) <= LONGEST_NUMBER
    return value if is_printable else None


def scaled(text: str, unit: str) -> int | None:
    """The printed number as the ledger's exact integer; None where it cannot be held exactly in 64 bits."""
    value = number(text)
    if value is None:
        return None
    exact = Unit.parse(unit).scaled(value)
    return exact if exact is not None and abs(exact) <= LARGEST_SCALED else None
