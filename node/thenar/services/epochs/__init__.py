"""Stories about epochs of rewards."""
