"""Several mocks on this machine that share one state: PostgreSQL, replicas, and HAProxy before them."""
