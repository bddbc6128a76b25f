"""Read and write product.odps.yaml.

In:       a product and its folder.
Out:      the text of the file as it should be; where it differs.
Failure:  ContractError CT021 (the file cannot be read as a mapping with its keys at the left edge).

A top-level key that says what it should stays as it is, to the letter, with its comments; only those that
change are written again.
"""

from pathlib import Path
from typing import Any

import yaml

from .. import answers, yaml_file
from ..contract import odcs
from ..errors import ContractError, first_line
from ..product import Product
from .facts import facts, suggestions
from .merged import are_entries, differences, merged

FILE = "product.odps.yaml"
HEAD = """\
# The product for data catalogues. Yours: what you write here is kept. Standard: https://bitol.io (ODPS 1.1)
# Ports, versions, team and support follow the contracts: `{command} describe` writes them.
"""
LISTS = ("inputPorts", "outputPorts", "managementPorts", "support")
MAPPINGS = ("description", "team")


def read(home: Path) -> tuple[str, dict[str, Any]]:
    """The text of the file and its content; both empty where there is no file."""
    path = home / FILE
    if not path.exists():
        return "", {}
    try:
        text = path.read_text(encoding="utf-8")
        content = yaml_file.document(text)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise _unreadable(path, first_line(error)) from None
    if not isinstance(content, dict) or [*content] != [key for key in _blocks(text) if key]:
        raise _unreadable(path, "it is no mapping with its keys at the left edge, one a line")
    wrong = [key for key in LISTS if not are_entries(content.get(key, []))]
    wrong += [key for key in MAPPINGS if not isinstance(content.get(key, {}), dict)]
    if wrong:
        raise _unreadable(path, f"{', '.join(wrong)} must be a list of mappings, or a mapping")
    return text, content


def wanted(product: Product, home: Path, content: dict[str, Any]) -> dict[str, Any]:
    """The content as contracts and answers say it."""
    contracts, known = odcs.load_all(product.contracts), answers.load(home)
    return merged(content, facts(product, contracts, known), suggestions(product, contracts, known))


def faults(product: Product, home: Path) -> list[str]:
    """Where the file does not say what contracts and answers say."""
    text, content = read(home)
    if not text:
        return [f"{FILE} is missing"]
    return list(differences(content, wanted(product, home, content)))


def rendered(product: Product, home: Path) -> str:
    """The text of the file as it should be."""
    text, content = read(home)
    target = wanted(product, home, content)
    blocks = _blocks(text or HEAD.format(command=product.command))
    lines = [blocks.pop("")[0]]
    for key, value in target.items():
        above, written = blocks.get(key, ("", ""))
        lines += [above, written if written and content[key] == value else _written(key, value)]
    return "".join(lines)


def _blocks(text: str) -> dict[str, tuple[str, str]]:
    """Top-level key -> the comments above it, and its lines; what stands above all of them is under ""."""
    blocks, above, key = {"": ("", "")}, "", ""
    for line in text.splitlines(keepends=True):
        if line.startswith(("#", "---", "\n")):
            above += line
        elif line[0].isalpha():
            if not key:
                blocks[""], above = (above, ""), ""
            key = line.partition(":")[0]
            blocks[key], above = (above, line), ""
        else:
            before, lines = blocks[key]
            blocks[key], above = (before, f"{lines}{above}{line}"), ""
    before, lines = blocks[key]
    blocks[key] = (before, lines + above) if key else (above, "")
    return blocks


class _Dumper(yaml.SafeDumper):
    """As yamllint asks: entries of a list stand further in than their key."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, indentless=False)


def _written(key: str, value: Any) -> str:
    return yaml.dump({key: value}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


def _unreadable(path: Path, why: str) -> ContractError:
    return ContractError(
        "CT021", f"{path} cannot be read: {why}", "correct it, or remove it: `COMMAND describe`"
    )
