"""What contracts and answers say of a product, in the words of the standard.

In:       a product, its contracts, its answers.
Out:      `facts`, which the file must hold, and `suggestions`, which it holds until the team writes others.
Failure:  none.
"""

from collections.abc import Mapping
from typing import Any

from ..contract.values import Contract
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
    made = [contract for contract in contracts.values() if is_published(product, contract)]
    inputs = [{"id": contract.id, "version": contract.version} for contract in sources]
    found: Entry = {"kind": "DataProduct", "name": product.title}
    if org := answers.get("org"):
        found["tenant"] = org
    found["inputPorts"] = [_port(contract) for contract in sources]
    found["outputPorts"] = [_port(contract) | {"inputContracts": inputs} for contract in made]
    for contract in made[:1]:
        found["team"] = {"name": contract.owner}
        found["support"] = [{"channel": contract.owner, "url": contract.contact}]
    return found


def is_published(product: Product, contract: Contract) -> bool:
    """Whether consumers get the table: the predictions of a model, else each dataset."""
    if product.serves:
        return contract.name == "predictions"
    return contract.name == "dataset" or contract.path.parent.name == "datasets"


def suggestions(product: Product, contracts: Mapping[str, Contract], answers: Mapping[str, str]) -> Entry:
    """What the file holds where the team has written nothing else."""
    made = [contract for contract in contracts.values() if is_published(product, contract)]
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
