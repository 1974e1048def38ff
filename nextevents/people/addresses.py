"""Mail addresses, as people have them. They stand in ground because lists know them too."""

from ..ground.mail_addresses import Address, address_of, enclosing_domains, readable

__all__ = ["Address", "address_of", "enclosing_domains", "readable"]
