//! The causes that an examination can name, each with its word in JSON. The words are stable: scripts
//! compare them, and `docs/cli.md` lists them.

macro_rules! causes {
    ($($variant:ident $name:literal $doc:literal;)*) => {
        /// Why a step failed, or warns.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Cause {
            $(#[doc = $doc] $variant,)*
        }

        impl Cause {
            /// Every cause, in the order of the steps.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word in JSON.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it means, a sentence for the documentation.
            pub fn doc(self) -> &'static str {
                match self { $(Self::$variant => $doc,)* }
            }
        }
    };
}

causes! {
    HostNotFound "host-not-found" "The name service does not know the host.";
    NameServiceSilent "name-service-silent" "The name service does not answer.";
    NoRoute "no-route" "This machine knows no way to the address.";
    ProxyFailed "proxy-failed" "The profile's proxy does not lead to the server.";
    ProxyRefused "proxy-refused" "The profile's proxy does not let us in.";
    TunnelDown "tunnel-down" "The SSH tunnel does not stand.";
    TunnelRefused "tunnel-refused" "The SSH server does not let us in.";
    TunnelDistrusted "tunnel-distrusted" "The SSH server is not known to be the right one.";
    CommandFailed "command-failed" "A command that runs before the connection failed.";
    Ipv6Only "ipv6-only" "The server is reached over IPv6 only, and the address or this machine uses IPv4.";
    Ipv4Only "ipv4-only" "The server is reached over IPv4 only, and the address or this machine uses IPv6.";
    NothingListens "nothing-listens" "The host refuses the connection: nothing listens at the port.";
    LoopbackInContainer "loopback-in-container" "The address means this container itself, where nothing listens.";
    PortSilent "port-silent" "Packets to the port are dropped, by a firewall as a rule.";
    ProxyNeeded "proxy-needed" "The direct way is blocked, and the environment names a proxy.";
    ProxyInTheWay "proxy-in-the-way" "A proxy answers in the server's place.";
    UpstreamDown "upstream-down" "A gateway answers, and the server behind it does not.";
    PlainTextOnTlsPort "plain-text-on-tls-port" "The port wants TLS, and the address asks for plain text.";
    TlsOnPlainPort "tls-on-plain-port" "The port speaks plain text, and the address asks for TLS.";
    TlsTooOld "tls-too-old" "The server's TLS is older than 1.2, or has only ciphers of that time.";
    CertificateExpired "certificate-expired" "The server's certificate has expired.";
    CertificateEndsSoon "certificate-ends-soon" "The server's certificate ends within two weeks.";
    CertificateNotYetValid "certificate-not-yet-valid" "The server's certificate is not valid yet.";
    CertificateWrongHost "certificate-wrong-host" "The server's certificate is for another host name.";
    CertificateUnknownCa "certificate-unknown-ca" "The certificate's issuer is not trusted here.";
    CertificateRefused "certificate-refused" "The certificate is not accepted for another reason.";
    CertificateNotChecked "certificate-not-checked" "The profile accepts any certificate.";
    ClientCertificate "client-certificate" "The server wants a client certificate, or does not accept the one it got.";
    TlsFile "tls-file" "A file of the TLS settings cannot be used.";
    RestPortForGrpc "rest-port-for-grpc" "The port is the server's REST port; its gRPC port is wanted.";
    GrpcPortForRest "grpc-port-for-rest" "The port is a gRPC port; a REST port is wanted.";
    OtherMaker "other-maker" "Another maker's database answers at the port.";
    OtherServer "other-server" "Something else than a database that can be opened here answers at the port.";
    NoAnswer "no-answer" "The port takes connections, but no answer comes.";
    ConnectionBroke "connection-broke" "The connection broke in mid-answer.";
    UnreadableAnswer "unreadable-answer" "The answer could not be understood.";
    KeyNotHad "key-not-had" "The profile's key could not be had: its variable, file or command gives none, or nobody typed it.";
    KeyMissing "key-missing" "The server wants a key, and there is none.";
    KeyRefused "key-refused" "The server refuses the key.";
    KeyExpired "key-expired" "The key says of itself that its time is over.";
    KeyForAnotherCluster "key-for-another-cluster" "The key belongs to another cluster or project.";
    KeyOfAnotherMaker "key-of-another-maker" "The key has the form of another maker's keys.";
    KeyInPlainText "key-in-plain-text" "The key would travel without encryption.";
    ServerTooOld "server-too-old" "The server is older than what is needed.";
    ExtensionMissing "extension-missing" "The database has not the extension for vectors.";
    NoPermission "no-permission" "The key is good, but may not do this.";
    TenantMissing "tenant-missing" "The server has no such tenant.";
    DatabaseMissing "database-missing" "The server has no such database.";
    DirectoryMissing "directory-missing" "There is no such directory.";
    NotADirectory "not-a-directory" "The path is a file.";
    NotReadable "not-readable" "The directory may not be read or searched.";
    NotADatabase "not-a-database" "The directory holds no database of that kind.";
    LockedElsewhere "locked-elsewhere" "Another process has the directory open.";
    NotInThisBuild "not-in-this-build" "This build does not open that kind of database.";
    ProfileNotUsable "profile-not-usable" "A setting of the profile makes no sense.";
    ServerError "server-error" "The server answers with an error of its own.";
    Fault "internal-fault" "A fault of this program.";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_cause_has_a_word_of_its_own_and_a_sentence() {
        let names: BTreeSet<&str> = Cause::ALL.iter().map(|cause| cause.name()).collect();
        assert_eq!(names.len(), Cause::ALL.len());
        for cause in Cause::ALL {
            assert!(cause.doc().ends_with('.'), "{}", cause.name());
            assert!(cause.name().chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'));
        }
    }
}
