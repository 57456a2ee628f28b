"""Where this machine's Chromium is."""

import os
import shutil

#: Names one that is not on the path.
NAMED_BY = "OUTREACH_BROWSER"
_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def find_chromium() -> str | None:
    """Return the path of a Chromium, or None where there is none."""
    if named := os.environ.get(NAMED_BY):
        return shutil.which(named)
    return next((path for name in _NAMES if (path := shutil.which(name))), None)
