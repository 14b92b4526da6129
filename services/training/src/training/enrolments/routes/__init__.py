"""HTTP doors of the enrolments: requests, seats one by one, offers, and the seats of a session."""
