"""`make memory`: is what the mock of other people's documents remembers true? By documents read by hand."""
