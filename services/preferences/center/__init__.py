"""The preference center: whose link it is, what they may see and choose, and what their choices become."""
