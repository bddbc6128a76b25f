"""What the contracts and the SQL of a product ask for is supported, and fits together.

In:       a product.
Out:      its contracts; the statements of its SQL.
Failure:  ContractError CT024 (a part is missing), CT001 to CT004, CT006, CT007, CT013, CT014, CT030, ML001,
          ML004, ML010: each is found before anything is read.
"""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from ..contract import consumers, odcs, parts, synthetic, target
from ..contract.values import Contract
from ..datasets import dataset
from ..engine import graph
from ..engine.graph import Statement
from ..errors import ContractError
from ..product import Product


class Supported(NamedTuple):
    contracts: dict[str, Contract]  # by table
    statements: dict[str, Statement]  # of transforms/, in their order

    @property
    def sources(self) -> dict[str, Contract]:
        """The contracts of the tables that are delivered."""
        return {name: contract for name, contract in self.contracts.items() if contract.is_source}


def require(product: Product) -> Supported:
    """The contracts and the SQL of the product, if a run can do what they ask for."""
    parts.require(product)
    contracts = odcs.load_all(product.contracts)
    consumers.load(product.contracts)  # the page of a dataset names them
    sources = {name: contract for name, contract in contracts.items() if contract.is_source}
    statements = graph.statements(product.transforms, sources, product.makes)
    _require_makers(product, contracts, statements)
    if product.serves:
        _require_model(contracts, statements, sources)
    else:
        dataset.require_inputs(statements, contracts)
    return Supported(contracts, statements)


def require_features(product: Product, contracts: Mapping[str, Contract]) -> None:
    """Refuse SQL of features that uses what is known only after the outcome, while other parts are still
    missing. Raises ContractError CT006, CT014, ML001."""
    if not (product.serves and (product.transforms / "features.sql").is_file()):
        return
    from ..models import leak

    sources = {name: contract for name, contract in contracts.items() if contract.is_source}
    every = [path.stem for path in product.transforms.glob("*.sql")]
    leak.refuse_after_outcome(graph.statements(product.transforms, sources, every), sources)


def _require_makers(product: Product, contracts: Mapping[str, Contract], made: Collection[str]) -> None:
    """Refuse a contract of a table that there is not."""
    known = {*made, "predictions"} if product.serves else {*made}
    idle = [each for name, each in contracts.items() if not each.is_source and name not in known]
    if idle:
        text = "\n  ".join(["nobody makes the tables of these contracts", *(str(each.path) for each in idle)])
        hint = f"write transforms/{idle[0].name}.sql, or remove the file; a source's is in contracts/sources/"
        raise ContractError("CT013", text, hint)


def _require_model(
    contracts: Mapping[str, Contract], statements: Mapping[str, Statement], sources: Mapping[str, Contract]
) -> None:
    from ..models import leak, scorer  # a data pipeline has no model and no service
    from ..service import example

    target.of(contracts)
    features = contracts["features"]
    scorer.inputs_of(features)
    leak.refuse_after_outcome(statements, sources)
    synthetic.sql(features, 1)  # a probe needs a made-up row
    example.body(features)  # a server needs one to test a model
