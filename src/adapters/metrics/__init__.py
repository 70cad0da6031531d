"""Metrics: counted in shared memory per worker, exposed in Prometheus' text format over all of them."""
