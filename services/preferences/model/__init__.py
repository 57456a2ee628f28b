"""What is remembered of a person, as frozen values and pure functions."""
