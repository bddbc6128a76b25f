"""Ways to break a product on purpose.

In:       a file of the product, by its path in there, and what is to become of it.
Out:      a function that does it to the folder of a product.
Failure:  AssertionError where the product has changed, so that nothing would be broken.
"""

from collections.abc import Callable
from pathlib import Path

Break = Callable[[Path], None]


def edit(file: str, *changes: tuple[str, str]) -> Break:
    """Replace texts that are in the file."""

    def broken(product: Path) -> None:
        text = (product / file).read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text, f"{file} no longer holds {old!r}"
            text = text.replace(old, new)
        (product / file).write_text(text, encoding="utf-8")

    return broken


def write(file: str, text: str) -> Break:
    def broken(product: Path) -> None:
        (product / file).parent.mkdir(parents=True, exist_ok=True)
        (product / file).write_text(text, encoding="utf-8")

    return broken


def append(file: str, text: str) -> Break:
    def broken(product: Path) -> None:
        path = product / file
        path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")

    return broken


def delete(*patterns: str) -> Break:
    def broken(product: Path) -> None:
        found = [path for pattern in patterns for path in product.glob(pattern)]
        assert found, f"there is no {patterns}"
        for path in found:
            path.unlink()

    return broken


def both(*breaks: Break) -> Break:
    def broken(product: Path) -> None:
        for each in breaks:
            each(product)

    return broken
