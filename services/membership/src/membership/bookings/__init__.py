"""Bookings of accompaniments: a place taken, what became of it, what was delivered."""
