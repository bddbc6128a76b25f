"""The small faults that Cosmic Ray can bring into a file of the kit, one at a time.

In:       a copy of the tree, a file in it.
Out:      its mutants.
Failure:  none.
"""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator

# Cosmic Ray has 200 operators. Left out are those whose mutants any import sees (`int | None` made
# `int + None`), those that mean the same (`==` made `is`), and nine more ways to spoil one calculation.
OPERATORS = (
    "AddNot",
    "ExceptionReplacer",
    "NumberReplacer",
    "RemoveDecorator",
    "ReplaceAndWithOr",
    "ReplaceBinaryOperator_Add_Sub",
    "ReplaceBinaryOperator_BitAnd_BitOr",
    "ReplaceBinaryOperator_Div_Mul",
    "ReplaceBinaryOperator_FloorDiv_Mul",
    "ReplaceBinaryOperator_Mod_Mul",
    "ReplaceBinaryOperator_Mul_Div",
    "ReplaceBinaryOperator_Sub_Add",
    "ReplaceBreakWithContinue",
    "ReplaceComparisonOperator_Eq_NotEq",
    "ReplaceComparisonOperator_GtE_Gt",
    "ReplaceComparisonOperator_GtE_Lt",
    "ReplaceComparisonOperator_Gt_GtE",
    "ReplaceComparisonOperator_Gt_LtE",
    "ReplaceComparisonOperator_IsNot_Is",
    "ReplaceComparisonOperator_Is_IsNot",
    "ReplaceComparisonOperator_LtE_Gt",
    "ReplaceComparisonOperator_LtE_Lt",
    "ReplaceComparisonOperator_Lt_GtE",
    "ReplaceComparisonOperator_Lt_LtE",
    "ReplaceComparisonOperator_NotEq_Eq",
    "ReplaceContinueWithBreak",
    "ReplaceFalseWithTrue",
    "ReplaceOrWithAnd",
    "ReplaceTrueWithFalse",
    "ReplaceUnaryOperator_Delete_Not",
    "ReplaceUnaryOperator_USub_UAdd",
    "ZeroIterationForLoop",
)
# Lines that are left alone: what they save is time, nothing works without them, or nobody tries to change
# what is frozen. Nor is `strict=True` of a `zip` changed: where it is written, both are equally long.
LEFT_ALONE = ("@cache", "@lru_cache", "if TYPE_CHECKING", "@dataclass")


@dataclass(frozen=True)
class Mutant:
    file: str  # from the tree's root
    line: int
    operator: str
    occurrence: int

    def changed(self, text: str) -> str:
        return mutate_code(text, get_operator(self.operator)(), self.occurrence)  # type: ignore[no-any-return]

    def is_python(self, text: str) -> bool:
        """Whether it can be imported: `if not found := read():` cannot, and every test would see it. Nor can
        Cosmic Ray make each mutant: it knows no dots in `except (yaml.YAMLError, OSError)`."""
        try:
            compile(self.changed(text), self.file, "exec")
        except (SyntaxError, AttributeError):
            return False
        return True

    def difference(self, tree: Path) -> str:
        text = (tree / self.file).read_text(encoding="utf-8")
        lines = difflib.unified_diff(text.split("\n"), self.changed(text).split("\n"), n=0, lineterm="")
        return "\n".join(f"    {line}" for line in list(lines)[3:])


def mutants(tree: Path, file: Path) -> Iterator[Mutant]:
    """All mutants of a file that are Python, operator by operator."""
    text = (tree / file).read_text(encoding="utf-8")
    lines, nodes = text.split("\n"), list(ast_nodes(get_ast(text)))
    for name in OPERATORS:
        operator = get_operator(f"core/{name}")()
        places = [start for node in nodes for start, _ in operator.mutation_positions(node)]
        for occurrence, (line, column) in enumerate(places):
            whole = lines[line - 1]
            if not (whole.lstrip().startswith(LEFT_ALONE) or whole[:column].endswith("strict=")):
                mutant = Mutant(str(file), line, f"core/{name}", occurrence)
                if mutant.is_python(text):
                    yield mutant
