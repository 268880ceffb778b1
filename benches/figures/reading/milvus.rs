//! Milvus, and a bare loop on the same gRPC library: `Query` behind the last key, as Milvus' own
//! iterators ask, into messages with just the parts that are needed.

use prost::Message;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Channel, Endpoint};
use tonic_prost::ProstCodec;
use vector_inspector::provider::{self, Address, ConnectSpec, ProviderKind};

use super::{PAGE, Read, fill, in_turn, own_name, row};
use crate::report::Row;

/// Room for a page with vectors, as the provider has it.
const LARGEST_ANSWER: usize = 128 * 1024 * 1024;

#[derive(Clone, PartialEq, Message)]
struct Pair {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(string, tag = "2")]
    value: String,
}

#[derive(Clone, PartialEq, Message)]
struct Question {
    #[prost(string, tag = "3")]
    collection: String,
    #[prost(string, tag = "4")]
    expr: String,
    #[prost(string, repeated, tag = "5")]
    output: Vec<String>,
    #[prost(message, repeated, tag = "9")]
    parameters: Vec<Pair>,
    #[prost(int32, tag = "11")]
    consistency: i32,
}

#[derive(Clone, PartialEq, Message)]
struct Answer {
    #[prost(message, repeated, tag = "2")]
    columns: Vec<Column>,
}

#[derive(Clone, PartialEq, Message)]
struct Column {
    #[prost(string, tag = "2")]
    name: String,
    #[prost(message, optional, tag = "3")]
    scalars: Option<Scalars>,
    #[prost(message, optional, tag = "4")]
    vectors: Option<Vectors>,
}

#[derive(Clone, PartialEq, Message)]
struct Scalars {
    #[prost(message, optional, tag = "6")]
    texts: Option<Texts>,
    #[prost(message, optional, tag = "9")]
    jsons: Option<Jsons>,
}

#[derive(Clone, PartialEq, Message)]
struct Texts {
    #[prost(string, repeated, tag = "1")]
    data: Vec<String>,
}

#[derive(Clone, PartialEq, Message)]
struct Jsons {
    #[prost(bytes = "vec", repeated, tag = "1")]
    data: Vec<Vec<u8>>,
}

#[derive(Clone, PartialEq, Message)]
struct Vectors {
    #[prost(message, optional, tag = "2")]
    floats: Option<Floats>,
}

#[derive(Clone, PartialEq, Message)]
struct Floats {
    #[prost(float, repeated, tag = "1")]
    data: Vec<f32>,
}

pub async fn server(address: (String, u16)) -> Row {
    let (host, port) = address;
    let channel = Endpoint::from_shared(format!("http://{host}:{port}")).unwrap().connect().await.unwrap();
    let spec = ConnectSpec::new(ProviderKind::Milvus, Address::Server { host, port, tls: false });
    let provider = provider::connect(&spec).await.unwrap();
    let name = own_name().replace('-', "_");
    fill(provider.as_ref(), &name, true).await;
    let rounds = in_turn(provider.as_ref(), &name, async || bare(channel.clone(), &name).await).await;
    provider.drop_collection(&name).await.unwrap();
    row(ProviderKind::Milvus, &rounds, "real server; the bare loop leaves the columns as they are, payloads as bytes")
}

async fn bare(channel: Channel, name: &str) -> Read {
    let mut client = Grpc::new(channel).max_decoding_message_size(LARGEST_ANSWER);
    let (mut last, mut read) = (String::new(), (0, 0));
    loop {
        let pair = |key: &str, value: &str| Pair { key: key.to_owned(), value: value.to_owned() };
        let question = Question {
            collection: name.to_owned(),
            expr: if last.is_empty() { "_id >= \"\"".to_owned() } else { format!("_id > {last:?}") },
            output: ["_id", "$meta", "_vector"].map(str::to_owned).to_vec(),
            parameters: vec![
                pair("limit", &PAGE.to_string()),
                pair("iterator", "True"),
                pair("reduce_stop_for_best", "True"),
            ],
            // As the provider asks: strong.
            consistency: 0,
        };
        client.ready().await.unwrap();
        let path = PathAndQuery::from_static("/milvus.proto.milvus.MilvusService/Query");
        let codec = ProstCodec::<Question, Answer>::default();
        let answer = client.unary(tonic::Request::new(question), path, codec).await.unwrap().into_inner();
        let mut records = 0;
        for column in answer.columns {
            if let (true, Some(texts)) = (column.name == "_id", column.scalars.and_then(|scalars| scalars.texts)) {
                records = texts.data.len();
                last = texts.data.into_iter().last().unwrap_or_default();
            }
            read.1 += column.vectors.and_then(|vectors| vectors.floats).map_or(0, |floats| floats.data.len() as u64);
        }
        read.0 += records as u64;
        if records < PAGE {
            return read;
        }
    }
}
