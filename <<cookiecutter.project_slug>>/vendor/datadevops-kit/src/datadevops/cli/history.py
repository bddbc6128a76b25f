"""The commands about all contracts: are they valid, and compatible with the last release?"""

import typer

from ..contract import compatibility, odcs, parts, released
from ..errors import RefusedError
from .options import Group, product_of, settings_of


def check(context: typer.Context) -> None:
    """Check that every contract is valid, and that they and the SQL fit together. Reads only.

    \b
    Example:    COMMAND contract check
    Exit code:  0 those that are there are valid; 2 not
    """
    product = product_of(context)
    contracts = odcs.load_all(product.contracts)
    missing = [part.path for part in parts.missing(product)]
    if not missing:
        from ..steps import supported  # it needs an engine

        supported.require(product)
    print(f"valid: {', '.join(contracts) or 'none is there'}")
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
    found = []
    for name, contract in odcs.load_all(product.contracts).items():
        if not (contract.is_published or name == "features"):
            continue
        if old := released.contract_at(tag, contract.path, home):
            changes = compatibility.breaks(old, contract, sent=name == "features")
            found += [f"{name}: {change}" for change in changes]
    if found:
        text = "\n  ".join([f"contracts break what {tag} promised", *found])
        raise RefusedError(
            "CT012", text, "undo the change, or raise the first number of the contract's version"
        )
    print(f"no breaking changes since {tag}")


GROUP: Group = ("The contracts of the product.", [check, breaking])
