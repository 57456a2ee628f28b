"""The shipped packs: data, not code. None of this is legal advice."""
