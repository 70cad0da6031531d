"""Dialects: one wire format each, translated from and to the hub."""
