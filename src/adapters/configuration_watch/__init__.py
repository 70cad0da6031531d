"""Notices of configuration changes: from the file system, or never."""
