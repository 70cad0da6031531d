"""llm-inference-gateway: a controlled ingress to LLM execution."""
