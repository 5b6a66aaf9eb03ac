"""Models: the catalogue, recipes, cards and events, and below them networks, data, training, inference and explanation.

What lies in this folder itself imports no torch at its top, so that the window lists every model without it. Imports
project, reading and core.
"""
