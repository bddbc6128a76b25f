"""The commands about the versions of a dataset."""

import re
from datetime import UTC, datetime
from typing import Annotated

import typer

from ..contract import consumers
from ..datasets import publication
from ..errors import ContractError, StoreError, counted, nearest
from ..store import aliases, contents
from ..store.versions import Store
from .options import Group, Json, Why, product_of, published_of, settings_of, store_of
from .output import show

Name = Annotated[
    str | None, typer.Argument(metavar="DATASET", help="May be left out where there is one dataset.")
]


def list_(context: typer.Context, name: Name = None, as_json: Json = False) -> None:
    """All versions of a dataset, the newest first.

    \b
    Example:    COMMAND publish list
    Exit code:  0 shown; 2 the log is damaged
    """
    versions = _versions(context, name)
    standing = [event["version"] for event in aliases.stack(versions, aliases.PUBLISHED)]
    rolled_back = aliases.rolled_back(versions, aliases.PUBLISHED)
    found, lines = [], []
    for id_ in versions.versions():
        published, gone = id_ in standing[-1:], id_ in rolled_back
        try:
            version = versions.open(id_)
            if not contents.is_dataset(version):
                continue
            rows, newest = version.facts["rows"], version.facts["newest"]
            facts = {"made_at": version.made_at, "rows": rows, "newest": newest}
            text = f"{version.made_at}  {counted(rows, 'row')}" + (f" to {newest[:10]}" if newest else "")
        except StoreError:
            facts, text = {"damaged": True}, "damaged"
        found.append({"version": id_, "published": published, "rolled_back": gone, **facts})
        lines.append(f"{id_}  {text}" + "  published" * published + "  rolled back" * gone)
    show(found, as_json, "\n".join(lines))


def promote(
    context: typer.Context,
    version: Annotated[str, typer.Argument(help="As `publish list` shows it.")],
    why: Why = "promoted by hand",
) -> None:
    """Publish a version of the dataset that it belongs to.

    \b
    Example:    COMMAND publish promote 3f2a9c0d1b4e --why "false alarm"
    Exit code:  0 done; 2 there is no such version, or it is damaged
    """
    now, local = datetime.now(UTC), settings_of(context).local
    known = [store_of(context, name) for name in published_of(context)]
    mine = next((versions for versions in known if version in versions.versions()), known[0])
    declared = consumers.load(product_of(context).contracts)
    made = publication.promote(mine, version, why, now, local, declared)
    print(f"{mine.root.name}: published is {made.id}")


def rollback(context: typer.Context, name: Name = None, why: Why = "rolled back by hand") -> None:
    """Publish the previous version of a dataset again.

    Called again, it goes back one more version; it never toggles.

    \b
    Example:    COMMAND publish rollback --why "wrong source data"
    Exit code:  0 done; 2 there is no previous version
    """
    now, local = datetime.now(UTC), settings_of(context).local
    versions = _versions(context, name)
    product = product_of(context)
    declared = consumers.load(product.contracts)
    with versions.locked():
        left = aliases.stack(versions, aliases.PUBLISHED)[-1:]
        made = publication.rollback(versions, why, now, local, declared)
    print(f"{versions.root.name}: published is {made.id}")
    print(f"to undo: `{product.command} publish promote {left[0]['version']}`")


def retire(
    context: typer.Context,
    major: Annotated[str, typer.Argument(metavar="vN", help="The link of an older major version: v1.")],
    name: Name = None,
) -> None:
    """Remove the link to an older major version of a dataset that no declared consumer reads any more.

    \b
    Example:    COMMAND publish retire v1
    Exit code:  0 removed; 1 it is still read, or is the published one; 2 there is no such link
    """
    if not re.fullmatch(r"v\d+", major):
        raise typer.BadParameter(f"{major} is no major version, write it as v1")
    versions, declared = _versions(context, name), consumers.load(product_of(context).contracts)
    publication.retire(versions, int(major[1:]), declared)
    print(f"{versions.root.name}: {major} is retired")


def _versions(context: typer.Context, name: str | None) -> Store:
    """The published versions of that dataset, or of the only one."""
    known = [*published_of(context)]
    if name is None and len(known) > 1:
        raise typer.BadParameter(f"say of which dataset: {', '.join(known)}")
    if name not in (None, *known):
        raise ContractError("CT001", f"there is no dataset {name!r}", nearest(name or "", known))
    return store_of(context, name or known[0])


GROUP: Group = ("The versions of a dataset, and which one readers get.", [list_, promote, rollback, retire])
