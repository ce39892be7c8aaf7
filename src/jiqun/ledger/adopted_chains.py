"""Chains that people adopted in this workspace: which ones the events say, and the city with them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import DatabaseError

from jiqun import packs
from jiqun.ledger.models import Event
from jiqun.model.errors import EnvironmentFailed
from jiqun.packs import City

ADOPTED, WITHDRAWN = "chain.adopted", "chain.withdrawn"


@dataclass(frozen=True)
class AdoptedChain:
    """A chain in use by decision: its file's digest under `files/`, the digest of the folder's own file that it stands
    in for ("" where the folder has none), who decided, and the event that says so."""

    chain_id: str
    digest: str
    replaced: str
    sequence: int
    actor: str
    reason: str
    recorded_at: datetime

    @property
    def path(self) -> str:
        return path_of(self.chain_id)


def path_of(chain_id: str) -> str:
    """Where a chain stands in a folder."""
    return f"chains/{chain_id}.yaml"


def digest_of(city: City, chain_id: str) -> str:
    """SHA-256 of the chain's file in the folder, "" where it has none."""
    path = path_of(chain_id)
    return hashlib.sha256(city.read(path)).hexdigest() if path in city.paths("chains/") else ""


def adopted() -> Mapping[str, tuple[AdoptedChain, ...]]:
    """Chain id → its adoptions in effect, the latest last; none where the ledger has no tables yet."""
    found: dict[str, list[AdoptedChain]] = {}
    try:
        events = list(Event.objects.filter(action__in=(ADOPTED, WITHDRAWN)).order_by("sequence"))
    except DatabaseError:
        return {}
    for event in events:
        held = found.setdefault(event.subject_key, [])
        if event.action == WITHDRAWN:
            held.pop()
            continue
        told = json.loads(event.payload)
        held.append(
            AdoptedChain(event.subject_key, told["file"], told["replaced"], event.sequence, event.actor, event.reason,
                         event.recorded_at)
        )  # fmt: skip
    return {chain_id: tuple(held) for chain_id, held in found.items() if held}


def with_adopted(city: City, files: Path, adoptions: Iterable[AdoptedChain] | None = None) -> City:
    """The city, as its folder says it, with the chains adopted; where the folder's own file has changed since, that
    one holds.

    Raises EnvironmentFailed for a file that is gone or not what was adopted, InputRefused where folder and chain no
    longer fit together.
    """
    latest = [held[-1] for held in adopted().values()] if adoptions is None else list(adoptions)
    wanted = [one for one in latest if digest_of(city, one.chain_id) == one.replaced]
    if not wanted:
        return city
    return packs.amended(city, {one.path: kept(files, one.digest, one.chain_id) for one in wanted})


def kept(files: Path, digest: str, chain_id: str) -> bytes:
    """Raises EnvironmentFailed for a file that is gone or changed."""
    file = files / digest
    content = file.read_bytes() if file.is_file() else b""
    if hashlib.sha256(content).hexdigest() != digest:
        raise EnvironmentFailed(f"已采用的产业链“{chain_id}”的文件缺失或已改动；请从备份恢复 files/{digest}")
    return content
