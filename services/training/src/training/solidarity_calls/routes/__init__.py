"""HTTP doors of the solidarity calls."""
