"""All rules, in their order.

A rule is a class: its name is the id, its docstring the sentence that must be true, `must` the strictness
from which it is no longer a mere `should`, `remedy` what to do. `check` yields what is wrong, or raises
NotApplicable or NotRun. A new rule is one class in the module of its family, and one line in
tests/breaks.py that breaks it.
"""

from collections.abc import Iterator
from types import ModuleType
from typing import Protocol

from ..repository import Repository
from ..standard import Standard, Strictness
from ..verdict import Finding
from . import (
    contract_rules,
    delivery_rules,
    learning_rules,
    operations_rules,
    ownership_rules,
    promise_rules,
    review_rules,
    security_rules,
    supply_rules,
    template_rules,
    testing_rules,
)


class Rule(Protocol):
    __name__: str
    __doc__: str | None
    must: Strictness | None
    remedy: str

    def check(self, repository: Repository, standard: Standard) -> Iterator[Finding]: ...


def _rules(*modules: ModuleType) -> dict[str, Rule]:
    named = {name: each for module in modules for name, each in vars(module).items() if name.startswith("DD")}
    return dict(sorted(named.items()))


RULES = _rules(
    review_rules,
    ownership_rules,
    contract_rules,
    promise_rules,
    testing_rules,
    delivery_rules,
    template_rules,
    operations_rules,
    security_rules,
    supply_rules,
    learning_rules,
)
