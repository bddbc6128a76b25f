"""The cells of a table as they will be kept, and as they were delivered.

In:       a contract, the types of the table's columns.
Out:      SQL.
"""

from collections.abc import Mapping

from ..contract.kinds import quoted_name
from ..contract.values import Contract
from .files import DAY, WHOLE


def kept_cells(contract: Contract, found: Mapping[str, str]) -> tuple[str, str]:
    """SQL for the cells of a table, each as it will be kept; and SQL that gives them back as delivered.

    Rules judge what is kept: 16.09 in 32 bits is more than 16.09 in 64. Only whole numbers are judged as
    delivered: all types have the same, and one that cannot be kept breaks a limit.
    """
    known = {column.name: column for column in contract.columns if column.type != "integer"}
    cells, delivered, taken = [], [], {name.lower() for name in found}
    for name, type_ in found.items():
        free = f"delivered {name}"
        while free.lower() in taken:
            free += " "
        here, there = quoted_name(name), quoted_name(free)
        if name.lower() == "broken_rules":  # a corrected quarantine file
            continue
        if name in known and type_ != known[name].sql_type:
            cell = WHOLE.format(here) if type_ == "TIMESTAMP_NS" else known[name].cell
            if known[name].type == "date" and type_.startswith("TIMESTAMP"):
                cell = DAY.format(cell if type_ == "TIMESTAMP_NS" else here)
            cells += [f"{here} as {there}", f"{cell} as {here}"]
            delivered.append(f"{there} as {here}")
        else:
            cells.append(here)
            delivered.append(here)
    return ", ".join(cells), ", ".join(delivered)
