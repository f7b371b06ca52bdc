"""Where deployments are read: one file for each kind, found by walking."""
