"""Training: one loop and one checkpoint format for every kind of task (`ml.tasks` says what is learned).

A run is a folder; whatever is decided stands in it before the first step. Imports data, evaluation and networks.
"""
