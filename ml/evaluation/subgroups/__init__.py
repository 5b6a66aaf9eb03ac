"""Groups of cases: by what their headers and the project say of them, each judged alone and held against the others.

Loads no torch. A new column is a row of `columns.COLUMNS`; what people call their groups stays as the files have it.
"""
