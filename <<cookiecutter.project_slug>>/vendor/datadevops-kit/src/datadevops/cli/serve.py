"""The command that starts the service."""

from pathlib import Path
from typing import Annotated

import typer

from ..contract import odcs
from .models import Alias
from .options import product_of, settings_of


def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free port.")] = 8000,
    management_host: Annotated[
        str, typer.Option(help="Address for health, metrics, status; needs no token.")
    ] = "127.0.0.1",
    management_port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free port.")] = 9000,
    tokens: Annotated[Path | None, typer.Option(help="File of SHA-256 hashes of bearer tokens.")] = None,
    anonymous: Annotated[
        bool, typer.Option("--insecure-anonymous", help="Let other machines call without a token.")
    ] = False,
    connections: Annotated[int, typer.Option(min=1, help="Connections in all; idle ones make room.")] = 800,
    connections_per_client: Annotated[
        int, typer.Option(min=1, help="From one address; behind a proxy that is everybody.")
    ] = 400,
    drain_seconds: Annotated[
        float, typer.Option(min=0, max=3600, help="How long a stopping server still accepts requests.")
    ] = 5,
    answers: Annotated[
        Alias, typer.Option("--model", help="Which model to serve; challenger for a canary.")
    ] = Alias.champion,
) -> None:
    """Answer requests with the champion; follow it when it changes.

    The management port shows a status page with an example to paste. Logs go to stderr, as JSON.

    \b
    Example:    COMMAND serve
                COMMAND serve --host 0.0.0.0 --tokens tokens.sha256
    Exit code:  0 stopped by SIGTERM or Ctrl-C; 2 an address, the tokens or a contract cannot be used
    """
    # They need the packages of the service; the other commands do not.
    from ..service import application
    from ..service.connection import Limits

    limits = Limits(connections, connections_per_client)
    listen = application.Listen(
        host, port, management_host, management_port, tokens, anonymous, limits, drain_seconds
    )
    product, settings = product_of(context), settings_of(context)
    contracts = odcs.load_all(product.contracts)
    application.serve(product, settings, contracts, listen, answers, lambda text: print(text, flush=True))
