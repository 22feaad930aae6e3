"""Several mocks on this machine that share one state: PostgreSQL, replicas, a delivery worker, HAProxy in front."""
