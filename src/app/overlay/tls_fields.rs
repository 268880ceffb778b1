//! The fields of the profile form about TLS: whom the server is known by, and who we are.

use super::form::{FieldKind, FieldSpec, NO_YES, Of, server};

/// They stand behind the options of the makers.
pub(super) const TLS: &[FieldSpec] = &[
    FieldSpec {
        name: "ca_file",
        label: "own CA",
        kind: FieldKind::Text,
        help: "PEM file of the authority that signed the server's certificate, e.g. `/etc/ssl/qdrant-ca.pem`; then only that one is trusted. Empty means the system's authorities.",
        of: Of::Servers,
    },
    FieldSpec {
        name: "cert_file",
        label: "client cert",
        kind: FieldKind::Text,
        help: "PEM file with your client certificate, if the server asks for one. Needs the key file too.",
        of: Of::Servers,
    },
    FieldSpec {
        name: "key_file",
        label: "client key",
        kind: FieldKind::Text,
        help: "PEM file with the key of your client certificate. Others must not be able to read it.",
        of: Of::Servers,
    },
    FieldSpec {
        name: "insecure",
        label: "insecure",
        kind: FieldKind::Choice(NO_YES),
        help: "`yes` accepts any certificate: anybody between you and the server can read your key. It stays marked on the screen. An own CA is the better way.",
        of: Of::Servers,
    },
    server(
        "server_name",
        "server name",
        "What the server is called where the address says something else, e.g. `db.example.com` for `https://10.0.0.7:6334`: its certificate must be for that name, and requests name it. Empty means the host of the address.",
    ),
];
