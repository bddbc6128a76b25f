from datadevops import cli

from . import PRODUCT

app = cli.application(PRODUCT)
