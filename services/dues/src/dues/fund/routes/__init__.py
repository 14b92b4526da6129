"""HTTP doors of the mutual fund."""
