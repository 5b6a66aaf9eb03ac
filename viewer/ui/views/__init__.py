"""The grid of views: cells, their edges, the heatmap pair, the crosshair, thumbnails.

Imports canvas, flows, state and look.
"""
