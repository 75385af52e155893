"""The places that make pictures, one module a protocol. No Qt."""
