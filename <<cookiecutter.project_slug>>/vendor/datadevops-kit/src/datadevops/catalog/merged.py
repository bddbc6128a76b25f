"""The content of product.odps.yaml as it should be: what contracts and answers say, and what the team wrote.

In:       the content so far, `facts`, `suggestions`.
Out:      the content as it should be; in words, where the two differ.
Failure:  none.

An entry of a list is known by its name. A port that names a contract of this product which is no longer there
goes, unless it is deprecated; a port of the team's own stays.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Entry = Mapping[str, Any]
# of the keys in a new file
ORDER = ("apiVersion", "kind", "id", "name", "tenant", "status", "description", "inputPorts", "outputPorts")
PORTS = ("inputPorts", "outputPorts")
WHOLE = ("inputContracts", "sbom")  # lists of which the last word is the whole
NAMES = ("name", "channel", "property", "id")  # by the first of these that it has, an entry is known


def merged(content: Entry, facts: Entry, suggestions: Entry) -> dict[str, Any]:
    """The content with what it lacks and with what is so; what the team wrote stays where it is."""
    found = _over(_over(suggestions, content), facts)
    known = {ports: {port["contractId"] for port in facts[ports]} for ports in PORTS}
    ours = {f"{found.get('id')}:"}
    ours |= {f"{each.rpartition(':')[0]}:" for ids in known.values() for each in ids if ":" in each}
    for ports in PORTS:
        found[ports] = [port for port in found[ports] if not _is_stale(port, known[ports], tuple(ours))]
    return {key: found[key] for key in dict.fromkeys([*content, *ORDER, *found]) if key in found}


def differences(content: Any, wanted: Any, place: str = "") -> Iterator[str]:
    """Where the content is not as wanted: each place, what is there, what must be."""
    if isinstance(content, dict) and isinstance(wanted, dict):
        for key in wanted:
            if key in content:
                yield from differences(content[key], wanted[key], f"{place}.{key}".lstrip("."))
            else:
                yield f"{place}.{key}".lstrip(".") + " is missing"
        yield from (f"{place}.{key} is of no contract".lstrip(".") for key in content if key not in wanted)
    elif are_entries(content) and are_entries(wanted):
        yield from differences(_by_name(content), _by_name(wanted), place)
    elif content != wanted:
        yield f"{place} is {content!r}, must be {wanted!r}"


def _over(below: Any, above: Any) -> Any:
    """`above` laid over `below`: mappings key by key, lists of entries name by name."""
    if isinstance(below, dict) and isinstance(above, dict):
        laid = {key: value if key in WHOLE else _over(below.get(key), value) for key, value in above.items()}
        return {**below, **laid}
    if are_entries(below) and are_entries(above):
        return list(_over(_by_name(below), _by_name(above)).values())
    return above


def are_entries(value: Any) -> bool:
    """Whether it is a list of mappings."""
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)


def _by_name(entries: Sequence[Entry]) -> dict[str, Entry]:
    """The entries by their names; of a port that is deprecated, by its version too."""
    found = {}
    for entry in entries:
        name = next((str(entry[key]) for key in NAMES if key in entry), str(entry))
        found[f"{name} {entry.get('version')}" if entry.get("deprecated") else name] = entry
    return found


def _is_stale(port: Entry, known: set[str], ours: tuple[str, ...]) -> bool:
    """Whether it names a contract that begins as ours do, and that is not there."""
    named = str(port.get("contractId"))
    return named not in known and named.startswith(ours) and not port.get("deprecated")
