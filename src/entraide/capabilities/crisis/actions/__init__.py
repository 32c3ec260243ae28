"""Every write of the crisis room."""

from entraide.capabilities.crisis.actions.publishing import announce_due, approve, publish, renew, withdraw

__all__ = ["announce_due", "approve", "publish", "renew", "withdraw"]
