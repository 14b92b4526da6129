"""HTTP doors of the envelopes."""
