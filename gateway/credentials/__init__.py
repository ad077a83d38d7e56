"""Authentication by API keys and by tokens of an OpenID Connect issuer."""
