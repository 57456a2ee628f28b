"""Deciding: a pure function from a situation to a decision. No clock, no store, no network.

Time zone data comes from the pinned `tzdata` package alone: an operating system's own files may be
years old, and `zoneinfo` would prefer them.
"""

from zoneinfo import ZoneInfo, reset_tzpath

reset_tzpath([])
# Whatever was read from the system's files before this line is forgotten.
ZoneInfo.clear_cache()
