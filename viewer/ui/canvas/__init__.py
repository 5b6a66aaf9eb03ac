"""One view's pixels: camera, contrast, painting, mouse and keys.

Imports tools, gestures and look; knows one image and nothing of projects.
"""
