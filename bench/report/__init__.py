"""The report of a run: its page, its picture, and the targets that it is held against."""
