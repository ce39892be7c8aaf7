"""Why the register's own word about a title and the lists that gave it are two numbers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import polars as pl

from jiqun.enterprises.columns import KEY
from jiqun.enterprises.spells import End
from jiqun.reports.firmbook import Firmbook
from jiqun.reports.listbook import listed

ENDED = {
    End.LAPSED: "名单上的有效期已到期", End.REVOKED: "名单上已取消", End.GONE: "企业已注销、迁出或并入",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Holders:
    """Firms of the latest snapshot: `said` to hold a title by the register, `held` on the day of the pages.

    `ended`: in words why lists speak against the register, and of how many; `added`: firms that only lists name.
    """

    said: int
    held: int
    ended: tuple[tuple[str, int], ...]
    added: int


def holders(book: Firmbook, tier_id: str) -> Holders:
    """Said − ended + added = held, within the reader's areas."""
    return book.kept(f"holders {tier_id}", lambda: _holders(book, tier_id))


def _holders(book: Firmbook, tier_id: str) -> Holders:
    has = pl.col("titles").list.contains(tier_id).fill_null(False)
    said, held = (set(rows.filter(has).select(KEY).collect()[KEY]) for rows in (book.answers, book.rows))
    lost = said - held
    whole = listed(book).held().filter(pl.col(KEY).is_in(sorted(lost)), list_id=tier_id, held="recognised")
    ends = dict(whole.filter(pl.col("from") <= book.on).sort("from").select(KEY, "ends").iter_rows())
    # a list that strikes off speaks also of a firm that no list ever let in
    why = Counter(ENDED.get(End(ends.get(code) or End.REVOKED), ENDED[End.LAPSED]) for code in lost)
    return Holders(len(said), len(held), tuple((words, why[words]) for words in ENDED.values() if why[words]),
                   len(held - said))  # fmt: skip
