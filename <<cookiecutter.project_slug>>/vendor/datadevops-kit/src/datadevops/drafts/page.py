"""A draft as a contract file, which a team goes on with.

In:       a draft; who the product is.
Out:      the text of the file.
Failure:  none.
"""

from collections.abc import Iterator, Mapping

from ..answers import contact_url
from ..product import Product
from .draft import Draft
from .entries import entry
from .yaml_text import Line, flow, page

HEAD = """\
# What comes in. Yours: edit it when the source changes. Standard: https://bitol.io (ODCS 3.2)
# Drafted from {place}, all of whose {rows:,} rows keep it. What is a guess says so, with what was
# seen; what only people know is a TODO."""


def text(draft: Draft, place: str, product: Product, answers: Mapping[str, str]) -> str:
    """The contract of the draft; `place`: where the file is stored, as the contract names it."""
    head = HEAD.format(place=flow(place), rows=draft.rows)
    return "\n".join([head, *page(_contract(draft, place, product, answers))]) + "\n"


def _contract(draft: Draft, place: str, product: Product, answers: Mapping[str, str]) -> Iterator[Line]:
    org, team = answers.get("org", ""), answers.get("owner_team", "TODO")
    remote = "://" in place
    server = {"server": "delivered", "type": "s3" if remote else "local", "format": draft.format}
    yield "apiVersion: v3.2.0", ""
    yield "kind: DataContract", ""
    yield f"id: {flow(':'.join(filter(None, ('urn', org, product.command, draft.table))))}", ""
    yield f"name: {flow(f'{product.title}: {draft.table}')}", ""
    yield "version: 1.0.0", ""
    yield "status: draft", ""
    yield f"dataProduct: {flow(product.title)}", ""
    yield "description:", ""
    yield f"  purpose: {flow('TODO: what the rows are, and where they come from')}", ""
    yield f"  limitations: {flow('TODO: what is missing or wrong in them')}", ""
    yield "team:", ""
    yield f"  name: {flow(team)}", ""
    yield "support:", ""
    support = {"channel": team, "url": contact_url(answers) or "mailto:TODO@example.com", "scope": "issues"}
    yield f"  - {flow(support)}", ""
    yield "servers:", ""
    yield (
        f"  - {flow(server | {'location' if remote else 'path': place})}",
        "TODO: where deliveries are stored",
    )
    yield "schema:", ""
    yield f"  - name: {draft.table}", ""
    yield "    physicalType: table", ""
    yield f"    description: {flow('TODO: one row is one what?')}", ""
    bad = {"property": "allowedBadRatio", "value": 0.001, "description": "a run stops above this share"}
    yield f"    customProperties: [{flow(bad)}]", "TODO: how many bad rows are normal"
    yield "    quality:", ""
    yield "      - {metric: rowCount, mustBeGreaterThan: 0}", ""
    yield "    properties:", ""
    for column in draft.kept:
        place_in_key = draft.key.index(column.name) + 1 if column.name in draft.key else 0
        seen = draft.figures[column.name]
        for line, about in entry(column, seen, place_in_key, _about_key(draft), draft.numbers(column)):
            yield f"      {line}", about
    for column in draft.columns:
        if not column.type:
            yield "", f"left out: {column.there}: {column.why}"


def _about_key(draft: Draft) -> str:
    named = [" with ".join(each) for each in draft.keys]
    also = f"; so would {' or '.join(named[1:])}" if named[1:] else ""
    return f"guess: {named[0]} identifies each of {draft.rows:,} rows{also}" if named else ""
