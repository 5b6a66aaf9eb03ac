"""The main window and what stands round its views: bars, docks, keys, status, banner, welcome page, palette.

Places parts and makes what there is one of; imports every room below.
"""
