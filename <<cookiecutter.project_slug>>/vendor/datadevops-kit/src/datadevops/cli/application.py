"""The root command: it has the commands for this kind of product, and shows errors to users."""

import sys
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from ..errors import ProductError, for_command, of_the_machine
from ..product import Product
from . import card, contracts, describe, draft, example, explain, history, objectives
from .options import PLAIN, Command, Group, product_of


class _Commands(TyperGroup):
    """A group whose expected errors end in a few lines and an exit code."""

    def main(self, *words: Any, **options: Any) -> Any:
        try:
            return super().main(*words, **options)
        except Exception as error:
            if str(error) == "Query interrupted":  # what DuckDB makes of Ctrl-C
                sys.exit(130)
            expected = error if isinstance(error, ProductError) else of_the_machine(error)
            if expected is None:
                raise
            command = self.context_settings["obj"].command
            print(for_command(str(expected), command), file=sys.stderr)
            print(f"      `{command} explain {expected.id}` explains it", file=sys.stderr)
            sys.exit(expected.exit_code)


def application(product: Product) -> typer.Typer:
    """The command line of the product. Call it to run it; `@app.command()` adds a command to it."""
    app = typer.Typer(
        cls=_Commands,
        context_settings={"obj": product},
        pretty_exceptions_enable=False,
        **PLAIN,
    )
    app.callback(help=f"{product.title}. Every command has its own --help.")(_root)
    commands, groups = _of_service() if product.serves else _of_pipeline()
    shared: list[Command] = [
        contracts.check,
        contracts.synth,
        describe.describe,
        explain.explain,
    ]
    for command in commands + shared:
        _attach(app, command, product)
    _attach(app, objectives.drill, product, cls=objectives.Drill)
    _attach(app, draft.new_contract, product, "new-contract")
    if product.serves:
        _attach(app, card.model_card, product, "model-card")
    groups |= {"contract": history.GROUP, "slo": objectives.GROUP, "example": example.GROUP}
    for name, (about, functions) in groups.items():
        group = typer.Typer(help=about, **PLAIN)
        for command in functions:
            _attach(group, command, product)
        app.add_typer(group, name=name)
    return app


def _of_service() -> tuple[list[Command], dict[str, Group]]:
    from . import models, score, serve, service

    commands: list[Command] = [models.run, score.score, serve.serve, models.status, service.probe]
    return commands, {"models": models.GROUP, "canary": service.GROUP}


def _of_pipeline() -> tuple[list[Command], dict[str, Group]]:
    from . import pipeline, publish

    return [pipeline.run, pipeline.status], {"publish": publish.GROUP}


def _attach(
    app: typer.Typer,
    function: Command,
    product: Product,
    name: str = "",
    cls: type[TyperCommand] = TyperCommand,
) -> None:
    """Add a command, with the product's command name in its help."""
    name = name or function.__name__.partition("_")[0]
    help_text = (function.__doc__ or "").replace("COMMAND", product.command)
    app.command(name=name, cls=cls, help=help_text)(function)


def _show_version(context: typer.Context, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        from importlib.metadata import PackageNotFoundError, version

        from ..release import version as release

        command = product_of(context).command
        try:
            own = version(command)
        except PackageNotFoundError:
            own = "unreleased"
        print(f"{command} {own}, datadevops-kit {release()}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_show_version, help="Show the versions."),
    ] = False,
) -> None:
    """Each command has its own function; this one only has the global options."""
