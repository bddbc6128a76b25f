"""What a model service predicts. Its kind follows from contracts/labels.yaml alone.

In:       the contracts `features`, `labels` and `predictions` of a product.
Out:      a `Target`.
Failure:  ContractError CT001 (a contract is missing), ML010 (labels.yaml does not say what is predicted, or
          predictions.yaml does not match it: every wrong place).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ..errors import ContractError
from .values import Column, Contract

Kind = Literal["binary", "classes", "regression"]

LABEL, REASON = "label", "unknown_because"
LAST = "last_outcome"  # a column that baselines see beside the features
RESERVED = (LABEL, REASON, LAST, "outcome", "candidate", "forecast")  # no feature may have such a name
RULE = "label_or_reason"
QUERY = f"SELECT COUNT(*) FROM ${{object}} WHERE ({LABEL} IS NULL) = ({REASON} IS NULL)"
ADD_RULE = f"add the rule {{name: {RULE}, type: sql, query: {QUERY}, mustBe: 0}}"


@dataclass(frozen=True)
class Target:
    """What is predicted for each row."""

    kind: Kind
    classes: tuple[str, ...] = ()  # of kind classes: the values, in the order of the contract
    unit: str = ""  # of a number
    minimum: float | None = None  # of a number: no forecast is below it
    maximum: float | None = None

    @property
    def probability_columns(self) -> list[str]:
        """Of kind classes: the column of each class in the predictions."""
        return [f"probability_{re.sub('[^a-z0-9]+', '_', word.lower())}" for word in self.classes]

    @property
    def columns(self) -> dict[str, str]:
        """Column of the predictions -> its logicalType, beside the key."""
        number, version = "number", {"model_version": "string"}
        if self.kind == "binary":
            return {"probability": number, "threshold": number, "decision": "boolean"} | version
        if self.kind == "classes":
            each = dict.fromkeys(self.probability_columns, number)
            return {"value": "string", "probability": number} | each | version
        return {"value": number, "low": number, "high": number} | version


def of(contracts: Mapping[str, Contract]) -> Target:
    """The target of the product with these contracts."""
    for name in ("features", "labels", "predictions"):
        if name not in contracts:
            text = f"contracts/{name}.yaml is missing"
            raise ContractError("CT001", text, f"`COMMAND new-contract {name}` drafts it")
    features, labels, predictions = (contracts[name] for name in ("features", "labels", "predictions"))
    target = announced(features, labels)
    _refuse(f"{predictions.path}: {fault}" for fault in _prediction_faults(predictions, features, target))
    return target


def announced(features: Contract, labels: Contract) -> Target:
    """What these two contracts say is predicted."""
    _refuse(
        [
            *(f"{labels.path}: {fault}" for fault in _label_faults(labels, features)),
            *(f"{features.path}: {fault}" for fault in _feature_faults(features)),
        ]
    )
    return _target(labels)


def _refuse(faults: Iterable[str]) -> None:
    if found := list(faults):
        text = "\n  ".join(["the contracts do not agree on what is predicted", *found])
        raise ContractError("ML010", text, "correct these places; `COMMAND explain ML010` lists the columns")


def _target(labels: Contract) -> Target:
    label = _column(labels, LABEL)
    if label.type == "boolean":
        return Target("binary")
    if label.type == "string":
        return Target("classes", label.enum)
    return Target("regression", (), label.label_unit, label.limits.minimum, label.limits.maximum)


def _column(contract: Contract, name: str) -> Column:
    return next(column for column in contract.columns if column.name == name)


def _types(columns: Sequence[Column]) -> dict[str, str]:
    return {column.name: column.type for column in columns}


def _label_faults(labels: Contract, features: Contract) -> Iterator[str]:
    yield from _key_faults(labels, features)
    if list(_types(labels.measures)) != [LABEL, REASON]:
        beside = ", ".join(_types(labels.measures)) or "none"
        yield f"its columns beside the key are {LABEL} and {REASON}, not {beside}"
        return
    label, reason = labels.measures
    if label.type in ("date", "timestamp"):
        yield f"{LABEL} is a {label.type}; make it a boolean, a string with an enum, or a number"
    elif label.type == "string" and len(label.enum) < 2:
        yield f"{LABEL} is text; list its classes, at least two, as its enum; or cast it, for a number"
    elif label.type in ("number", "integer") and label.enum:
        yield f"{LABEL} is a number with an enum; make it a string for classes, or remove the enum"
    elif label.type == "string" and len(set(Target("classes", label.enum).probability_columns)) < len(
        label.enum
    ):
        yield f"two classes differ only in case or signs: {', '.join(label.enum)}; rename one"
    if reason.type != "string":
        yield f"{REASON} is {reason.type}; make it a string"
    yield from (f"{name} is required; a row has one of the two" for name in _required(labels.measures))
    written = {rule.name: " ".join(rule.query.split()).rstrip(" ;").lower() for rule in labels.rules("sql")}
    if written.get(RULE) != QUERY.lower():
        yield ADD_RULE


def _feature_faults(features: Contract) -> Iterator[str]:
    yield from (f"{name!r} is a reserved name" for name in features.sql_types if name in RESERVED)
    if not features.keys:
        yield "it has no key; mark the columns that say what one row is one of: `primaryKey: true`"
    if not features.inputs:
        yield "it has no input; each column beside the key is one"
    times = [column.name for column in features.columns if column.key and column.type == "timestamp"]
    if len(times) > 1:
        yield f"its key has several times, {', '.join(times)}; keep the one at which the row was true"


def _required(columns: Sequence[Column]) -> list[str]:
    return [column.name for column in columns if column.required]


def _key_faults(contract: Contract, features: Contract) -> Iterator[str]:
    own, wanted = (_types([c for c in each.columns if c.key]) for each in (contract, features))
    if own != wanted:
        shown = ", ".join(f"{name} ({kind})" for name, kind in wanted.items()) or "none"
        yield f"its key must be that of the features: {shown}"


def _prediction_faults(predictions: Contract, features: Contract, target: Target) -> Iterator[str]:
    yield from _key_faults(predictions, features)
    own, wanted = _types(predictions.measures), target.columns
    about = f"predictions of kind {target.kind}"
    yield from (f"{name} is missing; {about} have it, a {wanted[name]}" for name in wanted if name not in own)
    yield from (f"{name} is unknown; {about} have {', '.join(wanted)}" for name in own if name not in wanted)
    for column in predictions.measures:
        if column.name in wanted and column.type != wanted[column.name]:
            yield f"{column.name} is {column.type}; make it {wanted[column.name]}"
        elif column.name in wanted and not column.required:
            yield f"{column.name} is never null; write `required: true`"
        if column.name == "value" and column.enum != target.classes:
            yield f"the enum of value must be that of {LABEL}: {', '.join(target.classes) or 'none'}"
