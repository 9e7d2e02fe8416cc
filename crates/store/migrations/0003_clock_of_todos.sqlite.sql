-- Up to which instant, in milliseconds, what time changes about to-dos was seen to.
INSERT INTO relay (name, position, leased_until) VALUES ('todos_clock', 0, 0);
