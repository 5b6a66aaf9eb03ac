"""What the list of cases can be asked for of a model's answers: one file and one row for each key.

A key reads what is typed behind it. It may import the values of `viewer.project.said` and no other key.
"""

KEYS = {
    "score": "viewer.project.said.keys.score:read",
    "disagrees": "viewer.project.said.keys.disagrees:read",
    "uncertain": "viewer.project.said.keys.uncertain:read",
}
