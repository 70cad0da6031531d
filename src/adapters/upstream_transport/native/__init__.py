"""Native transport: HTTP/1.1 on asyncio protocols and llhttp, for direct connections."""
