"""The chains of a city as what the matcher looks for, and the firms of a register on their links."""

from __future__ import annotations

from collections.abc import Iterable

from jiqun.industry.chains.matching import LinkTerms
from jiqun.packs import City
from jiqun.packs.schema.chains import Chain

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
