"""Two versions of the template, products of the first, and the commands that update them.

In:       the template as it stands.
Out:      a template with throw-away tags, committed products, what an update says.
Failure:  AssertionError if an update fails that a test expects to succeed.
"""

import re
import sys
from pathlib import Path

import bake
import workshop
from declaration import ROOT

HOW_TO = (ROOT / "docs" / "how-to" / "update-a-product.md").read_text(encoding="utf-8")
SRC, TEMPLATE_SRC = Path("src/rain_forecast"), Path("src/<<cookiecutter.__package>>")
KIT = Path("vendor/datadevops-kit/src/datadevops")


def commands(heading: str = "# Update a product", text: str = HOW_TO) -> list[str]:
    """The commands of the first block of a guide below the heading, with the copier of these tests."""
    block = text.partition(heading)[2].partition("```sh\n")[2].partition("```")[0]
    assert block, f"the guide shows no command below {heading!r}"
    return [line.replace("uvx copier", f"{sys.executable} -m copier") for line in block.splitlines()]


def update(product: Path, *more: str) -> str:
    """Run the first command of the guide."""
    done = try_update(product, *more)
    assert done.returncode == 0, done.stderr
    return done.stderr


def try_update(product: Path, *more: str, **settings: str) -> workshop.Done:
    line = commands()[0]
    assert line.endswith(' -m copier update --defaults "$PWD"')
    return bake.run("bash", "-c", f'{line} "$@"', "-", *more, cwd=product, **settings)


def append(path: Path, line: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + line, encoding="utf-8")


def version_101(folder: Path) -> Path:
    """Version 1.0.1 with a file that the next version drops; of the kit, what is in no room."""
    template = bake.copy_template(folder / "datadevops-template", bake.REST, bake.KIT_ROOMS)
    (template / bake.TREE / "OLD").write_text("Old.\n")
    bake.commit(template, "a file to drop", tag="v1.0.1")
    return template


def release(template: Path) -> None:
    """Version 1.1.0: changes in files of both kinds, a new file, a new question, one file less."""
    product = template / bake.TREE
    append(product / KIT / "errors.py", "# A new line of the kit.\n")
    append(
        product / TEMPLATE_SRC / "contracts" / "sources" / "weather.yaml",
        "# A new line in the sample contract.\n",
    )
    append(product / "README.md", "A new line in the sample README.\n")
    workshop.edit(product / ".gitignore", ".venv/\n", ".venv/\n.cache/\n")
    (product / "NEWS").write_text("News for << cookiecutter.schedule >> products.\n")
    (product / "ops" / "runbooks" / "New.md").write_text("What to do about a new alert.\n")
    (product / "OLD").unlink()
    asked = '  "schedule": "hourly",\n  "org": "acme"'
    workshop.edit(template / "cookiecutter.json", '  "org": "acme"', asked)
    prompt = '  "__prompts__": {\n    "schedule": "How often does it run?",'
    workshop.edit(template / "cookiecutter.json", '  "__prompts__": {', prompt)
    make_copier_yml(template)
    bake.commit(template, "one more", tag="v1.1.0")


def make_copier_yml(template: Path) -> None:
    made = bake.run(sys.executable, "tools/make_copier_yml.py", cwd=template)
    assert made.returncode == 0, made.stderr


def born(engine: bake.Engine, template: Path, folder: Path, **answers: str) -> Path:
    """A product of the template's version, committed."""
    product = engine(template, folder / engine.__name__, org="globex", **answers)
    bake.commit(product, "baked")
    return product


def answers(product: Path) -> dict[str, str]:
    text = (product / ".copier-answers.yml").read_text(encoding="utf-8")
    return dict(re.findall(r'^(\w+): "?(.*?)"?$', text, re.M))
