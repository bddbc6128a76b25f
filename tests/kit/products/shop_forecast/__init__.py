"""A small model service, as a team would write it, for the tests of the library."""

from datadevops import Product

PRODUCT = Product("shop_forecast", title="Shop Forecast", kind="model-service")
