"""What is behind `mockserver spec`: the linter, the comparison of two versions, and what they share."""
