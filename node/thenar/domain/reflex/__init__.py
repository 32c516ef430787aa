"""The reflex arc: calls of a model near a robot. What is signed, sent and chosen."""
