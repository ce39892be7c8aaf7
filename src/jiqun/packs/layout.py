"""Which files a city folder holds, and which concept each of them lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, get_origin

from jiqun.packs.schema.areas import Area
from jiqun.packs.schema.bodies import Body
from jiqun.packs.schema.chains import Chain
from jiqun.packs.schema.clusters import Catalogue, Membership, Recasting
from jiqun.packs.schema.concept import Concept
from jiqun.packs.schema.dockets import Docket, InventedItem
from jiqun.packs.schema.examples import Example
from jiqun.packs.schema.extents import Extent
from jiqun.packs.schema.forms import Form
from jiqun.packs.schema.indicators import Indicator
from jiqun.packs.schema.industries import Crosswalk, Industry
from jiqun.packs.schema.invented_returns import InventedReturns
from jiqun.packs.schema.invention import Invention
from jiqun.packs.schema.layouts import Layout
from jiqun.packs.schema.neighbours import NeighbouringAreas
from jiqun.packs.schema.registers import Register
from jiqun.packs.schema.settings import CitySettings, Lexicon
from jiqun.packs.schema.sources import Figure, FolderDocument, Source
from jiqun.packs.schema.subsidies import SubsidyScheme
from jiqun.packs.schema.tiers import Ladder, Metric, Tier

# What ids are looked up in, and the word for it in messages.
NAMESPACES = {
    "area": "区划", "body": "机构", "indicator": "指标", "source": "来源", "cluster": "集群", "catalogue": "集群目录",
    "chain": "产业链", "tier": "梯度层级", "metric": "企业数据项", "ladder": "梯度", "industry": "行业代码",
    "document": "文件", "register": "名册", "crosswalk": "对照表", "node": "环节", "subsidy": "补贴政策",
    "form": "报表", "docket": "清单",
    "layout": "布局问题",
}  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """Files matching `pattern` hold one `model` each or, with `key`, a list of them under that key.

    `namespace` and `id_field` say how other files refer to one; None for what nothing refers to.
    """

    pattern: str
    model: type[Concept]
    key: str | None = None
    namespace: str | None = None
    id_field: str = "id"
    is_required: bool = False

    @property
    def is_table(self) -> bool:
        return self.pattern.endswith(".csv")

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self.model.model_fields)

    @property
    def required_columns(self) -> tuple[str, ...]:
        return tuple(name for name, field in self.model.model_fields.items() if field.is_required())

    @property
    def list_columns(self) -> tuple[str, ...]:
        """Columns whose cells hold several items, parted by `|`."""
        fields = self.model.model_fields.items()
        return tuple(name for name, field in fields if get_origin(field.annotation) is tuple)

    def ids(self, raw: Any) -> Iterator[tuple[str, str, tuple[str | int, ...]]]:
        """(namespace, id, path within the entry) of what an entry brings, even if the entry has faults."""
        if not isinstance(raw, Mapping):
            return
        if self.namespace and isinstance(raw.get(self.id_field), str):
            yield self.namespace, raw[self.id_field], (self.id_field,)
        clusters = raw.get("clusters") if self.model is Catalogue else None
        for index, cluster in enumerate(clusters if isinstance(clusters, list) else ()):
            if isinstance(cluster, Mapping) and isinstance(cluster.get("id"), str):
                yield "cluster", cluster["id"], ("clusters", index, "id")


KINDS = (
    Kind("city.yaml", CitySettings, is_required=True),
    Kind("areas.csv", Area, namespace="area", is_required=True),
    Kind("extents.csv", Extent),
    Kind("neighbours.csv", NeighbouringAreas),
    Kind("bodies.csv", Body, namespace="body"),
    Kind("indicators.yaml", Indicator, "indicators", "indicator"),
    Kind("sources.yaml", Source, "sources", "source"),
    Kind("lexicon.yaml", Lexicon),
    Kind("metrics.yaml", Metric, "metrics", "metric"),
    Kind("ladders.yaml", Ladder, "ladders", "ladder"),
    Kind("clusters/*.yaml", Catalogue, namespace="catalogue"),
    Kind("members/*.csv", Membership),
    Kind("recastings.yaml", Recasting, "recastings"),
    Kind("chains/*.yaml", Chain, namespace="chain"),
    Kind("layouts/*.yaml", Layout, namespace="layout"),
    Kind("tiers/*.yaml", Tier, namespace="tier"),
    Kind("registers/*.yaml", Register, namespace="register"),
    Kind("subsidies/*.yaml", SubsidyScheme, namespace="subsidy"),
    Kind("forms/*.yaml", Form, namespace="form"),
    Kind("dockets/*.yaml", Docket, namespace="docket"),
    Kind("invented.yaml", Invention),
    Kind("invented_returns.yaml", InventedReturns),
    Kind("invented_items.yaml", InventedItem, "items"),
    Kind("documents/index.yaml", FolderDocument, "documents", "document", "file"),
    Kind("data/*.csv", Figure),
    Kind("industries.csv", Industry, namespace="industry", id_field="code"),
    Kind("crosswalks/index.yaml", Crosswalk, "crosswalks", "crosswalk"),
    Kind("examples/*.yaml", Example, "examples"),
)

# Read by the rooms that own them (assessment methods), by index, or by people.
ELSEWHERE = (
    "proposals/*.yaml",  # editions of catalogues laid before people, in force nowhere until adopted
    "schemes/*.yaml",
    "README.md",
    "documents/*",
    "crosswalks/*.csv",
    "places.csv",
)
_PATTERNS = (*(kind.pattern for kind in KINDS), *ELSEWHERE)
DIRECTORIES = frozenset(pattern.split("/")[0] for pattern in _PATTERNS if "/" in pattern)


def kind_of(path: str) -> Kind | None:
    """The kind of a file by its path within the folder, `/` between parts; None for files of other rooms."""
    return next((kind for kind in KINDS if _fits(path, kind.pattern)), None)


def is_known(path: str) -> bool:
    """Whether a folder may hold a file of this path."""
    return any(_fits(path, pattern) for pattern in _PATTERNS)


def _fits(path: str, pattern: str) -> bool:
    return path.count("/") == pattern.count("/") and fnmatchcase(path, pattern)
