"""YAML that keeps words as its writers meant them: `on` is no boolean, a day no date, a tag no error.

In:       text, for example of a pipeline with `!reference`.
Out:      mappings, lists and scalars; what has an unknown tag is read as if it had none.
Failure:  yaml.YAMLError.
"""

from typing import Any

import yaml

# The parser in C is ten times as fast; it is missing where PyYAML was built without libyaml.
_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Loader(_Base):  # type: ignore[misc]  # one of two classes
    """Reads `true` and `false` as booleans, and no other word."""


def _untagged(loader: Any, _suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)


BOOLEANS = set("yYnNoO")  # yes, no, on, off: words; true and false stay booleans
Loader.yaml_implicit_resolvers = {
    letter: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag != "tag:yaml.org,2002:timestamp" and not (letter in BOOLEANS and tag.endswith(":bool"))
    ]
    for letter, resolvers in _Base.yaml_implicit_resolvers.items()
}
Loader.add_multi_constructor("!", _untagged)
