"""Faults that somebody could bring into a product, each with the gate that must see it."""

from . import contracts, data, delivery, machinery, operations
from .fault import Fault

# By area, as the table in docs/reference/faults.md shows them.
FAULTS: dict[str, list[Fault]] = {
    "Data and model": data.FAULTS,
    "Contracts": contracts.FAULTS,
    "Operations": operations.FAULTS,
    "Delivery and security": delivery.FAULTS,
    "The kit": machinery.FAULTS,
}
