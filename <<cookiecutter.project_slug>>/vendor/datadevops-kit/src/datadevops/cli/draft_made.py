"""The drafts of contracts of what a product makes: tables of its SQL, and predictions.

In:       a product, its settings; the table.
Out:      the contract file, and what is left to decide.
Failure:  ContractError CT001 (another contract is due first), CT020 (there is one); what reading, checking
          and running SQL raise.
"""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from .. import answers
from ..contract import odcs, parts
from ..contract.values import Contract
from ..errors import ContractError, SloError
from ..product import Product, Settings
from . import new_file
from .files import fetched

PREDICTIONS = "predictions"


def of_sql(product: Product, settings: Settings, table: str, key: list[str], publish: bool) -> None:
    """Draft the contract of a table that SQL makes; `publish`: as a dataset, also if other SQL reads it."""
    from ..drafts import decisions, made, sql_result
    from ..drafts.draft import draft
    from ..engine import graph
    from ..engine.duckdb_engine import DuckDB

    contracts = odcs.load_all(product.contracts)
    if table in contracts:
        raise new_file.drafted(contracts[table].path)
    if table == "labels":
        _require(contracts, "features", of="labels")
    sources = {name: contract for name, contract in contracts.items() if contract.is_source}
    every = [path.stem for path in product.transforms.glob("*.sql")]  # also while others are not written yet
    made_by = graph.statements(product.transforms, sources, every)
    statements = graph.needed(made_by, table)
    if product.serves and table == "features":
        from ..models import leak

        leak.refuse_after_outcome(made_by, sources)
    readers = sorted(each for each, statement in made_by.items() if table in statement.reads)
    published = publish or not (product.serves or readers)
    target = product.contracts / (odcs.DATASETS if published else "") / f"{table}.yaml"
    read = {name for statement in statements.values() for name in statement.reads}
    tables = ("features", *sources) if table == "labels" else tuple(sources)
    keys = [contracts[name].keys for name in tables if name in contracts]
    with ExitStack() as stack:
        files = {
            name: stack.enter_context(fetched(None, contract, settings))
            for name, contract in sources.items()
            if name in read
        }
        engine = stack.enter_context(DuckDB(settings.memory_limit))
        folder = stack.enter_context(TemporaryDirectory())
        path = sql_result.write(engine, sources, files, statements, Path(folder))
        found = draft(engine, path, table, key, keys)
    known = answers.load(settings.home)
    new_file.write(target, made.text(found, statements, contracts, product, known, published))
    new_file.tell(product, target, found.rows, decisions.of_made(found, published), _next(product))
    if not (published or product.serves):
        print(f"\nNo run publishes it: it is a table between, as the SQL of {', '.join(readers)} reads it.")
        again = f"{product.command} new-contract {table} --publish"
        print(f"To publish it too, remove that file, then: {again}")


def of_predictions(product: Product, settings: Settings) -> None:
    """Draft the contract of the predictions, which promises what ops/slo.yaml says."""
    from ..drafts import promise
    from ..ops import own_objectives, service_levels

    target = product.contracts / f"{PREDICTIONS}.yaml"
    if target.exists():
        raise new_file.drafted(target)
    contracts = odcs.load_all(product.contracts)
    _require(contracts, "features", "labels", of=PREDICTIONS)
    try:
        objectives = own_objectives.load(product, settings.home)
        features = contracts["features"]
        promised = list(
            service_levels.kept(objectives, PREDICTIONS, features.time_key if features.timed else "")
        )
    except SloError:  # `slo render` says which fault it has
        promised = []
    new_file.write(target, promise.text(contracts, product, answers.load(settings.home), promised))
    print(f"{target}: drafted from features.yaml and labels.yaml. What is left to decide is a TODO in it.")
    print(f"\nThen: {product.command} {_next(product)}")


def _require(contracts: Mapping[str, Contract], *names: str, of: str) -> None:
    for name in names:
        if name not in contracts:
            text = f"{of} have the key of features: contracts/{name}.yaml is missing"
            raise ContractError("CT001", text, f"`COMMAND new-contract {name}` drafts it")


def _next(product: Product) -> str:
    """The command after a draft: of the next contract that can be drafted by now, or else a run, which says
    what is to be written first."""
    part = next(iter(parts.missing(product)), None)
    drafted = part.path.removeprefix("contracts/").removesuffix(".yaml") if part else ""
    return f"new-contract {drafted}" if drafted in ("features", "labels", PREDICTIONS) else "run"
