"""The pages of docs/reference, one module each; tools/make_reference.py writes them."""
