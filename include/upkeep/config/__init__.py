"""Reading the inventory and the waivers: YAML with the line of everything, validation, suggestions, checks against the duties."""
