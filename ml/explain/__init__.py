"""Heatmaps: what a map is, how one layer is read without touching the network, what its numbers mean and their scale.

A method is a file in `cams`. Imports data, networks and inference.
"""
