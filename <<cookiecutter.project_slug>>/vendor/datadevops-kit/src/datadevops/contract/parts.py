"""The parts of a product that its team writes first, in this order, and which of them are missing.

In:       a product.
Out:      the missing parts.
Failure:  ContractError CT024: which are missing, and how to write the first of them.
"""

from typing import NamedTuple

from ..errors import ContractError, counted
from ..product import Product
from .odcs import DATASETS, SOURCES, files

CHECKED = "`COMMAND run` says what comes next"


class Part(NamedTuple):
    path: str  # below the folder of the package
    how: str  # to write it, and what says that it is done


SOURCE = Part(
    f"contracts/{SOURCES}/TABLE.yaml",
    "draft the contract of each table that is delivered, `COMMAND new-contract FILE`; it is done when"
    " `COMMAND check FILE --contract TABLE` names only rows that really are bad",
)
OF_SERVICE = (
    SOURCE,
    Part("transforms/features.sql", "select one row for each case: its key, and what is known at its time"),
    Part("contracts/features.yaml", "`COMMAND new-contract features` drafts it from what the SQL makes"),
    Part(
        "transforms/labels.sql",
        "select the key of the features, label (yes or no, a class, or a number), and unknown_because, which"
        " says why a label is null",
    ),
    Part("contracts/labels.yaml", "`COMMAND new-contract labels` drafts it from what the SQL makes"),
    Part("contracts/predictions.yaml", "`COMMAND new-contract predictions` drafts it from the other two"),
)
SQL = Part("transforms/TABLE.sql", "select the rows that are published")
DATASET = Part(
    f"contracts/{DATASETS}/TABLE.yaml",
    "`COMMAND new-contract TABLE --publish` drafts it from what the SQL makes",
)
OF_DATASET = (
    SOURCE,
    SQL,
    DATASET,
)


def missing(product: Product) -> list[Part]:
    """The parts that are missing, the next one first."""
    folders = {path.parent.name for path in files(product.contracts).values()}
    some = {SOURCE: SOURCES in folders, DATASET: DATASETS in folders}
    some[SQL] = any(product.transforms.glob("*.sql"))
    return [
        part
        for part in (OF_SERVICE if product.serves else OF_DATASET)
        if not (some[part] if part in some else (product.folder / part.path).is_file())
    ]


def require(product: Product) -> None:
    """Raise ContractError CT024 if a part is missing."""
    if found := missing(product):
        lacks = f"{product.folder} lacks {counted(len(found), 'file')}, so the product cannot run yet"
        text = "\n  ".join([lacks, *(part.path for part in found)])
        first, done = found[0], "" if found[0] is SOURCE else f"; then {CHECKED}"
        raise ContractError("CT024", text, f"next is {first.path}: {first.how}{done}")
