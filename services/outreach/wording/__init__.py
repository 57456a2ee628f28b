"""Rendering: templates and facts in, texts and emails out, with every word that must be in them.

What a stranger may see (a locked screen, a subject line) never tells of a debt: subjects name nobody
but the agency, texts name amounts only where the person agreed to them, never what is owed in all.
"""
