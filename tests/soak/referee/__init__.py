"""Judges a run by what was seen from outside; it shares no code with the product but the zone tables."""
