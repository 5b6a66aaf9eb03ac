"""The command line: `main`, and one file per sub-command, imported only when its name is the first word.

A sub-command's module has HELP (one sentence), EXAMPLE (one command line), add_arguments(parser) and
run(args, out) -> the JSON document. Nothing heavy is imported at its top: `negatoscope --help` reads them all.
"""

COMMANDS: dict[str, str] = {
    "scan": "viewer.cli.scan",
    "render": "viewer.cli.render",
    "export": "viewer.cli.export",
    "project": "viewer.cli.project",
    "annotate": "viewer.cli.annotate",
    "snapshot": "viewer.cli.snapshot",
    "train": "viewer.cli.train",
    "cancel": "viewer.cli.cancel",
    "runs": "viewer.cli.runs",
    "models": "viewer.cli.models",
    "evaluate": "viewer.cli.evaluate",
    "predict": "viewer.cli.predict",
    "explain": "viewer.cli.explain",
    "review": "viewer.cli.review",
    "demo": "viewer.cli.demo",
    "study": "viewer.cli.study",
}
