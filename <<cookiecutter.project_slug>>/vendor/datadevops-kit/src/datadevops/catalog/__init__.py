"""The product as a catalogue sees it: product.odps.yaml, of the Open Data Product Standard (https://bitol.io).

In:       the contracts of the product, its answers, the file as the team left it.
Out:      the file, with what contracts and answers say, and with all that the team wrote.
Failure:  ContractError CT021 for a file that cannot be read.
"""
