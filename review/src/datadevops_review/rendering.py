"""A product as its template renders it, compared with what became of it.

In:       the product's folder and recorded answers, the address of the template.
Out:      a finding for each file of the template that differs.
Failure:  NotRun where copier, the template or the recorded version is missing.
"""

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from .programs import said
from .project_file import NAME as PROJECT_FILE
from .project_file import same_template_part
from .verdict import Finding, NotRun

MARK = "Template-owned"  # in the first line of a file of the template
COPIER = "copier>=9.15,<10"
TIMEOUT_SECONDS = 600


def differences(address: str, product: Path, answers: dict[str, Any]) -> Iterator[Finding]:
    """The template's files that were edited or deleted. Raises NotRun."""
    with TemporaryDirectory(prefix="datadevops-review-") as folder:
        rendered = _render(address, Path(folder), answers)
        for path in sorted(rendered.rglob("*")):
            if not path.is_file() or not _owned(path):
                continue
            name = path.relative_to(rendered).as_posix()
            mine = product / name
            if not mine.is_file():
                yield Finding(name, "was deleted; a waiver with this path allows it")
            elif not _same(name, mine.read_bytes(), path.read_bytes()):
                yield Finding(name, "was edited")


def _same(name: str, mine: bytes, rendered: bytes) -> bool:
    return mine == rendered or (name == PROJECT_FILE and same_template_part(mine, rendered))


def _owned(path: Path) -> bool:
    content = path.read_bytes()[:200]
    return MARK.encode() in content.partition(b"\n")[0] and path.name != ".copier-answers.yml"


def _render(address: str, folder: Path, answers: dict[str, Any]) -> Path:
    version = answers.get("_commit")
    if not version:
        raise NotRun("the product does not say which version of the template it has")
    given = folder / "answers.yml"
    given.write_text(
        json.dumps({k: v for k, v in answers.items() if not k.startswith("_")}), encoding="utf-8"
    )
    rendered = folder / "rendered"
    words = ["copy", "--quiet", "--defaults", "--vcs-ref", str(version), "--data-file", str(given)]
    asked = [*_copier(), *words, address, str(rendered)]
    said(asked, TIMEOUT_SECONDS, f"the template {address} cannot be rendered at {version}")
    return rendered


def _copier() -> list[str]:
    """Copier beside this Python, on the PATH, or fetched by uv."""
    beside = Path(sys.executable).with_name("copier")
    found = str(beside) if beside.exists() else shutil.which("copier")
    if not found and not shutil.which("uvx"):
        raise NotRun("neither copier nor uvx is installed")
    return [found] if found else ["uvx", "--from", COPIER, "copier"]
