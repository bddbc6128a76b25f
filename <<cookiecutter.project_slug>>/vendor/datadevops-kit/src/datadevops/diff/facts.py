"""Each change of contracts on two axes, as facts: what it means for consumers, and what for the stored rows.

In:       the contracts then and now, the declared consumers, an effect for each contract that has changed.
Out:      JSON; whether a change breaks a promise, as the gate decides it.
Failure:  none.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ..contract import readers
from ..contract.changes import Change
from ..contract.compatibility import Comparison
from ..contract.consumers import Consumer
from ..errors import counted
from .effects import Effect

Facts = dict[str, Any]


def facts(
    since: str, changed: Sequence[Comparison], consumers: Sequence[Consumer], effects: Mapping[str, Effect]
) -> Facts:
    """All that has changed since the tag `since`; `effects`: by table."""
    tables = [_of_table(each, consumers, effects[each.contract.name]) for each in changed]
    return {"since": since, "breaking": any(each.broken for each in changed), "tables": tables}


def _of_table(compared: Comparison, consumers: Sequence[Consumer], effect: Effect) -> Facts:
    contract, broken = compared.contract, list(compared.broken)
    changes = [*(each for each in broken if each not in compared.changes), *compared.changes]
    return {
        "table": contract.name,
        "role": _role(compared),
        "was": compared.old.version if compared.old else None,
        "is": compared.new.version if compared.new else None,
        "changes": [
            {
                "change": str(change),
                "kind": change.kind or None,
                "column": change.column or None,
                "verdict": _verdict(compared, change, broken),
                "consumers": readers.who_breaks(consumers, compared, change)
                if change.breaks and compared.is_published
                else [],
                **_of_rows(change, effect),
            }
            for change in changes
        ],
        "readers": list(readers.described(consumers, contract)),
        "rows": asdict(effect),
        "data": list(_together(effect, contract.allowed_bad_ratio)),
    }


def _role(compared: Comparison) -> str:
    if compared.is_published:
        return "promised to consumers"
    if compared.is_sent:
        return "sent by callers"
    return "delivered to this product" if compared.contract.is_source else "used in this product only"


def _verdict(compared: Comparison, change: Change, broken: Sequence[Change]) -> str:
    if not (compared.is_published or compared.is_sent):
        return "internal"
    if change in broken:
        return "breaking"
    return "new major version" if change.breaks else "safe"


def _of_rows(change: Change, effect: Effect) -> Facts:
    """How many stored rows a change sends to quarantine, None if nobody knows; some of them; in words."""
    known = bool(change.rule) and not effect.why_not and not _is_left_out(change, effect)
    return {
        "bad_rows": effect.by_rule.get(change.rule, 0) if known else None,
        "examples": effect.examples.get(change.rule, []),
        "data": _sentence(change, effect),
    }


def _is_left_out(change: Change, effect: Effect) -> bool:
    return change.column in effect.left_out or change.rule in effect.left_out


def _sentence(change: Change, effect: Effect) -> str:
    if effect.why_not:
        return f"not measured: {effect.why_not}"
    if _is_left_out(change, effect):
        return "not measured: the stored rows are from before this change; the next run shows it"
    if not change.rule:
        return "no row is judged otherwise"
    text = f"{_share(effect.by_rule.get(change.rule, 0), effect)} would newly go to quarantine"
    if change.kind == "looser" and (waiting := effect.in_quarantine.get(change.rule)):
        text += f"; {counted(waiting, 'row')} in quarantine for this rule may become good"
    return text


def _share(bad: int, effect: Effect) -> str:
    return f"{bad:,} of {counted(effect.rows, 'row')}"


def _together(effect: Effect, allowed: float) -> Iterator[str]:
    """What the changes of a contract mean together, a line for each finding."""
    if effect.why_not or not (effect.bad or effect.is_refused or effect.failures or effect.is_new):
        return
    yield f"{_share(effect.bad, effect)} of version {effect.version} would newly go to quarantine"
    limit = f"at most {allowed:.2%} of the rows may be bad" if allowed else "no row may be bad"
    if effect.is_refused:
        yield f"a run would refuse them: {limit}"
    elif effect.bad and effect.partitions > 1:
        yield f"a partition that has too many of them would stay as it was: {limit}"
    yield from (f"a run would refuse them: {failure}" for failure in effect.failures)
    if effect.is_new:
        yield "that version was made by the contract as it is now: rows that it refuses are no longer in it"
