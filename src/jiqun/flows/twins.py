"""A person decides whether two firms of the register are one; the register itself stays as it was."""

from __future__ import annotations

from jiqun.enterprises import register, twins
from jiqun.enterprises.twins import Decision, Verdict
from jiqun.flows.faults import fault, refuse
from jiqun.ledger import store
from jiqun.workspace import Workspace


def decide_twins(
    ws: Workspace, codes: tuple[str, str], verdict: Verdict, *, actor: str, kept: str = "", reason: str = "",
    name: str = register.MAIN,
) -> Decision:  # fmt: skip
    """The pair decided; decided again the later holds, `OPEN` takes a decision back.

    The ledger keeps who decided what when and the digest of the decision, no code of a firm. Raises InputRefused
    without a reason, UsageError where `kept` is none of the two.
    """
    book = register.open(ws.path / "registers", name)
    if not reason.strip():
        refuse([fault("reason", "没有写明理由", "请写明依据，例如查过登记系统")])
    one, other = sorted(codes)
    decision = Decision(one, other, verdict, kept if verdict is Verdict.SAME else "", actor, reason, ws.clock())
    with store.recording("twins.decided", actor=actor, reason=reason, clock=ws.clock,
                         subject=("register", name)) as entry:  # fmt: skip
        number, digest = twins.decide(book, decision)
        entry.remarks.update(register=name, number=number, digest=digest, verdict=verdict.value)
    return decision
