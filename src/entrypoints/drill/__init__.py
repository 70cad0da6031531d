"""The drill: a configuration's own routing, retries and fallbacks, with labs in the providers' places."""
