"""The chains of a city as what the matcher looks for, and the firms of a register on their links."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

import polars as pl

from jiqun.industry.chains.matching import LinkTerms, Matcher, Weights
from jiqun.packs import City
from jiqun.packs.schema.chains import Chain

FORM = 1  # of the file of placings: a run of another form is no answer
RUN = "place_firms"  # the kind of run that writes it
READ = ("uscc", "industry_code", "leading_product", "business_scope")
_FIRST_SERVICE = 51  # divisions of GB/T 4754 from wholesale on render services


def links_of(city: City, chains: Iterable[Chain] | None = None) -> tuple[LinkTerms, ...]:
    """Every node of the chains (all of the city where None) by its name, products and terms, in folder order."""
    return tuple(
        LinkTerms(
            node.id,
            chain.id,
            (node.name, *node.products, *node.terms),
            node.gb_codes,
            all(int(code[:2]) >= _FIRST_SERVICE for code in node.gb_codes if code[:2].isdigit()),
        )
        for chain in (city.chains.values() if chains is None else chains)
        for node in chain.nodes
    )


def digest_of(city: City) -> str:
    """Of all that decides which links a firm is on: another digest, another placing; another indicator, the same."""
    asked = [(link.id, link.group, link.terms, link.codes, link.is_service) for link in links_of(city)]
    named = _named(city, None).select("uscc", "node_id", "term").rows()
    return hashlib.sha256(json.dumps([FORM, asked, named], ensure_ascii=False).encode()).hexdigest()


PLACED_COLUMNS = {
    "uscc": pl.String(), "chain_id": pl.String(), "node_id": pl.String(), "score": pl.Float64(),
    "is_placed": pl.Boolean(), "basis": pl.String(), "term": pl.String(), "thing": pl.String(), "does": pl.String(),
    "code_fit": pl.String(),
}  # fmt: skip


def place(firms: pl.DataFrame, city: City, weights: Weights = Weights()) -> pl.DataFrame:  # noqa: B008
    """Each firm on each link that it is on, or nearly: the columns `PLACED_COLUMNS`, best first for each firm.

    firms: uscc, industry_code, leading_product, business_scope. basis: "text" by what it says, "named" where a chain
    of the folder names it (score 1). is_placed False: near, with a score from half the threshold on, for a person to
    look at. 主导产品 counts as made; firms that say nothing are placed only where named.
    """
    links = links_of(city)
    product = pl.when(pl.col("leading_product").str.len_chars() > 0).then(pl.col("leading_product") + "的生产；")
    said = firms.select(
        code="uscc", industry_code="industry_code",
        text=pl.concat_str(product.fill_null(""), pl.col("business_scope").fill_null("")),
    )  # fmt: skip
    found = Matcher.of(links, weights).match(said, least=weights.threshold / 2)
    by_text = found.select(
        uscc=said["code"].gather(found["firm"]),
        chain_id=pl.Series([links[at].group for at in found["link"]], dtype=pl.String),
        node_id=pl.Series([links[at].id for at in found["link"]], dtype=pl.String),
        score="score",
        is_placed=pl.col("score") >= weights.threshold,
        basis=pl.lit("text"),
        term="term", thing="thing", does="does", code_fit="code_fit",
    )  # fmt: skip
    named = _named(city, set(firms["uscc"]))
    return (
        pl.concat([named, by_text.select(list(PLACED_COLUMNS))])
        .unique(["uscc", "node_id"], keep="first", maintain_order=True)
        .sort(["uscc", "score", "node_id"], descending=[False, True, False])
    )


def _named(city: City, there: set[str] | None) -> pl.DataFrame:
    """The firms that chains name, of those `there`; None: all."""
    rows = [
        (firm.uscc, chain.id, node.id, 1.0, True, "named", firm.name, "", "make", "")
        for chain in city.chains.values()
        for node in chain.nodes
        for firm in node.firms
        if there is None or firm.uscc in there
    ]
    return pl.DataFrame(rows, schema=PLACED_COLUMNS, orient="row")
