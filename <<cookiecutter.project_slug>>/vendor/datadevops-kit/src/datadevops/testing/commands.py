"""Whether a command line of a product can be typed, without running it."""

from collections.abc import Iterator, Sequence
from typing import Any

import typer

from ..product import Product


def fault(product: Product, words: Sequence[str]) -> Iterator[str]:
    """What the command line says to a user who types these words; nothing if it takes them."""
    command: Any = typer.main.get_command(product.module("cli").app)
    left = [*words]
    try:
        while hasattr(command, "commands"):
            if not left or left[0] not in command.commands:
                yield f"there is no command {left[0] if left else ''!r}"
                return
            command = command.commands[left.pop(0)]
        if "--help" not in left:
            command.make_context(product.command, left)
    except Exception as error:  # typer brings click with it under a name of its own
        yield str(getattr(error, "message", error))
