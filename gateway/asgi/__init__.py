"""What every endpoint needs of ASGI and its server: headers, bodies, disconnects, and sending without waiting."""
