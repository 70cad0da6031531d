"""One file per provider, each exporting `PROVIDER`; discovered by being here."""
