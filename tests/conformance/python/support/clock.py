"""Instants in milliseconds, and waiting for a condition instead of for time to pass."""

import time

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

# The contract's "no end": the largest signed 64-bit integer.
INDEFINITE = 9_223_372_036_854_775_807

# The same number after a trip through a JavaScript number.
INDEFINITE_IN_JAVASCRIPT = 9_223_372_036_854_776_000


def now():
    """The present instant in milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def far():
    """An instant comfortably ahead: one hour."""
    return now() + HOUR


def past():
    """An instant comfortably behind: one hour."""
    return now() - HOUR


def until(condition, within=20.0, what="the condition"):
    """Asks `condition` again and again until it answers truthfully; gives back that answer."""
    deadline = time.monotonic() + within
    while True:
        answer = condition()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"{what} did not come true within {within} s"
        time.sleep(0.02)


def tick(instant):
    """Returns when the clock shows a later millisecond than `instant`, so that order is sure."""
    until(lambda: now() > instant + 1, what="the next millisecond")
