"""Servers that speak OpenAI's protocol: one client, below the engine and evaluation, which both use it."""
