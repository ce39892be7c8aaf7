"""Which areas lie side by side (相邻): what a city knows of its map where it keeps no outlines."""

from __future__ import annotations

from jiqun.packs.schema.concept import Sourced


class NeighbouringAreas(Sourced):
    """One row of `neighbours.csv`: the two share a boundary. Either may stand first; written once."""

    area_id: str
    neighbour_id: str

    @property
    def pair(self) -> frozenset[str]:
        return frozenset((self.area_id, self.neighbour_id))
