"""The verbs: everything that is done with Jiqun, in the order it happens. Read this first.

1.  A workspace is made for a city's folder, and later opened.          `create_workspace`, `build_demo`
2.  A policy document comes in. Its file is kept, its text read, its numbers found and laid before a person
    as claims; nothing counts yet. A language model, where the workspace's owner named one, may point
    at more; off by default.                                            `ingest`, `reextract`, `suggest`
3.  A person decides on each claim. What is accepted becomes a target, or a figure where the text reports one,
    in the same stroke.                                                 `decide_claim`, `decide_claims_above`
4.  Targets are also entered, amended, withdrawn, and divided among districts and departments.
                                                                        `add_target` … `split_target`
5.  Figures arrive: by hand, from an office's own Excel ledger, from the city's folder.
                                                                        `add_observation`, `import_table` …
6.  A register of firms comes in as dated snapshots, and every tier is judged on every firm of them;
    published lists of titles are decided by people, counted, reconciled, and become figures.
                    `import_firms`, `classify_firms`, `place_firms`, `gather_firms`, `import_list` …
7.  Forms are sent round: opened and locked by the calendar; filled in by their respondents, each its own and nobody
    else's; checked, accepted or returned level by level.                `keep_calendar`, `save_draft`,
                      `submit_return`, `accept_returns`, `give_back_returns`, `deliver_returns`, `publish_round` …
8.  Dockets are kept: items opened, taken over from a table, amended and moved from state to state by whom the
    docket grants it.                 `open_item`, `import_items`, `amend_item`, `move_item`, `withdraw_item`
9.  Whatever was done can be undone, by doing its opposite and saying so.   `undo`
10. On any day, every target is held against the figures known that day.    `assess`
    A register's file is measured without a workspace: where industries gather.  `measure_register`
11. A folder's layout problems are solved: which clusters for which districts, or the clauses that clash.
    A plan that the city decides for is adopted; the next is reckoned from it.
                                                                        `plan_layouts`, `adopt_layout`
12. A proposed edition of the cluster catalogue is looked at, adopted, or taken back.
    Where it divides a cluster, the city states in what proportion, and figures are recast by that.
                                                `propose_catalogue`, `adopt_catalogue`, `state_split_key` …
    So is a chain that came as tables.          `propose_chain`, `adopt_chain`, `withdraw_chain`
13. The workspace is served, backed up, restored, and brought up to date.   `serve`, `backup` …

Every verb that writes takes the workspace, the actor and a reason, and leaves one event; the command line and the
web pages call nothing else. People's faults come back as `InputRefused` with all findings at once.

A verb's room is imported when the verb is first asked for: ledger tables need an open workspace, and the command
line must not wait for them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jiqun.flows.accounts import add_demo_user, add_user, list_users, reset_password
    from jiqun.flows.adopting import adopt_layout, adopted_layouts
    from jiqun.flows.archives import backup, restore
    from jiqun.flows.assessing import assess, progress_record
    from jiqun.flows.catalogues import adopt_catalogue, proposal_kept, propose_catalogue, withdraw_catalogue
    from jiqun.flows.chain_tables import adopt_chain, chain_proposal_kept, propose_chain, withdraw_chain
    from jiqun.flows.chains import place_firms
    from jiqun.flows.claims import decide_claim, decide_claims_above, undo
    from jiqun.flows.cohorts import count_cohorts, record_cohorts
    from jiqun.flows.deliveries import deliver_returns
    from jiqun.flows.docket_tables import export_items, import_items
    from jiqun.flows.dockets import amend_item, move_item, open_item, withdraw_item
    from jiqun.flows.examples import run_examples
    from jiqun.flows.extracting import check_places, delivery, extract_files, figures_table
    from jiqun.flows.figures import add_observation, import_folder_figures, withdraw_observation
    from jiqun.flows.firms import classify_firms, draw_firms, import_firms, withdraw_firms
    from jiqun.flows.gathering import gather_firms, write_gathered
    from jiqun.flows.intake import ingest, ingest_folder_documents, reextract
    from jiqun.flows.layouts import layout_lines, layout_record, layouts_of, plan_layouts
    from jiqun.flows.lists import admit_candidates, decide_list_rows, draw_lists, import_list, withdraw_list
    from jiqun.flows.measuring import measure_register
    from jiqun.flows.publishing import publish_round
    from jiqun.flows.returns import (
        accept_returns,
        examine_return,
        give_back_returns,
        recall_return,
        save_draft,
        submit_return,
    )
    from jiqun.flows.rounds import extend_deadline, keep_calendar, lock_round, open_round, rounds_due
    from jiqun.flows.settling import altered, recovery, settle
    from jiqun.flows.splitting import KeyTyped, division_of, read_shares, state_split_key, withdraw_split_key
    from jiqun.flows.suggesting import document_named, leaving, model_of, suggest
    from jiqun.flows.tables import import_figures, import_table, import_targets
    from jiqun.flows.targets import add_comment, add_target, amend_target, split_target, withdraw_target
    from jiqun.flows.twins import decide_twins
    from jiqun.flows.workspaces import build_demo, create_workspace, require_port, serve, upgrade

_ROOMS = {
    "accounts": ("add_demo_user", "add_user", "list_users", "reset_password"),
    "adopting": ("adopt_layout", "adopted_layouts"),
    "archives": ("backup", "restore"),
    "assessing": ("assess", "progress_record"),
    "chain_tables": ("adopt_chain", "chain_proposal_kept", "propose_chain", "withdraw_chain"),
    "chains": ("place_firms",),
    "catalogues": ("adopt_catalogue", "proposal_kept", "propose_catalogue", "withdraw_catalogue"),
    "claims": ("decide_claim", "decide_claims_above", "undo"),
    "cohorts": ("count_cohorts", "record_cohorts"),
    "deliveries": ("deliver_returns",),
    "docket_tables": ("export_items", "import_items"),
    "dockets": ("amend_item", "move_item", "open_item", "withdraw_item"),
    "examples": ("run_examples",),
    "extracting": ("check_places", "delivery", "extract_files", "figures_table"),
    "figures": ("add_observation", "import_folder_figures", "withdraw_observation"),
    "firms": ("classify_firms", "draw_firms", "import_firms", "withdraw_firms"),
    "gathering": ("gather_firms", "write_gathered"),
    "intake": ("ingest", "ingest_folder_documents", "reextract"),
    "layouts": ("layout_lines", "layout_record", "layouts_of", "plan_layouts"),
    "lists": ("admit_candidates", "decide_list_rows", "draw_lists", "import_list", "withdraw_list"),
    "measuring": ("measure_register",),
    "publishing": ("publish_round",),
    "returns": (
        "accept_returns", "examine_return", "give_back_returns", "recall_return", "save_draft", "submit_return",
    ),
    "rounds": ("extend_deadline", "keep_calendar", "lock_round", "open_round", "rounds_due"),
    "settling": ("altered", "recovery", "settle"),
    "splitting": ("KeyTyped", "division_of", "read_shares", "state_split_key", "withdraw_split_key"),
    "suggesting": ("document_named", "leaving", "model_of", "suggest"),
    "tables": ("import_figures", "import_table", "import_targets"),
    "targets": ("add_comment", "add_target", "amend_target", "split_target", "withdraw_target"),
    "twins": ("decide_twins",),
    "workspaces": ("build_demo", "create_workspace", "require_port", "serve", "upgrade"),
}  # fmt: skip
_ROOM_OF = {verb: room for room, verbs in _ROOMS.items() for verb in verbs}

__all__ = [
    "KeyTyped",
    "accept_returns",
    "add_comment",
    "add_demo_user",
    "add_observation",
    "add_target",
    "add_user",
    "admit_candidates",
    "adopt_catalogue",
    "adopt_chain",
    "adopt_layout",
    "adopted_layouts",
    "altered",
    "amend_item",
    "amend_target",
    "assess",
    "backup",
    "build_demo",
    "chain_proposal_kept",
    "check_places",
    "classify_firms",
    "count_cohorts",
    "create_workspace",
    "decide_claim",
    "decide_claims_above",
    "decide_list_rows",
    "decide_twins",
    "deliver_returns",
    "delivery",
    "division_of",
    "document_named",
    "draw_firms",
    "draw_lists",
    "examine_return",
    "export_items",
    "extend_deadline",
    "extract_files",
    "figures_table",
    "gather_firms",
    "give_back_returns",
    "import_figures",
    "import_firms",
    "import_folder_figures",
    "import_items",
    "import_list",
    "import_table",
    "import_targets",
    "ingest",
    "ingest_folder_documents",
    "keep_calendar",
    "layout_lines",
    "layout_record",
    "layouts_of",
    "leaving",
    "list_users",
    "lock_round",
    "measure_register",
    "model_of",
    "move_item",
    "open_item",
    "open_round",
    "place_firms",
    "plan_layouts",
    "progress_record",
    "proposal_kept",
    "propose_catalogue",
    "propose_chain",
    "publish_round",
    "read_shares",
    "recall_return",
    "record_cohorts",
    "recovery",
    "reextract",
    "require_port",
    "reset_password",
    "restore",
    "rounds_due",
    "run_examples",
    "save_draft",
    "serve",
    "settle",
    "split_target",
    "state_split_key",
    "submit_return",
    "suggest",
    "undo",
    "upgrade",
    "withdraw_catalogue",
    "withdraw_chain",
    "withdraw_firms",
    "withdraw_item",
    "withdraw_list",
    "withdraw_observation",
    "withdraw_split_key",
    "withdraw_target",
    "write_gathered",
]


def __getattr__(name: str) -> Any:
    if name not in _ROOM_OF:
        raise AttributeError(name)
    return getattr(import_module(f"jiqun.flows.{_ROOM_OF[name]}"), name)
