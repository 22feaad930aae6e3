"""What the measurements share: requests, servers under test, load generators, and how a figure is shown."""
