//! A bare `host:port` is found out: the port says whose server it is, and the answer can be opened.

use vector_inspector::profile::ask_port::ask_port;
use vector_inspector::provider::{ConnectSpec, ProviderKind, connect};

use crate::bench::Bench;
use crate::makers::Maker;

crate::cases!(a_bare_host_and_port_is_recognised);

async fn a_bare_host_and_port_is_recognised(bench: &Bench) {
    let maker = Maker::all().into_iter().find(|maker| maker.name == bench.maker).expect("the maker under test");
    let known = maker.server_spec().expect("only servers have this case").expect("its address");
    // As the command line has it before the port is asked: the kind is a guess, and no key is there.
    let wrong = if known.kind == ProviderKind::Qdrant { ProviderKind::Chroma } else { ProviderKind::Qdrant };
    let bare = ConnectSpec::new(wrong, known.address.clone());
    let found = ask_port(bare, None).await.expect("recognised");
    assert_eq!((found.kind, &found.address), (known.kind, &known.address));
    let opened = connect(&ConnectSpec { kind: found.kind, address: found.address, ..known }).await.expect("connect");
    opened.ping().await.expect("ping");
}
