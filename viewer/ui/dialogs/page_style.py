"""How a dialog's page of our own looks: the theme's colours and text size."""

from viewer.ui.look.plain_text import OurPage
from viewer.ui.look.theme import Theme


def style_page(page: OurPage, theme: Theme) -> None:
    """Qt's own page knows few style rules, and no variable. What is shown already keeps its look: show it again."""
    page.document().setDefaultStyleSheet(
        f"p, td, th, h3, h4 {{ color: {theme.hex('hi')} }} p, td, th {{ font-size: {theme.px(13)}px }} "
        # The program's own letters have no bolder weight: Qt would print the same ones twice, a little apart.
        f"h3, h4, th, b {{ font-weight: 600 }} h3 {{ font-size: {theme.px(16)}px }} h4 {{ font-size: {theme.px(14)}px; "
        f"margin-top: {theme.px(18)}px; margin-bottom: {theme.px(6)}px }} "
        f"th {{ text-align: left }} table {{ border-collapse: collapse; border-style: solid; "
        f"border-color: {theme.hex('line2')} }}"
    )
    page.document().setDocumentMargin(16)
