"""What contracts and answers say of a product, in the words of the standard.

In:       a product, its contracts, its answers.
Out:      `facts`, which the file must hold, and `suggestions`, which it holds until the team writes others.
Failure:  the errors of `graph`, of a product with several datasets.
"""

from collections.abc import Mapping
from typing import Any

from ..contract.values import Contract
from ..datasets import dataset
from ..engine import graph
from ..product import Product

Entry = dict[str, Any]
VERSION = "v1.1.0"
SBOMS = {  # where the pipeline of each provider leaves dist/sbom.json
    "github": "https://github.com/{org}/{command}/releases/latest/download/sbom.json",
    "gitlab": "https://gitlab.com/{org}/{command}/-/pipelines?scope=tags",
    "azure": "https://dev.azure.com/{org}/{command}/_build",
}


def facts(product: Product, contracts: Mapping[str, Contract], answers: Mapping[str, str]) -> Entry:
    """What the file must hold: name, tenant, ports with their contracts, team, support."""
    sources = [contract for contract in contracts.values() if contract.is_source]
    made = [contract for contract in contracts.values() if contract.is_published]
    found: Entry = {"kind": "DataProduct", "name": product.title}
    if org := answers.get("org"):
        found["tenant"] = org
    found["inputPorts"] = [_port(contract) for contract in sources]
    found["outputPorts"] = [
        _port(each) | {"inputContracts": _inputs(product, contracts, each)} for each in made
    ]
    for contract in made[:1]:
        found["team"] = {"name": contract.owner}
        found["support"] = [{"channel": contract.owner, "url": contract.contact}]
    return found


def _inputs(product: Product, contracts: Mapping[str, Contract], made: Contract) -> list[Entry]:
    """What a table is made from: the sources; of several datasets, each has those that its SQL reads."""
    found = {name: contract for name, contract in contracts.items() if contract.is_source}
    if len(product.datasets) > 1:
        statements = graph.statements(product.transforms, found, product.makes)
        found = dataset.inputs(statements, contracts, made.name)
    return [{"id": contract.id, "version": contract.version} for contract in found.values()]


def suggestions(product: Product, contracts: Mapping[str, Contract], answers: Mapping[str, str]) -> Entry:
    """What the file holds where the team has written nothing else."""
    made = [contract for contract in contracts.values() if contract.is_published]
    org = answers.get("org", "")
    found: Entry = {
        "apiVersion": VERSION,
        "id": ":".join(filter(None, ("urn", org, product.command))),
        "status": "active",
        "description": {"purpose": made[0].purpose} if made else {},
        "outputPorts": [{"name": contract.name, "type": "tables"} for contract in made],
        "managementPorts": list(_service_ports(product) if product.serves else _job_ports(product)),
    }
    if address := SBOMS.get(answers.get("ci", "")):
        bill = {"type": "external", "url": address.format(org=org, command=product.command)}
        for port in found["outputPorts"]:
            port["sbom"] = [bill]
    return found


def _port(contract: Contract) -> Entry:
    return {"name": contract.name, "version": contract.version, "contractId": contract.id}


def _service_ports(product: Product) -> list[Entry]:
    base = f"http://{product.command}:9000"  # the name of the service in its cluster or its compose project
    return [
        {"name": "health", "content": "observability", "type": "rest", "url": f"{base}/readyz"},
        {"name": "metrics", "content": "observability", "type": "rest", "url": f"{base}/metrics"},
        {"name": "status", "content": "discoverability", "type": "rest", "url": f"{base}/"},
        {"name": "report", "content": "observability", "type": "file", "channel": "store/report.html"},
    ]


def _job_ports(product: Product) -> list[Entry]:
    return [
        {
            "name": "health",
            "content": "observability",
            "type": "command",
            "channel": f"{product.command} status --slo",
        },
        {"name": "metrics", "content": "observability", "type": "file", "channel": "store/run.prom"},
        {
            "name": "status",
            "content": "discoverability",
            "type": "command",
            "channel": f"{product.command} status",
        },
        {"name": "report", "content": "observability", "type": "file", "channel": "store/report.html"},
    ]
