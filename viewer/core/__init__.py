"""Values and arithmetic: numpy only, no files, no Qt, no torch."""
