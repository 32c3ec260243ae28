"""What every capability stands on. A foundation never imports a capability."""
