"""Figures: what a model's answers are worth on cases it has not seen, with intervals and beside controls.

One measure under any weighting, one place that says better or worse. Imports data, networks and core.
"""
