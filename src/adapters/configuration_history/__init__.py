"""Past configurations: in a directory, in memory, or not kept."""
