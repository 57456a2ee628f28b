"""The pages of the preference center. Pure: from what is known to HTML, from what was posted to values."""
