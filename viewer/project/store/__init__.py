"""The project's database: tables, connection, migrations, and the stored form of rows and edits.

Knows nothing of what a gesture means.
"""
