"""Stories told over ports: one module per verb."""
