"""The table of runs in the middle of Train: its rows, how a cell is painted and edited, and the page around it.

It knows the runs of the open project and its dialogs; where it stands is the window's to say."""
