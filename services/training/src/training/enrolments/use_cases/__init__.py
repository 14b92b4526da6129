"""What is done with the seats of sessions, by subject: ask, answer an offer, give back or to another, run the pool."""
