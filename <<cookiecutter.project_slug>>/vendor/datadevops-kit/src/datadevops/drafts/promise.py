"""The contract of the predictions, as those of features and labels ask for it.

In:       the contracts of features and labels; who the product is; what its objectives keep.
Out:      the text of the contract file.
Failure:  ContractError ML010 (features and labels do not agree).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..contract import target
from ..contract.target import Target
from ..contract.values import Contract
from ..product import Product
from . import page

DRAFTED = (
    "# Drafted from features.yaml and labels.yaml. `contract check` names what people have not decided yet."
)
THRESHOLD = page.rule(
    "decision_follows_threshold",
    "The decision is yes if the probability reaches the threshold, else no.",
    "SELECT COUNT(*) FROM ${object} WHERE decision <> (probability >= threshold)",
)
ROW = "One row is the forecast for one row of features."
MEANING = {
    "binary": {
        "probability": "Probability of yes, 0 to 1.",
        "threshold": "The decision is yes from this probability on, 0 to 1.",
        "decision": "Whether the probability is at or above the threshold.",
    },
    "classes": {"value": "The most probable class.", "probability": "Its probability, 0 to 1."},
    "regression": {
        "value": "The forecast",
        "low": "In 19 of 20 cases the truth is above",
        "high": "In 19 of 20 cases the truth is below",
    },
}
VERSION = {"logicalTypeOptions": {"pattern": "[0-9a-f]{12}"}, "examples": ["3f2a9c0d1b4e"]}


def text(
    contracts: Mapping[str, Contract],
    product: Product,
    answers: Mapping[str, str],
    promised: Sequence[Mapping[str, Any]],
) -> str:
    """The contract of the predictions of the product; `promised`: its slaProperties."""
    features, labels = contracts["features"], contracts["labels"]
    wanted = target.announced(features, labels)
    purpose = {
        "purpose": answers.get("description") or "TODO: what decision it supports",
        "usage": "TODO: who uses it, and how a forecast becomes a decision",
        "limitations": "TODO: what it was learnt from, and what it must not be used for",
    }
    lines = [
        *page.about("predictions", purpose, product, answers),
        *page.promises(promised),
        *page.table("predictions", ROW, [(page.kept(48), "")], THRESHOLD if wanted.kind == "binary" else ()),
        *page.keys(features),
        *(line for entry in _forecasts(wanted) for line in page.listed(entry)),
    ]
    return page.written([page.PROMISE, DRAFTED], lines)


def _forecasts(wanted: Target) -> Iterator[dict[str, Any]]:
    unit = f", {wanted.unit}" if wanted.unit else ""
    for name, type_ in wanted.columns.items():
        meaning = MEANING[wanted.kind].get(name, "Probability of that class, 0 to 1.")
        about = f"{meaning}{unit}." if wanted.kind == "regression" else meaning
        entry: dict[str, Any] = {"name": name, "description": about, "logicalType": type_, "required": True}
        if name == "model_version":
            entry |= {"description": "The version of the model that answered."} | VERSION
        elif name == "value" and wanted.classes:
            entry["enum"] = [{"value": each} for each in wanted.classes]
        elif name == "decision":
            entry["customProperties"] = [_made_up("probability >= threshold")]
        elif wanted.kind != "regression":
            entry["logicalTypeOptions"] = {"minimum": 0, "maximum": 1}
        else:
            ends = {"minimum": wanted.minimum, "maximum": wanted.maximum}
            if ends := {end: value for end, value in ends.items() if value is not None}:
                entry["logicalTypeOptions"] = ends
            if name != "value":
                entry["customProperties"] = [_made_up("value")]
        yield entry


def _made_up(sql: str) -> dict[str, Any]:
    return {"property": "synthetic", "value": {"sql": sql}}
