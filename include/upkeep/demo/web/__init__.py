"""The shop's web tier in the demo: its past as an access log and deployments, and a small server that goes on with it."""
