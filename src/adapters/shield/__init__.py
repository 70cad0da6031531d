"""LLM-Shield behind the RoutingConstraints port."""
