"""Does a repository meet the standard of a data product?"""

__version__ = "1.0.0"  # that of the template and of the kit
