"""Docked panels, one file each, as a literal table.

A panel is a QWidget class with the class attributes `title`, `area` ("left", "right" or "bottom") and `workspaces`
(where it stands by default), made with the session. It may have `title_commands` (ids of commands drawn as icons in its
title) and a signal `count_changed(str)` for the text beside its title. No panel knows another.
"""

PANELS = {
    "studies": "viewer.ui.panels.studies:StudiesPanel",
    "cases": "viewer.ui.panels.cases.panel:CasesPanel",
    "runs": "viewer.ui.panels.runs:RunsPanel",
    "snapshots": "viewer.ui.panels.snapshots:SnapshotsPanel",
    "window_level": "viewer.ui.panels.window_level:WindowLevelPanel",
    "measurements": "viewer.ui.panels.measurements:MeasurementsPanel",
    "labels": "viewer.ui.panels.labels:LabelsPanel",
    "on_image": "viewer.ui.panels.on_image:OnImagePanel",
    "history": "viewer.ui.panels.history:HistoryPanel",
    "findings": "viewer.ui.panels.findings:FindingsPanel",
    "heatmap": "viewer.ui.panels.heatmap:HeatmapPanel",
    "scores": "viewer.ui.panels.scores:ScoresPanel",
    "jobs": "viewer.ui.panels.jobs:JobsPanel",
    "report": "viewer.ui.panels.report:ReportPanel",
    "tags": "viewer.ui.panels.tags:TagsPanel",
}
