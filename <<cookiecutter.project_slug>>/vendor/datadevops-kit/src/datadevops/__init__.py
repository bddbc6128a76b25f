"""The library of a data product: everything that is the same in every product.

In:       a `Product`: the name, title and kind of the package that a team owns.
Out:      its command line, the steps of its pipeline, its service, its alerts, its tests. README.md lists
          what products may import; names that begin with `_`, and rooms that are not listed, may change.
"""

from .product import Product

__all__ = ["Product", "__version__"]
__version__ = "1.0.0"
