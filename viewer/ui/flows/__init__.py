"""What happens over time: opening, walking through cases, closing, asking models, reviewing, watching jobs.

A flow holds no widget; what it needs of the views is asked through state. Imports state and below.
"""
