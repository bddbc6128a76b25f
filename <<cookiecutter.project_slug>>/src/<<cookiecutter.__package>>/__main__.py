# The template's file: edits here meet template updates (copier update merges them).
"""`python -m` does what the command does."""

from .cli import main

main()
