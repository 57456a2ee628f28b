"""One promise per file. A rule says during which stretches of time it forbids a message, and why.

A rule that can name an end defers; one that cannot suppresses. Rules never permit anything, so
the order in which they are asked does not matter, and one more of them never makes a message go
out sooner.
"""
