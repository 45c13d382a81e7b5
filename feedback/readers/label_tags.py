"""Which tags of Label Studio's labelling configurations a form becomes and is made of, and which are refused, and why."""

from __future__ import annotations

# What a question becomes. Everything else that Label Studio calls a control is refused.
CONTROLS = ("Pairwise", "Choices", "Rating", "Number", "TextArea", "Ranker", "Labels")
OBJECTS = ("Text", "HyperText", "Paragraphs", "List")
# Passed over: they arrange and adorn what is asked.
LAYOUT = ("View", "Header", "Style", "Collapse", "Panel", "Filter", "Shortcut")
PARTS = ("Choice", "Label", "Bucket")

_PICTURES = "it is drawn on pictures, and Touchstone reviews text"
_SOUND = "it marks sound, video or time series, and Touchstone reviews text"
REFUSED: dict[str, str] = {
    **dict.fromkeys(
        (
            "Brush", "BrushLabels", "Ellipse", "EllipseLabels", "KeyPoint", "KeyPointLabels", "Magicwand",
            "Polygon", "PolygonLabels", "Rectangle", "RectangleLabels", "Bitmask", "BitmaskLabels", "Vector",
            "VectorLabels", "Image", "ReactCode",
        ),
        _PICTURES,
    ),
    **dict.fromkeys(
        ("Audio", "AudioPlus", "Video", "VideoRectangle", "TimeSeries", "TimeSeriesLabels", "TimelineLabels"),
        _SOUND,
    ),
    "Taxonomy": "a tree of choices has no question here; list the choices that matter in Choices",
    "DateTime": "a date has no question here; ask for it in a TextArea",
    "Relation": "relations between marked passages are not kept",
    "Relations": "relations between marked passages are not kept",
    "HyperTextLabels": "use Labels on a HyperText",
    "ParagraphLabels": "use Labels on a Text",
    "Chat": "a conversation is an item of its own here, and needs no tag",
    "Pdf": "documents are imported as items; show their text in a Text",
    "Table": "tables are part of a text here; show them in a Text",
    "Repeater": "repeated tags depend on each task; list the controls one by one",
}  # fmt: skip
OTHERWISE = "Touchstone does not know it"

# The seven steps and "both unacceptable" as aliases of Choices, best for the first response first.
STEPS = ("3", "2", "1", "0", "-1", "-2", "-3")
BOTH = "both_unacceptable"
# What tags cannot say of a question stands in an attribute that Label Studio passes over.
OURS = "touchstone"
SEVERITY, COMMENT = "_severity", "_comment"
