"""HTTP doors of the programmes: what the staff writes, what anybody reads."""
