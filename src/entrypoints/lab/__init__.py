"""The lab: an upstream on loopback that speaks three dialects and fails the way it is asked to."""
