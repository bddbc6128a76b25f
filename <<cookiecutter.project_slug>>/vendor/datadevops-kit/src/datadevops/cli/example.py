"""The command that takes the example away with which a product is baked."""

from pathlib import Path

import typer

from ..contract import odcs
from ..errors import for_command
from ..product import Product
from .files import replace_text
from .options import Group, home_of, product_of, settings_of

CONTRACTS = (
    "contracts",
    "of each table that is delivered: `COMMAND new-contract FILE` drafts one",
    "`COMMAND check FILE --contract TABLE` names only rows that really are bad",
)
RUNS = "`COMMAND run` no longer ends with an error CT... or DQ..."
OBJECTIVES = ("objectives", "ops/slo.yaml, then `COMMAND slo render`", "`uv run tox -e ops` is green")
TESTS = (
    "tests",
    "tests/test_product.py checks any product, and says what is missing",
    "`uv run tox` is green",
)
RELEASE = (
    "release",
    "before the first one: tests of your SQL and figures, words for each TODO, which a release refuses",
    "`COMMAND contract check` names none",
)
# Name, what to do, what says that it is done.
OF_SERVICE = (
    CONTRACTS,
    (
        "SQL",
        "transforms/features.sql and labels.sql, and contracts of what they make:"
        " `COMMAND new-contract TABLE` drafts those of features, labels and predictions",
        RUNS,
    ),
    ("model", "model.py: estimator, baselines, limits", '`COMMAND run` prints "gate         passed"'),
    OBJECTIVES,
    (
        "descriptions",
        "`COMMAND describe`, for catalogues",
        "`COMMAND model-card` has filled docs/model-card.md",
    ),
    TESTS,
    RELEASE,
)
OF_DATASET = (
    CONTRACTS,
    (
        "SQL",
        "transforms/TABLE.sql of what you publish; `COMMAND new-contract TABLE --publish` drafts a contract",
        "`COMMAND run` publishes it",
    ),
    OBJECTIVES,
    ("descriptions", "of the product for catalogues", "`COMMAND describe` has written product.odps.yaml"),
    TESTS,
    RELEASE,
)


def remove(context: typer.Context) -> None:
    """Take the example away: contracts, SQL, data, tests, versions, and what the README says of them.

    Nothing is lost: all of it moves to example-removed/, which git ignores. No update brings it back.

    \b
    Example:    COMMAND example remove
    Exit code:  0 removed; 2 there is no example, or example-removed/ has the same files already
    """
    from ..example import removal

    product, settings = product_of(context), settings_of(context)
    done = removal.remove(home_of(context), product.folder, settings.store)
    described = ", ".join(_describe(product, settings.home))
    print(f"moved to {settings.home / removal.REMOVED}, which git ignores: {', '.join(done.moved)}")
    print(f"written anew, the former text is there too: {', '.join(done.written)}")
    print(f"filled in again from the contracts, of which there is none now: {described}")
    if removal.STORE not in done.moved and settings.store.exists():
        print(f"the store {settings.store} may hold versions of the example: move them away")
    print("\nNext, in this order; `COMMAND run` says what is missing:".replace("COMMAND", product.command))
    for number, (name, what, done_when) in enumerate(OF_SERVICE if product.serves else OF_DATASET, 1):
        text = f"{number}. {name:12}  {what}\n   done when  {done_when}"
        print(for_command(text, product.command))


def _describe(product: Product, home: Path) -> list[str]:
    """Write what contracts say, of which there is none now, into the files for catalogues and for people;
    returns the names of these files."""
    from ..catalog import product_file

    written: list[str] = []
    if product_file.faults(product, home):
        replace_text(home / product_file.FILE, product_file.rendered(product, home))
        written.append(product_file.FILE)
    if product.serves:
        from ..models import card

        path = home / card.FILE
        text = path.read_text(encoding="utf-8") if path.exists() else card.new(product)
        text = card.filled(text, card.CONTRACTS, card.of_contracts(odcs.load_all(product.contracts)))
        if card.described(text):
            text = card.filled(text, card.CHAMPION, card.of_champion(None))
        replace_text(path, text)
        written.append(card.FILE.as_posix())
    return written


GROUP: Group = ("The example that the product was baked with.", [remove])
