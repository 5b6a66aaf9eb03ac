"""Several of what is mostly one: data of another project, the folds of a training as one model, and each fold alone.

A view of snapshots is read like one; nothing here reads a network. Imports data and figures.
"""
