"""The command that fills the model card of the team."""

import typer

from ..errors import for_command
from .files import replace_text
from .options import home_of, product_of, store_of
from .output import warn


def model_card(context: typer.Context) -> None:
    """Fill docs/model-card.md from the contracts, and from the champion if there is one.

    What the team wrote around the two places stays. A run writes a card too, `model-card.md` in the store.

    \b
    Example:    COMMAND model-card
    Exit code:  0 written, or nothing to change; 2 a contract or the file cannot be used
    """
    from ..contract import odcs, todos
    from ..models import card
    from ..store import aliases

    product, home = product_of(context), home_of(context)
    contracts, path = odcs.load_all(product.contracts), home / card.FILE
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    text = card.filled(before or card.new(product), card.CONTRACTS, card.of_contracts(contracts))
    if champion := aliases.current(store_of(context, "models"), "champion"):
        text = card.filled(text, card.CHAMPION, card.of_champion(champion))
    if text != before:
        replace_text(path, text)
    done = "written" if text != before else "nothing to change"
    about = card.described(text) or f"no model yet: `{product.command} run` makes one"
    print(f"{path}: {done}; it describes {about}")
    if undecided := todos.warning(product.contracts):
        warn(for_command(undecided, product.command))
