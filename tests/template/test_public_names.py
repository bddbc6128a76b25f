"""A product imports only public names of the kit, and the kit's README lists them all."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import bake
from declaration import DECLARED, ROOT

KIT = ROOT / "kit" / "src" / "datadevops"


def public() -> dict[str, list[str]]:
    """The names in `__all__`, by module."""
    found = {}
    for path in [KIT / "__init__.py", *sorted(KIT.glob("*/__init__.py"))]:
        module = ".".join(["datadevops", *path.relative_to(KIT).parts[:-1]])
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
                found[module] = list(ast.literal_eval(node.value))
    return found


def imported(path: Path) -> Iterator[tuple[str, str]]:
    """(module, name) of each import of the kit in a Python file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "datadevops":
            yield from ((str(node.module), alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (
                (alias.name, "") for alias in node.names if alias.name.partition(".")[0] == "datadevops"
            )


def private(product: Path) -> list[str]:
    """The imports of names that are not public; a room with public names may be imported whole."""
    known = public()
    allowed = {(module, name) for module, names in known.items() for name in names}
    allowed |= {("datadevops", module.partition(".")[2]) for module in known}
    return [
        f"{path.relative_to(product)}: {module}.{name}"
        for folder in ("src", "tests", "ci")
        for path in sorted((product / folder).rglob("*.py"))
        for module, name in imported(path)
        if (module, name) not in allowed
    ]


@pytest.mark.parametrize("product_type", DECLARED["product_type"])
def test_a_product_imports_only_public_names(product_type: str, template: Path, tmp_path: Path) -> None:
    product = bake.by_cookiecutter(template, tmp_path, product_type=product_type)

    assert private(product) == []


def test_an_import_of_a_private_name_is_found(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "model.py").write_text("from datadevops.models.gate import judge\n")

    assert private(tmp_path) == ["src/model.py: datadevops.models.gate.judge"]


def test_the_readme_of_the_kit_lists_every_public_name() -> None:
    readme = (KIT.parents[1] / "README.md").read_text(encoding="utf-8")

    missing = [
        f"{module}.{name}"
        for module, names in public().items()
        for name in names
        if name not in readme and name != "__version__"
    ]

    assert missing == []
