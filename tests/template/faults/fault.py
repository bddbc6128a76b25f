"""One fault: what somebody did, the gate that must see it, and by which words."""

from dataclasses import dataclass, field

from breaking import Break
from breaks import BREAKS

SRC = "src/rain_forecast"
KIT = "vendor/datadevops-kit/src/datadevops"
FEATURES, LABELS = f"{SRC}/transforms/features.sql", f"{SRC}/transforms/labels.sql"


@dataclass(frozen=True)
class Fault:
    title: str
    gate: str
    says: str  # a regular expression that fits what the gate says
    make: Break
    also: frozenset[str] = field(
        default=frozenset()
    )  # of the gates that are asked each time, those that see it too


def against(title: str, rule: str) -> Fault:
    """The fault that breaks a rule of the checker, as the checker's own tests do."""
    return Fault(title, "review", rule, BREAKS[rule])
