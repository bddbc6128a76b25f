"""The contract of a table that transforms/*.sql make: features, labels, or one on the way to them.

In:       a draft of the rows that the SQL makes; the statements; the contracts of other tables; who the
          product is.
Out:      the text of the contract file.
Failure:  ContractError ML010 (the SQL of labels gives other columns than `label` and `unknown_because` beside
          the key).
"""

from collections.abc import Iterator, Mapping

from ..contract.target import LABEL, QUERY, REASON, RULE
from ..contract.values import Contract
from ..engine.graph import Statement
from ..errors import ContractError
from ..product import Product
from . import meanings, page, rules
from .draft import Draft
from .meanings import Known
from .yaml_text import Line, flow

FEATURES = (
    "# The inputs of the model. Yours: edit it together with transforms/features.sql. Standard: ODCS 3.2"
)
LABELS = """\
# What is predicted. Yours: edit it together with transforms/labels.sql. Standard: ODCS 3.2
# The type of `label` decides the kind of model: boolean is yes or no, a string with an enum is one of these
# classes, a number is a number with a 90 % interval."""
BETWEEN = "# A table between sources and results. Yours: edit it together with its SQL. Standard: ODCS 3.2"
HEADS = {"features": FEATURES, "labels": LABELS}
DRIFT = page.custom("driftLimit", 0.25, "PSI above which a column counts as moved")
ONE_OF_TWO = page.rule(RULE, "Each row has either a label or the reason why it is unknown.", QUERY)
MEANT = "TODO: what it says of a row, and from when on it is known"
WHAT_FOR = {
    "features": {
        "purpose": "The inputs of the model.",
        "usage": "Training, evaluation, requests and scoring in this product.",
    },
    "labels": {"purpose": "What the model learns to predict.", "usage": "Training and evaluation only."},
}
OTHERWISE = {"purpose": "TODO: what the table is for", "usage": "TODO: who may use it, and for what"}
WHY = {
    "name": REASON,
    "description": "Why the label is null.",
    "logicalType": "string",
    "customProperties": [
        {
            "property": "synthetic",
            "value": {"nulls": 0, "sql": f"case when {LABEL} is null then 'not known yet' end"},
        }
    ],
}


def text(
    draft: Draft,
    statements: Mapping[str, Statement],
    contracts: Mapping[str, Contract],
    product: Product,
    answers: Mapping[str, str],
    published: bool,
) -> str:
    """The contract of the table of the draft, which the last of the statements makes; `contracts`: those that
    there are; `published`: whether it is a dataset."""
    name, labels = draft.table, draft.table == "labels"
    drafted = page.DRAFTED.format(origin=f"transforms/{name}.sql", rows=draft.rows)
    head = [HEADS.get(name, page.PROMISE if published else BETWEEN), drafted]
    delivered = sorted({each for one in statements.values() for each in one.reads if each not in statements})
    purpose = {**WHAT_FOR.get(name, OTHERWISE), "limitations": f"Those of {', '.join(delivered)}."}
    if published and answers.get("description"):
        purpose["purpose"] = answers["description"]
    row = "One row is the outcome of one row of features." if labels else page.one_row(draft)
    known = DRIFT if name == "features" else page.kept(10) if published else ""
    taken_over = meanings.of(statements, name, contracts)
    lines = [
        *page.about(name, purpose, product, answers),
        *(page.promises(()) if published else ()),
        *page.table(name, row, [(known, "")] if known else [], ONE_OF_TWO if labels else ()),
        *(
            _of_labels(draft, contracts["features"], taken_over)
            if labels
            else page.columns(draft, taken_over)
        ),
    ]
    return page.written(head, lines)


def _of_labels(draft: Draft, features: Contract, known: Mapping[str, Known]) -> Iterator[Line]:
    key = ", ".join(features.keys)
    beside = {column.name: column for column in draft.columns if column.name not in features.keys}
    if list(beside) != [LABEL, REASON] or set(draft.key) != set(features.keys):
        shown = ", ".join(column.name for column in draft.columns)
        repeated = "" if set(draft.key) == set(features.keys) else f"; no two rows may have the same {key}"
        text = f"transforms/labels.sql gives {shown}"
        hint = (
            f"let it give {key}, {LABEL} and {REASON}: the key of the features, and what is learnt{repeated}"
        )
        others = [name for name in beside if name not in (LABEL, REASON)]
        if LABEL not in beside and len(others) == 1:
            hint = f"{hint}; `{others[0]} as {LABEL}` if that is what is learnt"
        if REASON not in beside:
            hint = f"{hint}; `cast(null as varchar) as {REASON}` if each outcome is known"
        raise ContractError("ML010", text, hint)
    yield from page.keys(features)
    label, seen = beside[LABEL], draft.figures[LABEL]
    yield f"      - name: {LABEL}", ""
    meaning = known.get(LABEL, Known()).meaning or MEANT
    yield f"        description: {flow(meaning)}", ""
    yield f"        logicalType: {label.type}", label.why
    yield from ((f"        {line}", why) for line, why in rules.rules(label, seen, False, False))
    if label.type in ("integer", "number"):
        yield "          # - {property: labelUnit, value: EUR}", "TODO: its unit, then without the first #"
    yield from page.listed(WHY)
