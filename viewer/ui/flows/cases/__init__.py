"""What is done with the cases of a project: their list, the walk through it, their pictures, answers and reviews."""
