"""The example that a product is baked with, and its removal.

In:       a checkout.
Out:      the same without the example; what was removed stands in a folder of its own.
Failure:  SettingsError CF014 (there is no example), CF015 (its files cannot be moved).
"""
