"""What is done with attendance."""
