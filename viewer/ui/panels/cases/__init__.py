"""The panel of the list of cases: its rows, its filter and what stands below them. Another panel knows none of it."""
