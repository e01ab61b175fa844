"""The intake itself: what accepts, keeps, processes and publishes complaints."""
