"""The command line: `main`, and one file per sub-command, imported only when its name is the first word.

A sub-command's module has HELP (one sentence), EXAMPLE (one command line), add_arguments(parser) and
run(args, out) -> the JSON document. Nothing heavy is imported at its top: `negatoscope --help` reads them all.
"""

import os
import sys

# PYTHONPATH=...: (nothing after the colon) and `-m` put the current folder on the module path; nothing in it is ours.
# os alone is sure to be loaded before.
try:
    _here = os.getcwd()  # noqa: PTH109
except OSError:  # a folder that was deleted
    _here = ""
if _here and not os.path.abspath(__file__).startswith(_here):  # noqa: PTH100
    sys.path[:] = [path for path in sys.path if path and os.path.abspath(path) != _here]  # noqa: PTH100

COMMANDS: dict[str, str] = {
    "scan": "viewer.cli.scan",
    "render": "viewer.cli.render",
    "export": "viewer.cli.export",
    "project": "viewer.cli.project",
    "annotate": "viewer.cli.annotate",
    "snapshot": "viewer.cli.snapshot",
    "leaks": "viewer.cli.leaks",
    "second-read": "viewer.cli.second_read",
    "train": "viewer.cli.train",
    "cancel": "viewer.cli.cancel",
    "runs": "viewer.cli.runs",
    "models": "viewer.cli.models",
    "evaluate": "viewer.cli.evaluate",
    "compare": "viewer.cli.compare",
    "learning-curve": "viewer.cli.learning_curve",
    "figures": "viewer.cli.figures",
    "predict": "viewer.cli.predict",
    "explain": "viewer.cli.explain",
    "review": "viewer.cli.review",
    "forget": "viewer.cli.forget",
    "demo": "viewer.cli.demo",
    "study": "viewer.cli.study",
}
