"""The commands about all contracts: are they valid, and compatible with the last release?"""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ..contract import consumers, odcs, parts, promises, readers, released, todos
from ..errors import RefusedError, counted
from . import upstream
from .options import Group, product_of, settings_of


class Form(StrEnum):
    text = "text"
    json = "json"
    markdown = "markdown"


def check(context: typer.Context) -> None:
    """Check that every contract is valid, and that contracts, consumers and SQL fit together. Reads only.

    Once no part of the product is missing, it names each TODO that is left; a release refuses them.

    \b
    Example:    COMMAND contract check
    Exit code:  0 those that are there are valid; 1 they are, and a TODO is left; 2 not valid
    """
    product = product_of(context)
    contracts, declared = odcs.load_all(product.contracts), consumers.load(product.contracts)
    readers.require(declared, contracts)
    missing = [part.path for part in parts.missing(product)]
    from ..steps import supported  # it needs an engine

    if missing:
        supported.require_features(product, contracts)
    else:
        supported.require(product)
    print(f"valid: {', '.join(contracts) or 'none is there'}")
    if missing:
        print(f"missing, the next one first: {', '.join(missing)}")
    for contract in contracts.values():
        for line in readers.described(declared, contract):
            print(f"{contract.name} {line}")
        for name in promises.unknown(contract):
            words = (
                "is no word of the standard, so only an objective of that name in ops/slo.yaml measures it"
            )
            print(f"{contract.name} promises {name}, which {words}; there is: {', '.join(promises.KNOWN)}")
    if left := [todo.below(product.folder.parents[1]) for todo in todos.left(product.contracts)]:
        text = f"{counted(len(left), 'TODO')} left in the contracts, for people to decide"
        if not missing:
            hint = "write what is so in place of each; where it is a comment, delete it once that is decided"
            raise RefusedError("CT032", "\n  ".join([text, *left]), hint)
        print(text)


def diff(
    context: typer.Context,
    against: Annotated[str, typer.Option(metavar="TAG", help="Default: the last release.")] = "",
    form: Annotated[Form, typer.Option("--format", help="As people or programs read it.")] = Form.text,
    output: Annotated[
        Path | None, typer.Option(help="Append it to this file, and print it as text too.", dir_okay=False)
    ] = None,
) -> None:
    """Show what has changed in the contracts since a release: for consumers, and for the stored rows.

    Each change is safe, or breaks what was promised; then it says for whom. The changed contract is run on
    the stored rows, and says how many would newly go to quarantine. Reads only.

    \b
    Example:    COMMAND contract diff --against v1.2.0 --format markdown
    Exit code:  0 no breaking change; 1 one without a new major version; 2 wrong usage, or a contract is not
                valid; 3 git or the tags are missing
    """
    product, settings = product_of(context), settings_of(context)
    home = settings.home
    tag = released.tag(home, against) if against else released.last_release(home, product.contracts)
    from ..diff import compared  # it needs an engine

    found = compared.since(product, settings, tag) if tag else compared.NOTHING
    page = json.dumps(found, indent=1) if form == Form.json else compared.page(found, form.value)
    if output:
        with output.open("a", encoding="utf-8") as file:
            file.write(page + "\n")
        page = compared.page(found, "text")
    print(page)
    if broken := compared.broken(found):
        text = "\n  ".join([f"contracts break what {tag} promised", *broken])
        raise RefusedError(
            "CT012", text, "undo the change, or raise the first number of the contract's version"
        )


GROUP: Group = ("The contracts of the product.", [check, diff, upstream.upstream])
