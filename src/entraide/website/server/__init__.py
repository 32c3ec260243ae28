"""The server process: hot addresses on the event loop, everything else Django over WSGI on one thread."""
