"""Controls: what can be had without a network, one file a row. A model that does not beat them has learned little.

A row answers for one or more kinds of answers from what it is given (`seen.py`), or says in words when it cannot. All
are fitted on the training part, as the network, with a cut from validation; never on the cases that are judged, and are
the same for the same cases. A row imports `seen.py` and `columns.py`, data and figures, and no other row.
"""

# In the order of a report. name: module:attribute, each a `seen.Control`.
CONTROLS: dict[str, str] = {
    "most_frequent": "ml.evaluation.control_rows.most_frequent:CONTROL",
    "training_mean": "ml.evaluation.control_rows.training_mean:CONTROL",
    "training_median": "ml.evaluation.control_rows.training_median:CONTROL",
    "pixels": "ml.evaluation.control_rows.pixels:CONTROL",
    "facts": "ml.evaluation.control_rows.facts:CONTROL",
    "storage": "ml.evaluation.control_rows.storage:CONTROL",
    "view": "ml.evaluation.control_rows.view:CONTROL",
    "covered": "ml.evaluation.control_rows.covered:CONTROL",
    "shuffled": "ml.evaluation.control_rows.shuffled:CONTROL",
    "mean_mask": "ml.evaluation.control_rows.mean_mask:CONTROL",
    "mean_box": "ml.evaluation.control_rows.mean_box:CONTROL",
}
