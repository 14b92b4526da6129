"""HTTP doors of the bank."""
