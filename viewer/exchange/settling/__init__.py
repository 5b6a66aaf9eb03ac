"""What an import says beside shapes and answers, settled against the project: whose readings they are, where its images
lie, which shapes are one object, which cases are complete then, in which part of a split an image is.

May import what `viewer.exchange` may, and the store and findings of a plan; the formats know nothing of it.
"""
