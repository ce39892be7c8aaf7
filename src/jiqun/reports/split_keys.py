"""Split keys that the city stated: which are in force on a day, how they are named, and what was before them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from jiqun.industry.correspondence import SplitKey
from jiqun.ledger import store
from jiqun.ledger.models import Standing, StatedSplit
from jiqun.model.shares import print_share
from jiqun.reports.versions import Spell, spells
from jiqun.reports.view import Ref, View
from jiqun.reports.wording import period_label

OUTSIDE_NAME = "目录外"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a divided cluster; `cluster` is None for what is in no cluster."""

    id: str
    cluster: Ref | None
    share: str

    @property
    def name(self) -> str:
        return self.cluster.name if self.cluster else OUTSIDE_NAME


@dataclass(frozen=True, slots=True)
class KeyUsed:
    """What a recast figure was divided by, in words; a key of the ledger also says of which division it is."""

    said: str
    from_id: str = ""
    to_id: str = ""
    cluster_id: str = ""


@dataclass(frozen=True)
class InForce:
    """A key as recasting takes it, and as pages name it."""

    split: SplitKey
    used: KeyUsed


@dataclass(frozen=True, slots=True)
class Stated:
    """A version of a split key. `until` is its last day, None while it has none."""

    version: int
    since: date
    until: date | None
    recorded_at: datetime
    actor: str
    reason: str
    source: str
    basis: str
    parts: tuple[Part, ...]
    is_withdrawn: bool
    is_in_force: bool
    event: int


def shares_of(row: StatedSplit) -> dict[str, Fraction]:
    return {part: Fraction(share) for part, share in row.parts.items()}


def rows_on(on: date) -> dict[str, StatedSplit]:
    """By division, the key in force on the day."""
    rows = store.as_of(StatedSplit, on).filter(state=Standing.ACTIVE.value).order_by("key")
    return {row.key: row for row in rows}


def keys_on(view: View) -> tuple[InForce, ...]:
    """The keys in force on the page's day, each with the words and the address that name it."""
    return tuple(in_force(view, row, shares_of(row)) for row in rows_on(view.on).values())


def in_force(view: View, row: StatedSplit, shares: Mapping[str, Fraction]) -> InForce:
    said = key_words(view, row.cluster_id, shares, row.indicator_id, row.period)
    said = "；".join(filter(None, (said, row.source_title, f"{row.known_on} 起")))
    return InForce(SplitKey(row.cluster_id, shares, said), KeyUsed(said, row.from_id, row.to_id, row.cluster_id))


def key_words(view: View, cluster_id: str, shares: Mapping[str, Fraction], indicator_id: str, period: str) -> str:
    """软件与信息服务 分劈 61∶39（2023年软件业务收入）: what a key says, without who said it."""
    cluster = view.names.cluster(cluster_id)
    parts = "，".join(f"{part.name} {part.share}" for part in parts_of(view, shares))
    basis = basis_words(view, indicator_id, period)
    return f"{cluster.name if cluster else cluster_id} 分劈为 {parts}" + (f"（按{basis}）" if basis else "")


def basis_words(view: View, indicator_id: str, period: str) -> str:
    """2023年软件业务收入; "" where no series of the ledger is named."""
    return f"{period_label(period)}{view.names.indicator(indicator_id).name}" if indicator_id else ""


def parts_of(view: View, shares: Mapping[str, Fraction]) -> tuple[Part, ...]:
    return tuple(Part(id_, view.names.cluster(id_), share_words(share)) for id_, share in shares.items())


def share_words(share: Fraction) -> str:
    """Exact where two places of a percentage or a short fraction say it, else rounded and marked as that."""
    exact = print_share(share)
    return exact if len(exact) < 8 else f"约{float(share):.2%}"


def history(view: View, key: str) -> tuple[Stated, ...]:
    """Every version known by the page's day, today also those that begin later; the newest first."""
    return tuple(_stated(view, spell) for spell in spells(view, StatedSplit, key))


def _stated(view: View, spell: Spell) -> Stated:
    row = spell.row
    return Stated(
        row.version, row.known_on, spell.until, row.recorded_at, row.actor, row.reason, row.source_title,
        basis_words(view, row.indicator_id, row.period), parts_of(view, shares_of(row)),
        row.state == Standing.WITHDRAWN.value, spell.is_in_force, row.event_id,
    )  # fmt: skip
