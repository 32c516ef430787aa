"""The reflex arc: answering with a model near a robot, asking, and paying by vouchers."""
