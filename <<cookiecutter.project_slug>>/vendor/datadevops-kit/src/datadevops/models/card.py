"""The model card, in Markdown: what the model is for, what it learned from, how good it is, its limits.

In:       contracts; the champion; docs/model-card.md, the team's words around two places to fill.
Out:      the text with both places filled: the same text from the same inputs. A whole card in the store.
Failure:  ContractError ML011 (the file lacks one of the places, or has it twice).
"""

import re
from collections.abc import Mapping
from pathlib import Path

from ..contract import target
from ..contract.target import LABEL
from ..contract.values import Contract
from ..errors import ContractError
from ..product import Product
from ..reports.page import rendered
from ..store.versions import Store, Version

FILE = Path("docs", "model-card.md")
IN_STORE = "model-card.md"
CONTRACTS, CHAMPION = "contracts", "champion"  # the two places
VERSION = re.compile(r"^\| version \| `([0-9a-f]{12})` \|$", re.M)
BEGIN, END = "<!-- {}: `model-card` fills this place -->", "<!-- end of {} -->"
NEW = """\
# {title}: model card

{contracts}

## The model in use

{champion}
"""


def of_contracts(contracts: Mapping[str, Contract]) -> str:
    """What the contracts say about the model."""
    if not {"features", "labels", "predictions"} <= contracts.keys():
        return "Nothing yet: not all contracts of the model are written."
    return rendered(
        "card_contracts.md.j2",
        promise=contracts["predictions"],
        features=contracts["features"],
        label=next(column for column in contracts["labels"].columns if column.name == LABEL),
        sources=[contract for contract in contracts.values() if contract.is_source],
        target=target.of(contracts),
    )


def of_champion(champion: Version | None) -> str:
    """What the champion learned from, and how good it is."""
    if champion is None:
        return "No model is in use yet."
    return rendered("card_champion.md.j2", version=champion.id, **champion.facts)


def new(product: Product) -> str:
    """A card without words of a team, its places still empty."""
    return NEW.format(title=product.title, **{name: _around(name, "") for name in (CONTRACTS, CHAMPION)})


def described(text: str) -> str | None:
    """The version that the text describes; None if it does not describe one yet."""
    found = VERSION.search(_place(text, CHAMPION)[1])
    return found[1] if found else None


def filled(text: str, place: str, content: str) -> str:
    """The text with this content in one of its places. Raises ContractError ML011."""
    found = _place(text, place)
    return text[: found.start()] + _around(place, content.strip("\n") + "\n") + text[found.end() :]


def write(product: Product, store: Path, contracts: Mapping[str, Contract], champion: Version | None) -> Path:
    """Write the card of the champion into the store, where each run does; returns its path."""
    text = filled(new(product), CONTRACTS, of_contracts(contracts))
    text = filled(text, CHAMPION, of_champion(champion))
    path = store / IN_STORE
    with Store(store / "models").locked():
        path.with_suffix(".new").write_text(text, encoding="utf-8")
        path.with_suffix(".new").replace(path)
    return path


def _around(name: str, content: str) -> str:
    return f"{BEGIN.format(name)}\n{content}{END.format(name)}"


def _place(text: str, name: str) -> re.Match[str]:
    begin, end = (re.escape(line.format(name)) for line in (BEGIN, END))
    found = list(re.finditer(rf"^{begin}\n((?:.*\n)*?){end}$", text, re.M))
    if len(found) != 1:
        what = (
            f"{FILE} has {len(found)} places for what `COMMAND model-card` writes about the {name}, not one"
        )
        raise ContractError("ML011", what, f"keep these lines once:\n{_around(name, '')}")
    return found[0]
