"""How far areas reach (四至): a box of longitudes and latitudes around each, rough enough to be told in one line."""

from __future__ import annotations

from pydantic import Field

from jiqun.packs.schema.concept import Sourced


class Extent(Sourced):
    """One row of `extents.csv`: the area lies within these degrees (CGCS2000). A box holds more than its area."""

    area_id: str
    west: float = Field(ge=-180, le=180)
    south: float = Field(ge=-90, le=90)
    east: float = Field(ge=-180, le=180)
    north: float = Field(ge=-90, le=90)

    @property
    def centre(self) -> tuple[float, float]:
        """Longitude and latitude of the middle of the box."""
        return (self.west + self.east) / 2, (self.south + self.north) / 2
