"""Rewards for contributions, epoch by epoch."""
