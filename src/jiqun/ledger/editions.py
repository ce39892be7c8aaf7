"""Editions of catalogues that people adopted in this workspace: which ones the events say, and the city with them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import DatabaseError

from jiqun import packs
from jiqun.ledger.models import Event
from jiqun.model.errors import EnvironmentFailed
from jiqun.packs import City

ADOPTED, WITHDRAWN = "catalogue.adopted", "catalogue.withdrawn"


@dataclass(frozen=True)
class Adoption:
    """An edition in use by decision: its file's digest under `files/`, who decided, and the event that says so."""

    edition_id: str
    digest: str
    sequence: int
    actor: str
    reason: str
    recorded_at: datetime

    @property
    def path(self) -> str:
        """Where the edition stands in the folder as amended."""
        return f"clusters/{self.edition_id}.yaml"


def adopted() -> tuple[Adoption, ...]:
    """The adoptions in effect, in the order in which they were decided; none where the ledger has no tables yet."""
    found: dict[str, Adoption] = {}
    try:
        events = list(Event.objects.filter(action__in=(ADOPTED, WITHDRAWN)).order_by("sequence"))
    except DatabaseError:
        return ()
    for event in events:
        if event.action == WITHDRAWN:
            found.pop(event.subject_key, None)
            continue
        digest = json.loads(event.payload)["file"]
        found[event.subject_key] = Adoption(
            event.subject_key, digest, event.sequence, event.actor, event.reason, event.recorded_at
        )
    return tuple(found.values())


def with_adopted(city: City, files: Path, adoptions: Iterable[Adoption] | None = None) -> City:
    """The city with the editions adopted; one that its folder has by now is taken from there.

    Raises EnvironmentFailed for a file that is gone or not what was adopted, InputRefused where folder and edition no
    longer fit together.
    """
    known = {catalogue.id for catalogue in city.catalogues}
    wanted = [one for one in (adopted() if adoptions is None else adoptions) if one.edition_id not in known]
    if not wanted:
        return city
    contents: dict[str, bytes] = {}
    for one in wanted:
        file = files / one.digest
        content = file.read_bytes() if file.is_file() else b""
        if hashlib.sha256(content).hexdigest() != one.digest:
            raise EnvironmentFailed(
                f"已采用的集群目录“{one.edition_id}”的文件缺失或已改动；请从备份恢复 files/{one.digest}"
            )
        contents[one.path] = content
    return packs.amended(city, contents)
