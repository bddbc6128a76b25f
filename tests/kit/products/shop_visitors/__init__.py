"""A model service that predicts a number: how many people come in the next hour."""

from datadevops import Product

PRODUCT = Product("shop_visitors", title="Shop Visitors", kind="model-service")
