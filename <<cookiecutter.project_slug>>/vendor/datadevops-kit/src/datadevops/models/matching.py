"""Does a version of the model still match the contracts, which may have changed since it was trained?

In:       a version of the model store; the contract of the features; what is predicted.
Out:      what has changed, as sentences that name the column.
Failure:  ContractError ML008 (the version does not match).
"""

from ..contract.target import LABEL, Target
from ..contract.values import Contract
from ..errors import ContractError
from ..store.versions import Version


def changed(version: Version, features: Contract, target: Target) -> list[str]:
    """What prevents this version from reading any row, or from answering: an input is gone or has other enum
    values; the label is of another kind or has other classes."""
    columns = {column.name: column for column in features.inputs}
    odd = []
    for name, enum in version.facts["inputs"].items():
        if name not in columns:
            odd.append(f"{name} is gone")
        elif list(columns[name].enum) != enum:
            odd.append(f"{name} has other enum values")
    output = version.facts["output"]
    if output["kind"] != target.kind:
        odd.append(f"{LABEL} is of another kind")
    elif output.get("classes", []) != list(target.classes):
        odd.append(f"{LABEL} has other classes")
    return odd


def untried_nulls(version: Version, features: Contract) -> list[str]:
    """The inputs that may be null now, although this version was never tried with nulls in them."""
    inputs = version.facts["inputs"]
    tried = version.facts.get("nullable", inputs)
    return [c.name for c in features.inputs if c.name in inputs and not c.required and c.name not in tried]


def mismatches(version: Version, features: Contract, target: Target) -> list[str]:
    """All that does not match."""
    nulls = [
        f"{name} may be null now, the model does not take nulls" for name in untried_nulls(version, features)
    ]
    return changed(version, features, target) + nulls


def fits(version: Version, features: Contract, target: Target) -> bool:
    return not mismatches(version, features, target)


def require(version: Version, features: Contract, target: Target) -> None:
    """Raise ContractError ML008 if the version does not match."""
    if odd := mismatches(version, features, target):
        text = f"version {version.id} does not fit {features.path.name}: {', '.join(odd)}"
        raise ContractError("ML008", text, "train again, or roll back")
