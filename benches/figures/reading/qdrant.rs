//! A Qdrant server, or a fake of one, and a bare loop on the generated gRPC client.

use qdrant_client::qdrant::points_client::PointsClient;
use qdrant_client::qdrant::vectors_output::VectorsOptions;
use qdrant_client::qdrant::{
    RetrievedPoint, ScrollPoints, VectorsOutput, WithPayloadSelector, WithVectorsSelector, vector_output,
    with_payload_selector, with_vectors_selector,
};
use tonic::transport::Channel;
use vector_inspector::provider::{self, Address, ConnectSpec, ProviderKind};

use super::{DIMENSION, PAGE, Read, fill, in_turn, own_name, row};
use crate::fake_qdrant::Fake;
use crate::fake_qdrant::many_records::Many;
use crate::parameters;
use crate::report::Row;

/// Room for a page with vectors, as the provider has it.
const LARGEST_MESSAGE: usize = 64 * 1024 * 1024;

/// The line of Qdrant.
pub async fn server() -> Row {
    match parameters::server("QDRANT") {
        Some(address) => qdrant_server(address).await,
        None => qdrant_fake().await,
    }
}

async fn qdrant_fake() -> Row {
    let many = Many { name: own_name(), records: parameters::reading_records(), dimension: DIMENSION };
    let server = Fake::with_records(many).serve().await;
    let address = Address::Server { host: server.address.ip().to_string(), port: server.address.port(), tls: false };
    let provider = provider::connect(&ConnectSpec::new(ProviderKind::Qdrant, address)).await.unwrap();
    let bare = PointsClient::connect(format!("http://{}", server.address)).await.unwrap();
    let rounds = in_turn(provider.as_ref(), &own_name(), async || qdrant_bare(bare.clone()).await).await;
    row(ProviderKind::Qdrant, &rounds, "fake server in this process, same cores")
}

async fn qdrant_server(address: (String, u16)) -> Row {
    let (host, port) = address;
    let bare = PointsClient::connect(format!("http://{host}:{port}")).await.unwrap();
    let spec = ConnectSpec::new(ProviderKind::Qdrant, Address::Server { host, port, tls: false });
    let provider = provider::connect(&spec).await.unwrap();
    fill(provider.as_ref(), &own_name(), false).await;
    let rounds = in_turn(provider.as_ref(), &own_name(), async || qdrant_bare(bare.clone()).await).await;
    provider.drop_collection(&own_name()).await.unwrap();
    row(ProviderKind::Qdrant, &rounds, "real server")
}

async fn qdrant_bare(client: PointsClient<Channel>) -> Read {
    let mut client = client.max_decoding_message_size(LARGEST_MESSAGE);
    let payload = with_payload_selector::SelectorOptions::Enable(true);
    let vectors = with_vectors_selector::SelectorOptions::Enable(true);
    let (mut offset, mut read) = (None, (0, 0));
    loop {
        let request = ScrollPoints {
            collection_name: own_name(),
            offset,
            limit: Some(PAGE as u32),
            with_payload: Some(WithPayloadSelector { selector_options: Some(payload.clone()) }),
            with_vectors: Some(WithVectorsSelector { selector_options: Some(vectors.clone()) }),
            ..ScrollPoints::default()
        };
        let page = client.scroll(request).await.unwrap().into_inner();
        read.0 += page.result.len() as u64;
        read.1 += page.result.iter().map(numbers_of_point).sum::<u64>();
        offset = page.next_page_offset;
        if offset.is_none() {
            return read;
        }
    }
}

#[allow(deprecated)]
fn numbers_of_point(point: &RetrievedPoint) -> u64 {
    match &point.vectors {
        Some(VectorsOutput { vectors_options: Some(VectorsOptions::Vector(output)) }) => match &output.vector {
            Some(vector_output::Vector::Dense(dense)) => dense.data.len() as u64,
            _ => output.data.len() as u64,
        },
        _ => 0,
    }
}
