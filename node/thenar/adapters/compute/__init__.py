"""Work for strangers in confined processes: one executor for every kind of job."""
