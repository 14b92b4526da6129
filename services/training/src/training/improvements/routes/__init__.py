"""HTTP doors of improvement: watch items, risks, actions."""
