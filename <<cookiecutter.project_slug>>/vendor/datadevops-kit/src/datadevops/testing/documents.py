"""What the documents say works: commands can be typed, links lead somewhere, the example request is accepted.

In:       a product and its checkout.
Out:      checks.
"""

import json
import re
import shlex
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

from ..contract import odcs
from ..contract.values import Contract
from ..product import Product
from .check import Check
from .commands import fault

LINK = re.compile(r"\]\(([^)#]+)[^)]*\)")
BODY = re.compile(r"-d '(\{.*?\})'", re.DOTALL)


def checks(product: Product, home: Path) -> Iterator[Check]:
    yield Check("every command in the documents can be typed", lambda _: _commands(product, home))
    yield Check("every link in the documents leads somewhere", lambda _: _dead_links(home))
    if (product.contracts / "features.yaml").exists():
        yield Check("the README's request keeps the contract", lambda _: _refused(product, home))


def documents(home: Path) -> list[Path]:
    """What people read: not the kit's own pages, nor what a tool has installed."""
    return sorted([*home.glob("*.md"), *home.glob("docs/**/*.md"), *home.glob("ops/**/*.md")])


def _commands(product: Product, home: Path) -> Iterator[str]:
    typed = re.compile(rf"^(?:    |\t)?(?:\w+=\S+ )?uv run {re.escape(product.command)} (.*)$", re.M)
    for path in documents(home):
        for line in typed.findall(path.read_text(encoding="utf-8")):
            words = takewhile(_is_word, shlex.split(line, comments=True))
            yield from (f"{path.name}: {line}: {wrong}" for wrong in fault(product, list(words)))


def _is_word(word: str) -> bool:
    """Whether the shell hands this word to the command: it keeps redirections, `|`, `&`, `&&` and `;`.

    >>> [_is_word(word) for word in ("serve", ">", "2>&1", "&")]
    [True, False, False, False]
    """
    return not re.fullmatch(r"\d?[<>].*|[|&;]+", word)


def _dead_links(home: Path) -> Iterator[str]:
    for path in documents(home):
        for link in LINK.findall(path.read_text(encoding="utf-8")):
            if ":" not in link and not (path.parent / link).exists():
                yield f"{path.name}: {link} leads nowhere"


def _refused(product: Product, home: Path) -> Iterator[str]:
    from ..service import request  # a data pipeline has no service

    bodies = BODY.findall((home / "README.md").read_text(encoding="utf-8"))
    features = odcs.load(product.contracts / "features.yaml")
    reader = request.Reader(features)
    for body in bodies:
        try:
            reader.read(body.encode())
        except (request.MalformedError, request.ViolationsError) as error:
            named = [f"{each.column}: {each.rule}" for each in getattr(error, "found", [])]
            yield f"README.md: {error} {', '.join(named)}"
    if not bodies:
        yield f"README.md shows no request, such as\n{_request(features)}"


def _request(features: Contract) -> str:
    """A request with a made-up row, to be pasted."""
    from ..service import example

    rows = json.dumps(json.loads(example.body(features)))
    url = "http://127.0.0.1:8000/v1/predict"
    return f"    curl -s {url} -H 'content-type: application/json' -d '{rows}'"
