"""HTTP doors of attendance."""
