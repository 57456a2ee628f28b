"""Python's collector of reference cycles, told not to look at the same objects over and over."""

import gc

#: Allocations that outnumber deallocations before the young are looked at (Python's own: 700), and how
#: many rounds of one generation make one of the next.
_THRESHOLDS = (50_000, 20, 50)


def collect_seldom() -> None:
    """Leave out of every collection what a process has loaded by now; call it once, after start-up.

    A batch makes tens of thousands of objects that live until it ends, and next to no cycles. With
    Python's own thresholds a quarter of ingest's processor time went into looking for some
    (docs/performance.md).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
