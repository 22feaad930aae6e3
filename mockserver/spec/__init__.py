"""The tools behind `mockserver spec`: the linter, the comparison of two versions, and what both share."""
