"""Ready-made names of metrics, chosen by name in the inventory."""
