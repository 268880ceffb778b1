//! The fields of the profile form about the way to the server: proxy, SSH tunnel, commands.

use super::form::{FieldSpec, server};

/// They stand behind those about TLS.
pub(super) const WAY: &[FieldSpec] = &[
    server(
        "proxy",
        "proxy",
        "`http://host:3128`, `https://host` or `socks5://host:1080`, through which the server is reached; `environment` takes `HTTPS_PROXY` and so on, which have no say otherwise. No user or password here. A proxy that says no is named as `proxy in the way`.",
    ),
    server(
        "proxy_user",
        "proxy user",
        "Who you are at the proxy, e.g. `me`. Empty if it asks nobody. It travels as readable as the proxy's scheme makes it: `http` and `socks5` are plain text.",
    ),
    server(
        "proxy_secret",
        "proxy pass",
        "Where the password for the proxy comes from: `env NAME`, `file PATH` or `command PROGRAM ARGUMENT`, read at every connect. The password itself does not belong here.",
    ),
    server(
        "ssh_host",
        "ssh tunnel",
        "Host of an SSH server that reaches the database, or a `Host` of your `~/.ssh/config`, e.g. `bastion`; the address is then as that server sees it. `ssh bastion` must work without a question: load the key into the agent, and know the host key.",
    ),
    server(
        "ssh_user",
        "ssh user",
        "User at the SSH server. Empty means what `~/.ssh/config` says, or else your name here. A wrong one shows as `tunnel refused`.",
    ),
    server("ssh_port", "ssh port", "Port of the SSH server. Empty means what `~/.ssh/config` says, or else 22."),
    server(
        "ssh_jump",
        "ssh jump",
        "Hosts on the way to the SSH server, as for `ssh -J`: `me@gate.example.com:2222`, with commas between several.",
    ),
    server(
        "ssh_identity",
        "ssh key",
        "File of the private key for the SSH server, e.g. `~/.ssh/id_bastion`. Empty means the agent's keys and those that `~/.ssh/config` names. One with a passphrase must be in the agent.",
    ),
    server(
        "before",
        "before",
        "Command that runs before connecting and ends with the connection, e.g. `kubectl port-forward svc/qdrant ${port}:6334`; no shell reads it. `${port}` becomes a free port, at which the server is then reached. Several have ` ; ` between them, and all but the last must end.",
    ),
    server(
        "wait_port",
        "wait port",
        "Port of this machine that is waited for after the command, e.g. `6334`. Needless with `${port}`, which is waited for.",
    ),
    server(
        "wait_s",
        "wait s",
        "Seconds to wait for that port, or for the end of a command without one; empty means 30. Too short shows as `no answer`.",
    ),
];
