"""HTTP doors of the sessions: what the training team plans, what anybody finds."""
