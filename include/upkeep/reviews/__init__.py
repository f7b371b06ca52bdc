"""Reviews: one file asks people one question and gathers its evidence."""
