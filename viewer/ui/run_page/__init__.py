"""The page of one run in the middle of Train: cards, one file each, as a literal table in the order of the page.

A card is a `viewer.ui.run_page.card:Card`: it says one thing of the chosen run, and why it cannot. No card knows
another; what they say is read beside the window's thread by `facts.py`.
"""

CARDS = {
    "head": "viewer.ui.run_page.head:HeadCard",
    "curves": "viewer.ui.run_page.curves:CurvesCard",
    "figures": "viewer.ui.run_page.figures:FiguresCard",
    "folds": "viewer.ui.run_page.folds:FoldsCard",
    "report": "viewer.ui.run_page.report:ReportCard",
    "external": "viewer.ui.run_page.external:ExternalCard",
    "learning_curve": "viewer.ui.run_page.learning_curve:LearningCurveCard",
    "groups": "viewer.ui.run_page.groups:GroupsCard",
    "confusion": "viewer.ui.run_page.confusion:ConfusionCard",
    "prevalence": "viewer.ui.run_page.prevalence:PrevalenceCard",
    "drawn": "viewer.ui.run_page.drawn:DrawnCard",
    "worst": "viewer.ui.run_page.worst:WorstCard",
}
