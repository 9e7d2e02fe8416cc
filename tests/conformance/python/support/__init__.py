"""What the tests stand on: the real server, its databases, its callers, what they expect."""
