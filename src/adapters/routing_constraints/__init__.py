"""The RoutingConstraints port: nobody, and what its adapters share on the wire."""
