"""LLM-Policy-Engine behind the RoutingConstraints port."""
