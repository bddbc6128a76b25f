"""Write the number of the next release into every file that has it, and seal the kit.

    python tools/set_version.py 1.1.0

In:       the number; what CHANGELOG.md says below `Unreleased`, or below a heading with the number.
Out:      kit, checker, what a product asks for, CHANGELOG.md with today's date; the names of these files.
Failure:  exit code 2 for what is no number, 1 where CHANGELOG.md has nothing to tell or the number is
          released; then nothing is written.
"""

import re
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import seal_kit

ROOT = Path(__file__).resolve().parents[1]
KIT = "<<cookiecutter.project_slug>>/vendor/datadevops-kit"
NUMBER = {  # file -> the text around its number; of a product: the range of kits that it accepts
    f"{KIT}/pyproject.toml": r'(?m)(?<=^version = ").*(?=")',
    f"{KIT}/src/datadevops/__init__.py": r'(?m)(?<=^__version__ = ").*?(?=")',
    "review/pyproject.toml": r'(?m)(?<=^version = ").*(?=")',
    "review/src/datadevops_review/__init__.py": r'(?m)(?<=^__version__ = ").*?(?=")',
}
PRODUCT = "<<cookiecutter.project_slug>>/pyproject.toml"
RANGE = re.compile(r"(?<=>=)\d+\.\d+,<\d+")


def new_texts(number: str, today: date) -> dict[str, str]:
    """File -> its text for the release. Raises ValueError if the changelog does not allow it."""
    text = {name: (ROOT / name).read_text(encoding="utf-8") for name in (*NUMBER, PRODUCT, "CHANGELOG.md")}
    new = {name: re.sub(around, number, text[name]) for name, around in NUMBER.items()}
    major, minor, _ = map(int, number.split("."))
    lines = text[PRODUCT].splitlines(keepends=True)
    kit = [
        RANGE.sub(f"{major}.{minor},<{major + 1}", each) if "datadevops-kit" in each else each
        for each in lines
    ]
    return new | {PRODUCT: "".join(kit), "CHANGELOG.md": changelog(text["CHANGELOG.md"], number, today)}


def changelog(text: str, number: str, today: date) -> str:
    """The changelog with a heading for what is below `Unreleased`, or prepared below the number."""
    unreleased, heading = "## [Unreleased]\n", f"## [{number}]"
    entries = text.partition(unreleased)[2].partition("\n## [")[0].strip()
    if prepared := re.search(rf"^{re.escape(heading)}(.*)\n", text, re.MULTILINE):
        if prepared[1]:
            raise ValueError(f"CHANGELOG.md: {number} is released already{prepared[1]}")
        if entries:
            raise ValueError(f"CHANGELOG.md has entries below Unreleased: move them below `{heading}`")
        return text.replace(prepared[0], f"{heading} - {today}\n")
    if not entries:
        raise ValueError("CHANGELOG.md says nothing below Unreleased: a release without notes is none")
    return text.replace(unreleased, f"{unreleased}\n{heading} - {today}\n")


def main(words: list[str]) -> int:
    if len(words) != 1 or not re.fullmatch(r"\d+\.\d+\.\d+", words[0]):
        print("usage: python tools/set_version.py NUMBER, as 1.1.0", file=sys.stderr)
        return 2
    try:
        texts = new_texts(words[0], datetime.now(UTC).date())
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    for name, text in texts.items():
        (ROOT / name).write_text(text, encoding="utf-8")
        print(name)
    seal_kit.main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
