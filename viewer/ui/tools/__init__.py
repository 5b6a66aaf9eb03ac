"""Drawing and looking tools, one file each. A new tool is one file and one row here.

Its title, keys, icon, help and work spaces stand in its class (`viewer.ui.gestures.tool.IdleTool`); the order here is
that of the tool bars. Imports gestures and core; no tool knows another.
"""

TOOLS = {
    "select": "viewer.ui.tools.select:SelectTool",
    "window": "viewer.ui.tools.window:WindowTool",
    "zoom": "viewer.ui.tools.zoom:ZoomTool",
    "pan": "viewer.ui.tools.pan:PanTool",
    "scroll": "viewer.ui.tools.scroll:ScrollTool",
    "crosshair": "viewer.ui.tools.crosshair:CrosshairTool",
    "box": "viewer.ui.tools.box:BoxTool",
    "polygon": "viewer.ui.tools.polygon:PolygonTool",
    "polyline": "viewer.ui.tools.polyline:PolylineTool",
    "point": "viewer.ui.tools.point:PointTool",
    "freehand": "viewer.ui.tools.freehand:FreehandTool",
    "brush": "viewer.ui.tools.brush:BrushTool",
    "eraser": "viewer.ui.tools.eraser:EraserTool",
    "length": "viewer.ui.tools.length:LengthTool",
    "angle": "viewer.ui.tools.angle:AngleTool",
    "ellipse": "viewer.ui.tools.ellipse:EllipseTool",
    "rectangle": "viewer.ui.tools.rectangle:RectangleTool",
    "probe": "viewer.ui.tools.probe:ProbeTool",
}
