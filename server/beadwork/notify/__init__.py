"""The room of notifications: telling a person away from the editor. This is its door."""

from beadwork.notify.addresses import masked, secret_parts, service_of
from beadwork.notify.sending import Sent, send

__all__ = ["Sent", "masked", "secret_parts", "send", "service_of"]
