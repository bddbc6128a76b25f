"""The command that describes the product to data catalogues."""

import typer

from ..errors import counted, for_command
from .files import replace_text
from .options import home_of, product_of
from .output import warn


def describe(context: typer.Context) -> None:
    """Write product.odps.yaml: ports, versions, team and support, as the contracts say them.

    What the team wrote stays: descriptions, tags, addresses, custom properties, comments.

    \b
    Example:    COMMAND describe
    Exit code:  0 written, or nothing to change; 2 a contract or the file cannot be used
    """
    from ..catalog import product_file
    from ..contract import todos

    product, home = product_of(context), home_of(context)
    changes, path = product_file.faults(product, home), home / product_file.FILE
    if changes:
        replace_text(path, product_file.rendered(product, home))
    print(
        "\n  ".join([f"{path}: {counted(len(changes), 'change')}", *changes])
        if changes
        else f"{path}: nothing to change"
    )
    if undecided := todos.warning(product.contracts):
        warn(for_command(undecided, product.command))
