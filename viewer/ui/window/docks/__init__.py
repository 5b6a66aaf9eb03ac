"""The docks round the views: which stand where in each work space, and how they divide their side.

Goes by what each panel says of its height; knows no panel by name. Used by the window alone.
"""
