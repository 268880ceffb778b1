//! What is known of PostgreSQL with pgvector before anything is opened.

use crate::provider::{Capabilities, Maker, OptionSpec, Place, Protocol, ProviderKind, ServerPlace, Support};

/// PostgreSQL with pgvector.
pub const MAKER: Maker = Maker {
    kind: ProviderKind::Pgvector,
    name: "pgvector",
    title: "PostgreSQL (pgvector)",
    place: Place::Server(ServerPlace {
        port: 5432,
        host: None,
        protocol: Protocol::Own,
        language: "PostgreSQL's protocol",
        // TLS wherever others could listen; on this machine the option `sslmode` asks for it
        schemes: &[("postgres", true), ("postgresql", true), ("pgvector", true)],
        user_option: Some("user"),
        path_option: Some("database"),
        deep_path: false,
    }),
    address_help: "Host and port of the server, 5432 unless told otherwise: postgres://me@db.example.com/shop. Another \
                   machine is spoken to under TLS with its certificate checked; sockets of Unix are not supported.",
    key_help: Some("The role's password. Without one, PostgreSQL's password file (~/.pgpass) is looked at."),
    capabilities: CAPABILITIES,
    options: &[
        OptionSpec {
            name: "database",
            label: "Database",
            help: "The database to open; the user's name if it is left out, as in psql. Each profile sees one database.",
            words: &[],
        },
        OptionSpec {
            name: "user",
            label: "User",
            help: "The role to log in as; your name on this system if it is left out. It sees the tables that it may read.",
            words: &[],
        },
        OptionSpec {
            name: "sslmode",
            label: "TLS mode",
            help: "verify-full checks the certificate and the host name; it is the default away from this machine. \
                   disable is plain text; require needs the insecure switch, too. prefer and allow are refused.",
            words: &[],
        },
        OptionSpec {
            name: "service",
            label: "Service",
            help: "The name of a service in PostgreSQL's service file, which gives what the profile leaves out. With \
                   the host `service` in the address, host and port come from it as well.",
            words: &[],
        },
        OptionSpec {
            name: "service_file",
            label: "Service file",
            help: "The service file; PGSERVICEFILE, else ~/.pg_service.conf if it is left out. Read at each connect.",
            words: &[],
        },
        OptionSpec {
            name: "passfile",
            label: "Passwords",
            help: "The password file; PGPASSFILE, else ~/.pgpass if it is left out. Nobody else may read it (chmod 600).",
            words: &[],
        },
        OptionSpec {
            name: "ef_search",
            label: "ef_search",
            help: "Candidates that a search through an HNSW index keeps, 1 to 1000. More find more of the true \
                   neighbours and take longer; never fewer than the hits that are asked for.",
            words: &[],
        },
        OptionSpec {
            name: "probes",
            label: "Probes",
            help: "Lists that a search through an IVFFlat index looks into, 1 to 32768; the server's setting if it is \
                   left out. More find more of the true neighbours and take longer.",
            words: &[],
        },
        OptionSpec {
            name: "index_memory",
            label: "Index memory",
            help: "maintenance_work_mem while a copy or a restore builds the index of what it has filled, e.g. 1GB; the \
                   server's setting if it is left out. An index of more than that takes many times as long.",
            words: &[],
        },
    ],
};

/// What it can do.
pub(super) const CAPABILITIES: Capabilities = Capabilities {
    mixed_ids: Support::No("a table's key has one type"),
    multi_vectors: Support::No("a column of pgvector holds one vector, not several"),
    nan_vectors: Support::No("pgvector takes finite numbers only"),
    negative_zeros: Support::No("PostgreSQL's JSON has no negative zero: -0.0 becomes 0.0"),
    ..Capabilities::ALL
};

/// What it can do on a server that only repeats another one.
pub(super) const STANDBY: Capabilities = Capabilities {
    write: Support::No("the server is a standby, which takes no writes: connect to its primary"),
    ..CAPABILITIES
};
