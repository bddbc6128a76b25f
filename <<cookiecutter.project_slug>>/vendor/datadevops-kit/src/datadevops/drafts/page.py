"""A draft as a contract file, which a team goes on with.

In:       a draft; who the product is.
Out:      the text of the file.
Failure:  none.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .. import yaml_file
from ..answers import contact_url
from ..contract.values import Contract
from ..product import Product
from .draft import Draft
from .entries import entry
from .meanings import Known
from .yaml_text import Line, flow, page

DRAFTED = """\
# Drafted from {origin}, all of whose {rows:,} rows kept it. What is a guess says so, with what was
# seen. `contract check` names what people have not decided yet."""
PROMISE = "# What we promise. Yours: consumers rely on it. Standard: https://bitol.io (ODCS 3.2)"
PROMISES = "TODO: promise consumers the targets of ops/slo.yaml, as slaProperties"
NOTHING: Mapping[str, Known] = {}
SOURCE = "# What comes in. Yours: edit it when the source changes. Standard: https://bitol.io (ODCS 3.2)"


def text(draft: Draft, place: str, product: Product, answers: Mapping[str, str]) -> str:
    """The contract of a source; `place`: where its file is stored, as the contract names it."""
    origin = f"{len(draft.columns)} columns of {flow(place)}" if draft.others else flow(place)
    head = [SOURCE, DRAFTED.format(origin=origin, rows=draft.rows)]
    purpose = {
        "purpose": "TODO: where the rows come from",
        "limitations": "None is known yet.",
    }
    remote = "://" in place
    server = {"server": "delivered", "type": "s3" if remote else "local", "format": draft.format}
    server["location" if remote else "path"] = place
    bad = custom("allowedBadRatio", 0.001, "a run stops above this share")
    lines = [
        *about(draft.table, purpose, product, answers),
        ("servers:", ""),
        (f"  - {flow(server)}", "TODO: where deliveries are stored"),
        *table(draft.table, one_row(draft), [(bad, "guess: no row of this file is bad")]),
        *columns(draft),
        *(("", f"left out: {c.there}: {c.why}") for c in draft.columns if not c.type),
    ]
    return written(head, lines)


def one_row(draft: Draft) -> str:
    """What one row is one of, as far as the key says it."""
    return f"One row for each {' and '.join(draft.key)}." if draft.key else "TODO: one row is one what?"


def custom(name: str, value: Any, description: str) -> str:
    """The custom property of a table."""
    return f"customProperties: [{flow({'property': name, 'value': value, 'description': description})}]"


def kept(versions: int) -> str:
    """How many versions of a published table stay."""
    return custom("keepVersions", versions, "older versions are deleted, except those in use")


def rule(name: str, description: str, query: str) -> list[Line]:
    """A rule that no row may break."""
    given = {"description": description, "type": "sql", "query": query, "mustBe": 0}
    return [(f"- name: {name}", ""), *((f"  {part}: {flow(value)}", "") for part, value in given.items())]


def written(head: Sequence[str], lines: Sequence[Line]) -> str:
    """The text of a file."""
    return "\n".join([*head, *page(lines)]) + "\n"


def about(
    name: str, description: Mapping[str, str], product: Product, answers: Mapping[str, str]
) -> Iterator[Line]:
    """The lines before the table."""
    org, team = answers.get("org", ""), answers.get("owner_team", "TODO")
    yield "apiVersion: v3.2.0", ""
    yield "kind: DataContract", ""
    yield f"id: {flow(':'.join(filter(None, ('urn', org, product.command, name))))}", ""
    yield f"name: {flow(f'{product.title}: {name}')}", ""
    yield "version: 1.0.0", ""
    yield "status: draft", ""
    yield f"dataProduct: {flow(product.title)}", ""
    yield "description:", ""
    for part, words in description.items():
        yield f"  {part}: {flow(words)}", ""
    yield "team:", ""
    yield f"  name: {flow(team)}", ""
    yield "support:", ""
    support = {"channel": team, "url": contact_url(answers) or "mailto:TODO@example.com", "scope": "issues"}
    yield f"  - {flow(support)}", ""


def table(
    name: str, description: str, properties: Sequence[Line] = (), rules: Sequence[Line] = ()
) -> Iterator[Line]:
    """The lines of the table before its columns."""
    yield "schema:", ""
    yield f"  - name: {name}", ""
    yield "    physicalType: table", ""
    yield f"    description: {flow(description)}", ""
    yield from ((f"    {line}", why) for line, why in properties)
    yield "    quality:", ""
    yield "      - {metric: rowCount, mustBeGreaterThan: 0}", ""
    yield from ((f"      {line}", why) for line, why in rules)
    yield "    properties:", ""


def promises(kept: Sequence[Mapping[str, Any]]) -> Iterator[Line]:
    """The lines for what consumers are promised, which objectives keep."""
    if not kept:
        yield "", PROMISES
        return
    yield "slaProperties:", ""
    for each in kept:
        yield f"  - {flow(dict(each))}", "guess: as ops/slo.yaml has it, where it changes too"


def columns(draft: Draft, known: Mapping[str, Known] = NOTHING) -> Iterator[Line]:
    """The entries of all columns that have a type; `known`: of some of them, in small letters."""
    for column in draft.kept:
        place = draft.key.index(column.name) + 1 if column.name in draft.key else 0
        seen = draft.figures[column.name]
        about, numbered = _about_key(draft), draft.numbers(column)
        for line, why in entry(column, seen, place, about, numbered, known.get(column.name.lower(), Known())):
            yield f"      {line}", why


def _about_key(draft: Draft) -> str:
    named = [" with ".join(each) for each in draft.keys]
    also = f"; so would {' or '.join(named[1:])}" if named[1:] else ""
    return f"guess: {named[0]} identifies each of {draft.rows:,} rows{also}" if named else ""


def keys(contract: Contract) -> Iterator[Line]:
    """The entries of its key, as the file of the contract has them."""
    content: Any = yaml_file.document(contract.path.read_text(encoding="utf-8"))
    for given in content["schema"][0]["properties"]:
        if given.get("primaryKey"):
            own = [each for each in given.get("customProperties", []) if each["property"] != "modelInput"]
            bare = {name: value for name, value in given.items() if name != "customProperties"}
            yield from listed(bare | ({"customProperties": own} if own else {}))


def listed(properties: Mapping[str, Any]) -> Iterator[Line]:
    """An entry as an item of a list, a line for each of its keys."""
    mark = "- "
    for name, value in properties.items():
        yield f"      {mark}{flow(name)}: {flow(value)}", ""
        mark = "  "
