"""The own gold of tests/extraction/gold as the records the reference scorer reads, made with the text it counts in."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

GOLD = Path(__file__).parent / "gold"
FOLDED = str.maketrans("，：；（）％—", ",:;()%-")


def names() -> list[str]:
    """The documents that have own gold: "002", "003"."""
    return sorted(path.name.split(".")[0] for path in GOLD.glob("*.claims.jsonl"))


def records(name: str, documents: Path) -> tuple[str, list[dict[str, Any]], list[dict[str, Any]]]:
    """Text, claims with `quote` and tasks with `title` of document `name` in the folder `documents`.

    Raises ValueError where the file is not the one the offsets count in.
    """
    path = next(documents.glob(f"{name}*.txt"))
    data = path.read_bytes()
    if f"{hashlib.sha256(data).hexdigest()}  {path.name}" not in (GOLD / "SHA256SUMS").read_text("utf-8").splitlines():
        raise ValueError(f"{path.name} is not the text that was marked")
    text = data.decode("utf-8")
    squeezed = squeeze(text)
    claims, tasks = _marks(f"{name}.claims.jsonl"), _marks(f"{name}.tasks.jsonl")
    for claim in claims:
        claim["quote"] = squeezed[slice(*claim.pop("at"))]
        if isinstance(claim["indicator"], list):
            claim["indicator"] = squeezed[slice(*claim["indicator"])]
    for task in tasks:
        task["title"] = squeezed[slice(*task.pop("at"))]
    return text, claims, tasks


def squeeze(text: str) -> str:
    """The text without white space and with folded punctuation, as the reference scorer counts it."""
    return re.sub(r"[\s\ufeff]+", "", text).translate(FOLDED)


def _marks(file: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (GOLD / file).read_text("utf-8").splitlines()]
