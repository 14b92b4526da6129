"""The rules of complaints: their life, their deadlines, what a year of them says."""
