"""A page of commands, edits and what they print, done from top to bottom in one shell.

In:       the text of a Markdown page, a folder to work in. What a reader does is in fenced blocks:
          `sh` commands, each a line; all but the last succeed. VERSION is the last word of the line `to undo`
          before
          `text` what the block of commands before it prints; or, after a line "`FILE` says:", what a file
          contains. A line `...` is any lines, `...` in a line anything; `exit code N` is the last line
          `diff` an edit, after a line "In `FILE`:"; a line begins with a blank, - or +
Out:      what was NOT RUN, as commands with exit code 3 say; what each block printed.
Failure:  AssertionError that names the line of the page: an output, a file or an exit code is another one,
          an edit does not fit; ValueError for a block of another kind.
"""

import html
import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Timer

import bake

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
UNDO = re.compile(r"^to undo: `.* (\S+)`$", re.MULTILINE)
FILE = re.compile(r"\s`([^`]+)`( says)?:\n\s*\Z")
DONE = "the shell has done"
NOT_RUN = 3
PATIENCE_SECONDS = 1800
Typed = Callable[[str], tuple[str, int]]


@dataclass(frozen=True)
class Block:
    kind: str  # sh, text or diff
    line: int  # of the page, the first inside the fence
    lines: list[str]
    file: str  # that is edited or quoted; else empty


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page in their order. Raises ValueError for one that says nothing to do."""
    found = []
    for each in FENCE.finditer(page):
        kind, line = each[1], page.count("\n", 0, each.start()) + 2
        before = FILE.search(" " + page[: each.start()])
        file = before[1] if before and (kind == "diff" or before[2]) else ""
        if kind not in ("sh", "text", "diff") or (kind == "diff" and not file):
            raise ValueError(f"line {line}: neither sh, nor text, nor a diff after a line 'In `FILE`:'")
        found.append(Block(kind, line, each[2].splitlines(), file))
    return found


@contextmanager
def shell(folder: Path, **more: str) -> Iterator[Typed]:
    """One shell for a whole page: a folder, a variable and a job of one command are there in the next."""
    with subprocess.Popen(
        ["bash", "--norc"],
        cwd=folder,
        env=bake.environment(PWD=str(folder), PYTHONUNBUFFERED="1", **more),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        kill = partial(os.killpg, process.pid, signal.SIGKILL)  # what runs in the background too
        end = Timer(PATIENCE_SECONDS, kill)
        end.start()
        try:
            yield partial(_typed, process)
        finally:
            end.cancel()
            kill()


def _typed(process: subprocess.Popen[str], command: str) -> tuple[str, int]:
    """What the command prints, and its exit code."""
    assert process.stdin
    assert process.stdout
    process.stdin.write(f"{{ {command}\n}} </dev/null\nprintf '\\n{DONE} %s\\n' $?\n")
    process.stdin.flush()
    printed: list[str] = []
    for line in process.stdout:
        if line.startswith(DONE):
            return "".join(printed).rstrip("\n"), int(line.removeprefix(DONE))
        printed.append(line)
    raise AssertionError(f"the shell ended, or {PATIENCE_SECONDS} s were not enough: {command}")


def follow(page: str, folder: Path, **more: str) -> tuple[list[str], list[str]]:
    """Do all that the page says; what was NOT RUN, and what each of its blocks showed."""
    missing: list[str] = []
    shown: list[str] = []
    with shell(folder, **more) as typed:
        for block in blocks(page):
            text = shown[-1] if shown else ""
            if block.kind == "diff":
                edit(folder / block.file, block)
            elif block.kind == "sh":
                text, code = _run_all(typed, block, text)
                expects_failure = _next_quote_fails(page, block)
                assert code in (0, NOT_RUN) or expects_failure, f"line {block.line}: exit code {code}\n{text}"
                text += f"\nexit code {code}" if code else ""
                if code == NOT_RUN:
                    missing.append(text)
            else:
                text = words(folder / block.file) if block.file else text
                assert text in missing or not (fault := misquoted(block, text)), f"{fault}\n{text}"
            shown.append(text)
    return missing, shown


def _run_all(typed: Typed, block: Block, before: str) -> tuple[str, int]:
    """What the commands of a block print, and the exit code of the last one; the others must succeed."""
    printed: list[str] = []
    code = 0
    lines = "\n".join(block.lines).replace("\\\n", "")
    if version := UNDO.search(before):
        lines = lines.replace("VERSION", version[1])
    for command in lines.splitlines():
        assert code == 0, f"line {block.line}: exit code {code} before {command!r}\n{printed[-1]}"
        text, code = typed(command)
        printed.append(text)
    return "\n".join(filter(None, printed)), code


def _next_quote_fails(page: str, block: Block) -> bool:
    """Whether the page says that the last command of the block fails."""
    later = [each for each in blocks(page) if each.line > block.line]
    return bool(later) and later[0].kind == "text" and later[0].lines[-1].startswith("exit code ")


def misquoted(block: Block, text: str) -> str:
    """The first line of the block that the text does not have there; empty if it has them all."""
    text = "\n".join(line.rstrip() for line in text.splitlines()) + "\n"
    pattern = ""
    for number, line in enumerate(block.lines, block.line):
        inside = r".*".join(re.escape(part) for part in line.rstrip().split("..."))
        pattern += r"(?:.*\n)*?" if line == "..." else f"{inside}\n"
        if not re.search(f"^{pattern}", text, re.MULTILINE):
            return f"line {number}: the page says {line!r}, which is not there in what follows"
    return ""


def words(file: Path) -> str:
    """The text of a file, of a web page without its tags."""
    text = file.read_text(encoding="utf-8")
    if file.suffix != ".html":
        return text
    for pattern, other in (
        (r"<(style|svg).*?</\1>|<wbr>|</?code>", ""),
        (r"<[^>]+>", "\n"),
        (r"\s*\n\s*", "\n"),
    ):
        text = re.sub(pattern, other, text, flags=re.DOTALL)
    return html.unescape(text)


def edit(file: Path, block: Block) -> None:
    """Replace the lines with a blank and - by those with a blank and +, at the one place where they are."""
    old = "".join(f"{line[1:]}\n" for line in block.lines if line[:1] != "+")
    new = "".join(f"{line[1:]}\n" for line in block.lines if line[:1] != "-")
    text = file.read_text(encoding="utf-8")
    changed, places = re.subn(f"^{re.escape(old)}", lambda _: new, text, flags=re.MULTILINE)
    assert places == 1, f"line {block.line}: {file.name} has {places} places for this edit"
    file.write_text(changed, encoding="utf-8")
