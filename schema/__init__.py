"""Strawberry types: shapes, descriptions, and which resolver serves which field."""

from schema.root import schema

__all__ = ["schema"]
