"""Programs that come to the data: what an owner approves, what a run may put out, and what is signed of it."""
