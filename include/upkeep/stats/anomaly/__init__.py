"""What a series' own past does not explain. Pure arithmetic; docs/anomalies.md says how, and how well it is judged to do."""
