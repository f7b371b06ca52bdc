"""What features are used, beside what their records say."""
