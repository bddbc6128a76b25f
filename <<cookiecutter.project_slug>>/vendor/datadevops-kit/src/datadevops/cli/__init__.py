"""The command line of a product: parse, call one function, print. Results go to stdout, the rest to stderr.

In:       a `Product`. Its modules pipeline, model and service are loaded by name when a command needs them.
Out:      a typer application, to which a team adds commands of its own.
Failure:  an error that a user can correct is shown in a few lines, with exit code 1, 2 or 3; any other
          error shows its traceback.
"""

from typer import Context

from .application import application
from .options import product_of

__all__ = ["Context", "application", "product_of"]
