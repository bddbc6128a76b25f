"""Tests work apart from what started them: a hook of git, `git rebase --exec`, a terminal with colours.

In:       the environment of the process.
Out:      the same without the variables by which git would work in another repository, and by which programs
          colour what they print. To import this module does it, before all that may start a program.
Failure:  none.
"""

import os
import re

ELSEWHERE = r"GIT_(?!CONFIG_)\w*(DIR(ECTOR(Y|IES))?|TREE|FILE|PREFIX|NAMESPACE|PATHSPECS|OBJECTS|BASE|CONFIG)"
COLOURS = r"(FORCE|NO)_COLOR|CLICOLOR(_FORCE)?|COLUMNS"

for _name in [name for name in os.environ if re.fullmatch(f"{ELSEWHERE}|{COLOURS}", name)]:
    del os.environ[_name]
