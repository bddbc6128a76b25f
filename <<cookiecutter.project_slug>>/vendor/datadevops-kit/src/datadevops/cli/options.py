"""Options that several commands share, and the product they work for."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from ..contract import odcs, parts
from ..contract.values import Contract
from ..errors import ContractError, SettingsError, nearest
from ..product import MARKS, Product, Settings
from ..store.versions import Store

Command = Callable[..., None]
Group = tuple[str, list[Command]]  # help of the group; its commands

PROMETHEUS = "http://127.0.0.1:9090"  # the address in compose.yaml
PLAIN: dict[str, Any] = {"no_args_is_help": True, "rich_markup_mode": None, "add_completion": False}

File = Annotated[str, typer.Argument(metavar="FILE", help="A parquet or CSV file, or its s3:// address.")]
Out = Annotated[Path, typer.Argument(metavar="OUT", help="The parquet file to write.")]
Sources = Annotated[
    list[str] | None,
    typer.Option(
        "--source",
        metavar="TABLE=FILE",
        help="A file or s3:// address for a source, instead of the one its contract names. Repeatable.",
    ),
]
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run",
        help="Show what a run would read, make, judge, publish and delete; change nothing. It takes as long.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for a script.")]
Why = Annotated[str, typer.Option(help="Reason, for the log.")]
Prometheus = Annotated[str, typer.Option("--prometheus", metavar="URL", help="Address of Prometheus.")]
Slo = Annotated[bool, typer.Option("--slo", help="Show the objectives, from Prometheus.")]


def product_of(context: typer.Context) -> Product:
    """The product whose command is running."""
    product: Product = context.obj
    return product


def settings_of(context: typer.Context) -> Settings:
    return product_of(context).settings(os.environ)


def home_of(context: typer.Context) -> Path:
    """The product's folder, for a command that writes there or needs all of it. SettingsError CF016 if the
    settings name another one."""
    settings, prefix = settings_of(context), product_of(context).prefix
    if not settings.at_home:
        what = f"{settings.home.absolute()} is not the folder of the product"
        hint = f"change to that folder, or set {prefix}HOME to it"
        raise SettingsError("CF016", f"{what}: it has none of {', '.join(MARKS)}", hint)
    return settings.home


def store_of(context: typer.Context, name: str) -> Store:
    return Store(settings_of(context).store / name)


def sources_of(context: typer.Context) -> dict[str, Contract]:
    """The contracts of the product's sources, by table."""
    return odcs.load_sources(product_of(context).contracts)


def published_of(context: typer.Context) -> dict[str, Contract]:
    """The contracts of the tables that consumers get, by table. ContractError CT024 if there is none."""
    product = product_of(context)
    if found := odcs.load_published(product.contracts):
        return found
    parts.require(product)
    return found


def contract_of(context: typer.Context, name: str) -> Contract:
    """The product's contract `name`. Raises ContractError CT001 with the nearest name."""
    known = odcs.files(product_of(context).contracts)
    if name not in known:
        raise ContractError("CT001", f"there is no contract {name!r}", nearest(name, sorted(known)))
    return odcs.load(known[name])
