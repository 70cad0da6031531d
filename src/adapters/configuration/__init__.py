"""Where the gateway's configuration comes from: a YAML file, or the environment alone."""
