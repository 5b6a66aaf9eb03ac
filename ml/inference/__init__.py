"""Loading a model, asking it about images, and the warm child that the window asks.

Nothing here starts a training. Imports data, networks and explanation.
"""
