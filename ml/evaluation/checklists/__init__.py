"""What a publication must say, item by item: filled from what the program knows, or named as the author's to write.

A checklist is a table of items in one file; numbers and subjects are those of its authors, the wording is ours. What is
said of data, model and results comes from one file each, and both lists use it. Imports data and figures, no torch.
"""

# In the order of a report. Where it stands in figures.json: module:attribute, each an `item.Checklist`.
CHECKLISTS: dict[str, str] = {
    "claim": "ml.evaluation.checklists.claim:CLAIM",
    "tripod_ai": "ml.evaluation.checklists.tripod:TRIPOD_AI",
}
