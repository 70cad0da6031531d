"""Adapters of the SnapshotArchive port: null, memory, and a directory of files."""
