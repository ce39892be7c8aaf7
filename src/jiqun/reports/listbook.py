"""Published lists of titles as a page may see them: those known on its day, of firms within the reader's scope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from jiqun.enterprises.columns import KEY
from jiqun.enterprises.membership import Batch, Kept, Lists
from jiqun.enterprises.spells import granted, spells
from jiqun.model.errors import NotFound
from jiqun.reports.firmbook import AREA, Firmbook
from jiqun.reports.firms import ref_of
from jiqun.reports.view import Ref

HELD = {"pooled": "入库", "cultivated": "培育", "recognised": "认定"}


@dataclass(frozen=True)
class Listbook:
    """`lists`: entries have `firm` besides, the register's name ("" where it has none), and the firm's place of today.

    `ended`: uscc, ended_on of firms that ended, as far as known on the day. Both are within the reader's areas.
    """

    book: Firmbook
    lists: Lists
    ended: pl.DataFrame

    @property
    def on(self) -> date:
        return self.book.view.on

    @property
    def is_invented(self) -> bool:
        return self.lists.is_invented

    def held(self) -> pl.DataFrame:
        """Every stretch for which a firm was granted something: list_id, held, uscc, from, to, starts, ends."""
        return self.book.kept("list spells", lambda: spells(self.grants()))

    def grants(self) -> pl.DataFrame:
        return granted(self.lists.entries, self.ended)

    def tier(self, list_id: str) -> Ref:
        """The tier that the lists are of; one that the folder no longer has is shown by its id."""
        found = self.book.view.city.tiers.get(list_id)
        return ref_of(found) if found else Ref("", list_id)

    def kept(self, name: str) -> Kept:
        """Raises NotFound for a list that is not there, or not known on the day."""
        for each in self.lists.kept:
            if each.batch.name == name:
                return each
        raise NotFound("这一天没有这份名单，或它已撤回")

    def names(self) -> pl.DataFrame:
        """uscc, firm, area_id of every firm that stands on a list."""
        return self.lists.entries.select(KEY, "firm", AREA).unique(KEY, keep="last", maintain_order=True)


def listed(book: Firmbook) -> Listbook:
    """The lists beside the register of `book`. Raises Forbidden where they may not serve 企业服务."""
    return book.kept("listbook", lambda: _listed(book))


def _listed(book: Firmbook) -> Listbook:
    lists = book.lists
    known = book.answers.select(KEY, firm="name", here=AREA).collect(engine="streaming")
    entries = lists.entries.join(known, on=KEY, how="left", maintain_order="left").with_columns(
        pl.col("firm").fill_null(""), pl.coalesce("here", AREA).alias(AREA)
    )
    if book.areas is not None:
        entries = entries.filter(pl.col(AREA).is_in(sorted(book.areas)))
    return Listbook(
        book, Lists(entries.drop("here"), lists.kept, lists.collected_for, lists.use),
        book.ended,
    )  # fmt: skip


def batch_words(batch: Batch) -> str:
    """2023年认定名单（第1批）: what people call the list."""
    number = "" if batch.number == 1 else f"（第{batch.number}批）"
    return f"{batch.year}年{batch.stage.label}名单{number}"
