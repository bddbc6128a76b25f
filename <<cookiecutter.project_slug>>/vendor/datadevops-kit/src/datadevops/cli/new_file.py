"""The file for a new contract: where it goes, that nothing is written over, and what is left to decide.

In:       a product, the name of a table; a text; decisions.
Out:      the path; the file; lines for people.
Failure:  ContractError CT020 (the name cannot be used, or is).
"""

from collections.abc import Iterable
from pathlib import Path

from ..contract import consumers
from ..contract.kinds import word
from ..contract.odcs import RESERVED
from ..errors import ContractError, counted
from ..product import Product
from ..store import objects

OTHER_NAME = "give another name: `COMMAND new-contract FILE --name TABLE`"


def free(product: Product, table: str) -> Path:
    """The file for a new contract. Raises ContractError CT020 if the name cannot be used, or is."""
    try:
        word(table)
    except ValueError as error:
        raise ContractError("CT020", str(error), OTHER_NAME) from None
    if table in RESERVED:
        text = f"{table!r} is reserved: {', '.join(RESERVED)} are what a product makes"
        hint = f"write transforms/{table}.sql first, and draft from what it makes; or {OTHER_NAME}"
        raise ContractError("CT020", text, hint)
    makers = (*product.contracts.rglob(f"{table}.yaml"), *product.transforms.glob(f"{table}.sql"))
    for maker in (each for each in makers if each.parent.name != consumers.FOLDER):
        raise _taken(maker)
    return product.contracts / "sources" / f"{table}.yaml"


def drafted(target: Path) -> ContractError:
    text = f"there is a contract already: {target}"
    return ContractError("CT020", text, "edit it; or move it aside to have another one drafted")


def _taken(maker: Path) -> ContractError:
    text = f"there is a table {maker.stem!r} already: {maker}"
    return ContractError("CT020", text, f"{OTHER_NAME}, or move that file")


def from_home(place: str, home: Path) -> str:
    """`place` as a contract names it: from the product's folder on, if it is in there."""
    if objects.is_address(place) or not Path(place).is_relative_to(home.absolute()):
        return place
    return Path(place).relative_to(home.absolute()).as_posix()


def write(target: Path, text: str) -> None:
    """Write a new file, whole or not at all. Raises ContractError CT020 if there is one by now."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        file = target.open("x", encoding="utf-8")
    except FileExistsError:
        raise _taken(target) from None
    try:
        with file:
            file.write(text)
    except OSError:  # a full disk
        target.unlink()
        raise


def tell(product: Product, target: Path, rows: int, decisions: Iterable[str], then: str) -> None:
    """Print what a person has to decide about a draft, and the command that is next."""
    print(f"{target}: drafted from {counted(rows, 'row')}, which all keep it. Decide, in this order:\n")
    for number, line in enumerate(decisions, 1):
        print(f"{number:2}. {line}")
    print(f"\nThen: {product.command} {then}")
