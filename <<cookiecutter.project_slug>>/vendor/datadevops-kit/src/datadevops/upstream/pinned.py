"""Write the digest of an upstream contract into the contract of the source, and keep the upstream contract.

In:       an `Upstream`, the content of the upstream contract.
Out:      the contract of the source with the digest in the entry's description, all else to the letter as it
          was; contracts/upstream/TABLE.yaml.
Failure:  ContractError CT040 (the entry is written in a way that cannot be edited here).
"""

import json
from typing import Any

import yaml

from .. import yaml_file
from ..errors import ContractError
from .declared import DIGEST, TYPE, Upstream
from .verdict import digest


def pin(upstream: Upstream, content: bytes) -> None:
    """Pin the source to this content."""
    text = upstream.contract.read_bytes().decode()  # with the ends of lines that it has
    new = with_digest(text, upstream, digest(content))
    upstream.copy.parent.mkdir(exist_ok=True)
    upstream.copy.write_bytes(content)
    if new != text:
        upstream.contract.write_text(new, encoding="utf-8", newline="")


def with_digest(text: str, upstream: Upstream, sha256: str) -> str:
    """The text of the contract with this digest."""
    entry, pin = _entry(yaml.compose(text)), f"sha256:{sha256}"
    keys = {key.value: value for key, value in entry.value}
    if about := keys.get("description"):
        old = text[about.start_mark.index : about.end_mark.index]
        replaced = (
            DIGEST.sub(pin, old)
            if DIGEST.search(old)
            else json.dumps(f"{about.value}, {pin}", ensure_ascii=False)
        )
        new = text[: about.start_mark.index] + replaced + text[about.end_mark.index :]
    else:
        key, last = entry.value[-1]
        column = " " * key.start_mark.column
        line = f', description: "{pin}"' if entry.flow_style else f'\n{column}description: "{pin}"'
        new = text[: last.end_mark.index] + line + text[last.end_mark.index :]
    if not _only_digest_differs(text, new, pin):
        hint = f"write it there by hand: description: {pin!r}"
        raise ContractError("CT040", f"{upstream.contract}: the entry cannot be edited here", hint)
    return new


def _entry(node: Any) -> Any:
    """The mapping with the type of an upstream contract, anywhere in the document."""
    if isinstance(node, yaml.MappingNode):
        if any(key.value == "type" and value.value == TYPE for key, value in node.value):
            return node
        return next((found for _, value in node.value if (found := _entry(value))), None)
    if isinstance(node, yaml.SequenceNode):
        return next((found for each in node.value if (found := _entry(each))), None)
    return None


def _only_digest_differs(text: str, new: str, pin: str) -> bool:
    """Whether the edited text is the same contract but for the digest."""
    try:
        before, after = yaml_file.document(text), yaml_file.document(new)
    except yaml.YAMLError:
        return False
    return pin in json.dumps(after) and _without(before) == _without(after)


def _without(content: Any) -> Any:
    """The content without the description of the entry."""
    if isinstance(content, dict):
        kept = {key: _without(each) for key, each in content.items()}
        if content.get("type") == TYPE:
            kept.pop("description", None)
        return kept
    return [_without(each) for each in content] if isinstance(content, list) else content
