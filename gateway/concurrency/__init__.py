"""Patterns of asyncio that several folders share; nothing here knows of HTTP or stores."""
