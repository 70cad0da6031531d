"""The optimizer's changes in force: in a file that all workers share, in memory, or none."""
