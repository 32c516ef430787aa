"""The main job, run for real: a capture is owned, found by strangers, sold fairly and paid."""
