"""Lines of Python in a rendered product, tests aside: of code, and all.

Lines of code are those without blanks, comments and docstrings. Aim: at most 1,200 of them.
"""

import ast
import io
import tempfile
import tokenize
from pathlib import Path

from cookiecutter.main import cookiecutter

ROOT = Path(__file__).resolve().parent.parent
NOTHING = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}


def code_lines(text: str) -> int:
    """Lines that hold code: no blanks, no comments, no docstrings."""
    found: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in NOTHING and token.string:
            found.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        documented = isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
        if documented and ast.get_docstring(node):
            first = node.body[0]
            found -= set(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    return len(found)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        product = Path(
            cookiecutter(str(ROOT), no_input=True, default_config=True, output_dir=folder)
        )
        texts = {
            path.relative_to(product).as_posix(): path.read_text(encoding="utf-8")
            for path in sorted(product.glob("src/**/*.py"))
        }
    for name, text in texts.items():
        print(f"{code_lines(text):6} {len(text.splitlines()):6}  {name}")
    code = sum(map(code_lines, texts.values()))
    print(f"{code:6} {sum(len(text.splitlines()) for text in texts.values()):6}  together")
    print(f"ratio {code / 1200:.2f} of 1,200 lines of code (aim: at most 1)")


main()
