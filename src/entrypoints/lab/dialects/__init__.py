"""The lab's own wire formats, written against the providers' references and not against the gateway's."""
