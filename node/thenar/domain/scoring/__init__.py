"""Scores of recordings: whole numbers that every peer computes to the same bits."""
