"""Why the values of a column cannot be made up, and what to write.

In:       a column, its contract.
Out:      ContractError CT007, to be raised.
Failure:  none.
"""

from ..errors import ContractError
from .values import Column, Contract

SQL = "customProperties: [{{property: synthetic, value: {{sql: {0}}}}}]"


def error(column: Column, contract: Contract) -> ContractError:
    cause, hint = _of_key(column, contract) if column.key or column.unique else _of_any(column)
    place = f"{contract.path}: column {column.name!r}"
    return ContractError("CT007", f"{place}: its values cannot be guessed: {cause}", hint)


def _of_key(column: Column, contract: Contract) -> tuple[str, str]:
    alone = "it is unique" if column.unique else "no time is in the key"
    numbers = f"no two rows may have the same, as {alone}, so they would be numbered"
    cause = f"{numbers}, and a number does not keep its pattern {column.limits.pattern!r}"
    made = SQL.format("\"'S' || _row\"")
    hint = f"leave the pattern out, or write how to make a text from the number of the row, such as {made}"
    helps = "an enum helps where it has enough values" if not column.unique else "neither does an enum"
    return cause, f"{hint}; examples and maxLength do not help, {helps}"


def _of_any(column: Column) -> tuple[str, str]:
    if column.type == "string":
        return "it is text with neither an enum nor examples", "write a few of them, `examples: [one, two]`"
    made = SQL.format("date '2024-01-01' + cast(_row % 365 as integer)")
    return f"it is a {column.type} that is not in the key", f"write how to make one, such as {made}"
