"""Tests work apart from the repository that started them, as a hook of git or `git rebase --exec` does.

In:       the environment of the process.
Out:      the same without the variables by which git would work in another repository. To import this
          module does it, before all that may start git.
Failure:  none.
"""

import os
import re

ELSEWHERE = r"GIT_(?!CONFIG_)\w*(DIR(ECTOR(Y|IES))?|TREE|FILE|PREFIX|NAMESPACE|PATHSPECS|OBJECTS|BASE|CONFIG)"

for _name in [name for name in os.environ if re.fullmatch(ELSEWHERE, name)]:
    del os.environ[_name]
