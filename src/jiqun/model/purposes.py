"""What data about firms was collected for, and what it may therefore be used for."""

from __future__ import annotations

from enum import StrEnum


class Purpose(StrEnum):
    """`STATISTICAL`: returns under the Statistics Law. `ADMINISTRATIVE`: applications, registrations, certificates.
    `SERVICE`: what firms tell those who visit and help them.
    """

    STATISTICAL = "statistical"
    ADMINISTRATIVE = "administrative"
    SERVICE = "service"

    @property
    def label(self) -> str:
        return {"statistical": "统计", "administrative": "行政管理", "service": "企业服务"}[self.value]

    def may_serve(self, use: Purpose) -> bool:
        """Whether data collected for this purpose may be put to `use`.

        Statistical returns serve statistics alone: the Statistics Law (统计法) bars every other use of what leads
        back to one firm. What a firm registered or applied with may serve administration, statistics and helping it.
        What it told its helpers serves helping it alone, or it would stop telling.
        """
        return use in _USES[self]


_USES = {
    Purpose.STATISTICAL: (Purpose.STATISTICAL,),
    Purpose.ADMINISTRATIVE: (Purpose.ADMINISTRATIVE, Purpose.STATISTICAL, Purpose.SERVICE),
    Purpose.SERVICE: (Purpose.SERVICE,),
}
