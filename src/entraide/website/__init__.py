"""Where the rooms are put together: settings, addresses, server, commands, home page."""
