"""The arithmetic of figures, one file for each kind of them, as measures or as functions of weights.

Numpy and scipy only: nothing here knows a run, a network or a page; outcomes put them together.
"""
