"""A model service whose rows have no time: what is a house worth? An owner has several."""

from datadevops import Product

PRODUCT = Product("house_prices", title="House Prices", kind="model-service")
