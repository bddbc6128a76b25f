"""The commands about all contracts: are they valid, and compatible with the last release?"""

import typer

from ..contract import consumers, odcs, parts, readers, released
from ..errors import RefusedError
from . import upstream
from .options import Group, product_of, settings_of


def check(context: typer.Context) -> None:
    """Check that every contract is valid, and that contracts, consumers and SQL fit together. Reads only.

    \b
    Example:    COMMAND contract check
    Exit code:  0 those that are there are valid; 2 not
    """
    product = product_of(context)
    contracts, declared = odcs.load_all(product.contracts), consumers.load(product.contracts)
    readers.require(declared, contracts)
    missing = [part.path for part in parts.missing(product)]
    if not missing:
        from ..steps import supported  # it needs an engine

        supported.require(product)
    print(f"valid: {', '.join(contracts) or 'none is there'}")
    for contract in contracts.values():
        for line in readers.described(declared, contract):
            print(f"{contract.name} {line}")
    if missing:
        print(f"missing, the next one first: {', '.join(missing)}")


def breaking(context: typer.Context) -> None:
    """Check the contracts for breaking changes since the last release. Reads the tags of git.

    \b
    Example:    COMMAND contract breaking
    Exit code:  0 none; 1 a breaking change; 2 a contract is not valid; 3 git or the tags are missing
    """
    product, home = product_of(context), settings_of(context).home
    if not (tag := released.last_release(home)):
        print("there is no release yet, so nothing is promised")
        return
    declared, found = consumers.load(product.contracts), []
    for each in released.comparisons(tag, product.contracts, home):
        for change in each.broken:
            found.append(f"{each.contract.name}: {change}")
            found += [f"  {line}" for line in readers.who_breaks(declared, each, change)]
    if found:
        text = "\n  ".join([f"contracts break what {tag} promised", *found])
        raise RefusedError(
            "CT012", text, "undo the change, or raise the first number of the contract's version"
        )
    print(f"no breaking changes since {tag}")


GROUP: Group = ("The contracts of the product.", [check, breaking, upstream.upstream])
