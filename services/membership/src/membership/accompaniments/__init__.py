"""The catalogue of accompaniments: kinds, offers of each delegation, slots that can be booked."""
