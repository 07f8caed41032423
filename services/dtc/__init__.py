"""The DTC protocol: messages, codec and session as pure values, without socket, thread or clock."""
