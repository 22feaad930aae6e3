"""What replicas promise, tried on a cluster of `tools/cluster`: killed, raced, and timed."""
