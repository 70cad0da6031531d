"""What is publicly known of models: nothing, or what the genai-prices package holds."""
