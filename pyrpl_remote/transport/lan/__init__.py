"""Connections to other hosts: paired ones through their gates, with TLS, and any other one through ssh.

`gate_connection` connects to a gate and asks it, a line of JSON each (`json_lines`); `gate_channel` is a
client's connection to a board there, has the interface of `Channel`, and sends `gate_messages`. `tls` makes
connections that trust one certificate only; `device_keys` has the one of this host, `paired_hosts` those of
the others. `ssh` reaches a host without a gate; `pump` copies between its pipes and a socket.
"""
