"""The page "Bring your own data": its steps, and what it says of each.

In:       the page. Each block of shell is a step; the block of text after it says what the step prints.
Out:      steps, which can be typed in a product.
Failure:  AssertionError for an exit code that the page does not say, and for a line that is not printed.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import bake
from declaration import ROOT

PAGE = (ROOT / "docs" / "how-to" / "bring-your-own-data.md").read_text(encoding="utf-8")
STEP = re.compile(r"```sh\n(.*?)```\n(?:\n```text\n(.*?)```\n)?", re.DOTALL)


@dataclass(frozen=True)
class Step:
    heading: str  # of its part of the page
    commands: tuple[str, ...]
    printed: tuple[str, ...]  # lines, in their order; `...` is anything

    def type(
        self, product: Path, files: Sequence[Path], fail: Collection[str], more: Mapping[str, str], **env: str
    ) -> str:
        """Type the commands, those about FILE for each of the files; what they print. `more`: what is
        added to a command."""
        every = files if "FILE" in "".join(self.commands) else [Path()]
        return "".join(self._type(product, file, fail, more, **env) for file in every)

    def _type(
        self, product: Path, file: Path, fail: Collection[str], more: Mapping[str, str], **env: str
    ) -> str:
        said = ""
        for command in self.commands:
            words = _of(command + more.get(command, ""), file)
            done = bake.run(*words.split(), cwd=product, **env)
            said += done.stdout + done.stderr
            assert (done.returncode != 0) == (command in fail), f"{words}: {done.returncode}\n{said}"
        lines = iter(said.splitlines())
        for line in self.printed:
            pattern = re.escape(_of(line, file)).replace(re.escape("..."), ".*")
            assert any(re.fullmatch(pattern, each.strip()) for each in lines), f"no line `{line}` in\n{said}"
        return said


def steps() -> Iterator[Step]:
    """The steps of the page, in its order."""
    for part in re.split(r"^##? ", PAGE, flags=re.MULTILINE):
        heading = part.partition("\n")[0]
        for commands, printed in STEP.findall(part):
            lines = tuple(line.strip() for line in printed.splitlines() if line.strip())
            yield Step(heading, tuple(commands.splitlines()), lines)


def _of(text: str, file: Path) -> str:
    """The text, with this file and its table for the placeholders."""
    return text.replace("FILE", str(file)).replace("TABLE", file.stem)
