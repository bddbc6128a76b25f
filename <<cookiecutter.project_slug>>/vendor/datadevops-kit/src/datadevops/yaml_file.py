"""Read YAML strictly: what two readers of a file could understand in two ways is an error.

In:       the text of a YAML file.
Out:      its documents, of the values that JSON has: text, numbers, true, false, null, lists, and mappings
          with text as keys. A date or a time without quotes is text.
Failure:  yaml.YAMLError with every place, by its line: not YAML; a key that is repeated in its mapping, of
          which YAML's usual readers keep the last; a key that is not text; an alias inside of what it
          stands for; a number that is not finite.
"""

import math
from collections.abc import Iterator
from typing import Any

import yaml

TIME, TEXT, MERGE, FLOAT = (f"tag:yaml.org,2002:{name}" for name in ("timestamp", "str", "merge", "float"))
Safe: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # seven times as fast, where it is built


class _Loader(Safe):  # type: ignore[misc]
    yaml_implicit_resolvers = {  # noqa: RUF012
        sign: [rule for rule in rules if rule[0] != TIME]
        for sign, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def documents(text: str) -> list[Any]:
    """Every document of the text."""
    loader, found = _Loader(text), []
    try:
        while loader.check_node() and (node := loader.get_node()):
            if faults := list(_faults(node, set(), set())):
                raise yaml.YAMLError("; ".join(faults))
            found.append(loader.construct_document(node))
    except RecursionError:
        raise yaml.YAMLError("it is nested too deeply") from None
    except ValueError as error:  # of a value whose tag names another type
        raise yaml.YAMLError(str(error)) from None
    finally:
        loader.dispose()
    return found


def document(text: str) -> Any:
    """The one document of the text, None if it is empty."""
    found = documents(text)
    if len(found) > 1:
        raise yaml.YAMLError(f"it holds {len(found)} documents, divided by `---`; one is allowed")
    return found[0] if found else None


def _faults(node: yaml.Node, above: set[int], done: set[int]) -> Iterator[str]:
    """The places in a node that has no such place yet; nodes that aliases share are looked at once."""
    if id(node) in above:
        yield f"line {_line(node)}: an alias stands inside of what it is an alias for"
    if id(node) in done:
        return
    done.add(id(node))
    inside = above | {id(node)}
    if isinstance(node, yaml.ScalarNode) and node.tag == FLOAT and not _is_finite(node):
        yield f"line {_line(node)}: {node.value} is not a finite number; write one, or leave it out"
    if isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from _faults(each, inside, done)
    if isinstance(node, yaml.MappingNode):
        lines: dict[str, list[str]] = {}
        for key, value in node.value:
            if key.tag in (TEXT, MERGE):
                lines.setdefault(key.value, []).append(str(_line(key)))
            else:
                shown = f"`{key.value}` is" if isinstance(key, yaml.ScalarNode) else "a list or a mapping is"
                yield f"line {_line(key)}: {shown} not text, but a key; put it in quotes"
            yield from _faults(value, inside, done)
        for name, places in lines.items():
            if len(places) > 1:
                yield f"lines {' and '.join(places)}: the key {name!r} is repeated in one mapping; keep one"


def _is_finite(node: yaml.ScalarNode) -> bool:
    return math.isfinite(yaml.SafeLoader("").construct_yaml_float(node))


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
