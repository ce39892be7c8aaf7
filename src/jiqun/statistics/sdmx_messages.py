"""SDMX-ML 2.1 data and SDMX structures by pysdmx; imported by `sdmx` only when one of them is asked for."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from pysdmx.errors import PysdmxError
from pysdmx.io import read_sdmx, write_sdmx
from pysdmx.io.format import Format
from pysdmx.io.pd import PandasDataset
from pysdmx.model import (
    Code,
    Codelist,
    Component,
    Components,
    Concept,
    ConceptScheme,
    Dataflow,
    DataStructureDefinition,
    DataType,
    ItemReference,
    Role,
)  # fmt: skip

from jiqun.packs.city import City
from jiqun.statistics import sdmx

_SCHEME = "CS_FIGURES"


def definition(city: City) -> tuple[list[Codelist], ConceptScheme, DataStructureDefinition]:
    """Code lists, concepts and the data structure of figures."""
    lists = [_list(one) for one in sdmx.code_lists(city)]
    by_id = {one.id: one for one in lists}
    about = sdmx.DIMENSIONS | {"OBS_VALUE": ("value", "数值", "")} | sdmx.ATTRIBUTES
    concepts = [Concept(id=id_, name=name, dtype=DataType.STRING) for id_, (_, name, _) in about.items()]
    scheme = ConceptScheme(id=_SCHEME, agency=sdmx.AGENCY, version=sdmx.VERSION, name="数据的概念", items=concepts)
    components = [_component(id_, by_id.get(codes)) for id_, (_, _, codes) in about.items()]
    structure = DataStructureDefinition(
        id=sdmx.FLOW, agency=sdmx.AGENCY, version=sdmx.VERSION, name="指标数据", components=Components(components)
    )
    return lists, scheme, structure


def _list(one: sdmx.CodeList) -> Codelist:
    codes = [Code(id=id_, name=name) for id_, name in one.codes.items()]
    return Codelist(id=one.id, agency=sdmx.AGENCY, version=sdmx.VERSION, name=one.name, items=codes)


def _component(id_: str, codes: Codelist | None) -> Component:
    role = Role.DIMENSION if id_ in sdmx.DIMENSIONS else Role.ATTRIBUTE if id_ in sdmx.ATTRIBUTES else Role.MEASURE
    return Component(
        id=id_,
        required=True,
        role=role,
        concept=ItemReference("Concept", sdmx.AGENCY, _SCHEME, sdmx.VERSION, id_),
        local_dtype=DataType.PERIOD if id_ == "TIME_PERIOD" else DataType.STRING,
        local_codes=codes,
        local_enum_ref=f"urn:sdmx:org.sdmx.infomodel.codelist.{codes.short_urn}" if codes else None,
        attachment_level="O" if role is Role.ATTRIBUTE else None,
    )


def structure(city: City, how: sdmx.StructureFormat) -> str:
    lists, scheme, found = definition(city)
    flow = Dataflow(id=sdmx.FLOW, agency=sdmx.AGENCY, version=sdmx.VERSION, name="指标数据", structure=found)
    form = Format.STRUCTURE_SDMX_JSON_2_0_0 if how == "json" else Format.STRUCTURE_SDMX_ML_2_1
    message = write_sdmx([*lists, scheme, found, flow], form)
    assert message is not None
    return sdmx.without_empty_groups(message) if how == "json" else message


def write(rows: Sequence[dict[str, str]], city: City) -> str:
    """Generic data: unlike the structure-specific kind it can be read without its structure at hand."""
    columns = [*sdmx.DIMENSIONS, "OBS_VALUE", *sdmx.ATTRIBUTES]
    frame = pd.DataFrame(rows, columns=columns, dtype=str)
    dataset = PandasDataset(structure=definition(city)[2].to_schema(), data=frame)
    message = write_sdmx(dataset, Format.DATA_SDMX_ML_2_1_GEN)
    assert message is not None
    return message


def read(text: str) -> list[dict[str, str]]:
    """Every observation as text, by component. Raises ValueError for what is no SDMX-ML data message."""
    try:
        message = read_sdmx(text)
    except (PysdmxError, SyntaxError) as wrong:  # lxml's errors are errors of syntax
        raise ValueError(str(wrong)) from wrong
    found: list[dict[str, str]] = []
    for dataset in message.data or ():
        if isinstance(dataset, PandasDataset):
            frame = dataset.data.astype(str)
            found += [{str(key): str(value) for key, value in row.items()} for row in frame.to_dict("records")]
    return found
