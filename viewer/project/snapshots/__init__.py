"""Data sets as training reads them: what a task takes, how patients are divided, frozen under the content's name.

Imports the store and the records of the project.
"""
