"""The data-quality gate: what Great Expectations says about a run's rows, before anybody is told about them."""
