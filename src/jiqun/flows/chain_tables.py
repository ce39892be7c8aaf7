"""A chain that came as tables: looked at beside the one in use, adopted with a reason, taken back.

As with an edition of a catalogue, the folder itself is not written: the chain's file is kept under `files/`, an event
says that it is in use, and the city is its folder with it. Where the maintainers change the folder's own file later,
that one holds again.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from jiqun import packs
from jiqun.flows.catalogues import Adopted
from jiqun.flows.faults import fault, refuse
from jiqun.flows.intake import keep_original
from jiqun.industry.chains import carrying, exchange
from jiqun.industry.chains.differences import Difference, differences
from jiqun.ledger import adopted_chains, store
from jiqun.model.errors import Conflict, NotFound
from jiqun.packs import City
from jiqun.packs.schema.chains import Chain
from jiqun.workspace import Workspace, keep_folder, renew

LARGEST = 64 * 1024**2  # bytes of the tables of a chain
_WHOLE = (".xlsx", ".graphml")
_DIGEST = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class ChainProposal:
    """A chain that fits the folder, with what differs from the one in use; `digest` names its file under `files/`."""

    digest: str
    chain: Chain
    before: Chain | None
    differences: tuple[Difference, ...]
    content: bytes
    city: City  # as it would be


def propose_chain(
    ws: Workspace, files: Mapping[str, bytes], chain_id: str = "", *, new_id: str = "", new_name: str = ""
) -> ChainProposal:
    """What adopting the chain of these tables would do. Its file is kept so that it can be adopted.

    files: name → content: one xlsx or GraphML, or CSV files named as `carrying.csv_files` does; a CSV left out stays as
    chain `chain_id` has it. `new_id`, `new_name`: of a new chain whose tables do not say.
    Raises InputRefused with every fault at its cell, NotFound for no such chain.
    """
    if sum(len(content) for content in files.values()) > LARGEST:
        refuse([fault("too_long", "文件共超过 64 MB", "请分成几条产业链，或用命令行 jiqun chain-import")])
    if chain_id and chain_id not in ws.city.chains:
        raise NotFound("资料夹中没有这条产业链")
    with tempfile.TemporaryDirectory() as directory:
        source = _laid_out(Path(directory), files, ws.city.chains.get(chain_id))
        tables = carrying.read_tables(source)
    if not chain_id:
        tables = exchange.named(tables, new_id, new_name)
    chain = exchange.assembled(tables)
    if chain_id and chain.id != chain_id:
        said = f"表里的产业链编号是“{chain.id}”，不是“{chain_id}”"
        refuse([fault("other_chain", said, "改回编号；要新增一条产业链，请从产业链总页上传")])
    if not chain_id and chain.id in ws.city.chains:
        said = f"产业链“{chain.id}”已经有了"
        refuse([fault("known_chain", said, "要修改它，请从它的表格页上传；要新增，请换一个编号")])
    after = exchange.within(chain, ws.city, tables)
    return _proposal(ws, exchange.as_yaml(chain).encode(), chain, after)


def chain_proposal_kept(ws: Workspace, digest: str) -> ChainProposal:
    """The proposal whose file was kept under this digest. Raises NotFound for none, InputRefused where the folder has
    changed so that it fits no more."""
    file = ws.files / digest
    if not _DIGEST.fullmatch(digest) or not file.is_file():
        raise NotFound("没有这份产业链文件，请重新上传")
    content = file.read_bytes()
    try:
        chain = Chain.model_validate(yaml.safe_load(content))
    except (ValueError, yaml.YAMLError):
        raise NotFound("这不是产业链的文件") from None
    return _proposal(ws, content, chain, packs.amended(ws.city, {adopted_chains.path_of(chain.id): content}))


def adopt_chain(ws: Workspace, digest: str, *, actor: str, reason: str) -> Adopted:
    """The proposed chain in use from now on, by one event that says why.

    Raises InputRefused without a reason, Conflict where nothing would change.
    """
    refuse([] if reason.strip() else [fault("reason", "采用一条产业链要说明理由", "请填写理由")])
    found = chain_proposal_kept(ws, digest)
    if not found.differences:
        raise Conflict("与现在所用的没有差别，不必采用")
    chain_id, path = found.chain.id, adopted_chains.path_of(found.chain.id)
    own = ws.city.read(path) if path in ws.city.paths("chains/") else None
    if own is not None:
        keep_original(ws, hashlib.sha256(own).hexdigest(), own)
    keep_folder(ws.path, found.city)
    with store.recording(adopted_chains.ADOPTED, actor=actor, reason=reason.strip(), clock=ws.clock,
                         subject=("chain", chain_id)) as entry:  # fmt: skip
        held = adopted_chains.adopted().get(chain_id, ())
        tally = {way: sum(one.way == way for one in found.differences) for way in ("added", "changed", "removed")}
        entry.remarks.update(
            file=digest, folder=found.city.digest, before=hashlib.sha256(own).hexdigest() if own is not None else "",
            replaced=held[0].replaced if held else adopted_chains.digest_of(ws.city, chain_id), **tally,
        )  # fmt: skip
    return Adopted(renew(found.city, ws), chain_id, entry.sequence)


def withdraw_chain(ws: Workspace, chain_id: str, *, actor: str, reason: str, adopted: int | None = None) -> Adopted:
    """The last adoption of the chain undone: what was in use before is in use again, and a new event says why.

    `adopted`: the event that must be the last adoption. Raises InputRefused without a reason, or where the rest of the
    folder needs what goes; NotFound for a chain that was not adopted here, Conflict where another was adopted since.
    """
    refuse([] if reason.strip() else [fault("reason", "撤回一条产业链要说明理由", "请填写理由")])
    held = adopted_chains.adopted().get(chain_id, ())
    if not held:
        raise NotFound(f"产业链“{chain_id}”不是在这里采用的")
    if adopted is not None and held[-1].sequence != adopted:
        raise Conflict("之后又采用过这条产业链，请先撤回后来的")
    earlier = held[-2].digest if len(held) > 1 else held[-1].replaced
    after = ws.city
    if adopted_chains.digest_of(ws.city, chain_id) == held[-1].digest:  # else the folder's own file holds already
        content = adopted_chains.kept(ws.files, earlier, chain_id) if earlier else None
        after = packs.amended(ws.city, {adopted_chains.path_of(chain_id): content})
    with store.recording(adopted_chains.WITHDRAWN, actor=actor, reason=reason.strip(), clock=ws.clock,
                         subject=("chain", chain_id)) as entry:  # fmt: skip
        if adopted_chains.adopted().get(chain_id, ()) != held:
            raise Conflict("这条产业链刚被别人采用或撤回，请重新查看")
        entry.remarks.update(adopted=held[-1].sequence, folder=after.digest)
    keep_folder(ws.path, after)
    return Adopted(renew(after, ws), chain_id, entry.sequence)


def _proposal(ws: Workspace, content: bytes, chain: Chain, after: City) -> ChainProposal:
    digest = hashlib.sha256(content).hexdigest()
    keep_original(ws, digest, content)
    before = ws.city.chains.get(chain.id)
    return ChainProposal(digest, chain, before, differences(before, chain), content, after)


def _laid_out(directory: Path, files: Mapping[str, bytes], chain: Chain | None) -> Path:
    """The files where `carrying.read_tables` finds them: one file, or a directory of CSV files."""
    named = {carrying.file_of(Path(name).name): content for name, content in files.items()}
    whole = [name for name in named if Path(name).suffix.lower() in _WHOLE]
    known = {f"{table.id}.csv" for table in exchange.TABLES}
    if not named:
        refuse([fault("no_file", "没有选择文件", "选一个 .xlsx 或 .graphml，或几个 CSV")])
    strange = sorted(set(named) - known - set(whole))
    if strange or (whole and len(named) > 1):
        remedy = f"一个 .xlsx 或 .graphml，或几个 CSV（{'、'.join(sorted(known))}）"
        refuse([fault("files", f"不认得这样的文件：{'、'.join(strange or named)}", remedy)])
    given = named if whole or chain is None else {**carrying.csv_files(chain), **named}
    for name, content in given.items():
        (directory / name).write_bytes(content)
    return directory / whole[0] if whole else directory
