"""What replicas promise, tried out on `tools.cluster`: while they are killed, when they race, and how fast they are."""
