"""What is done with the seats of sessions, by subject: ask, answer an offer, give back, give to another, run the pool."""
