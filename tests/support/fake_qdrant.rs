//! A Qdrant server for faults: the real gRPC services of `qdrant-client`'s server side, on a free
//! port of the loopback interface, with answers that are chosen by the name of the collection.
//!
//! It knows no data, but for one made-up collection if it is told so. What Qdrant does with data is
//! tested on a real server by `tests/contract.rs`.

#[path = "many_records.rs"]
pub mod many_records;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ::qdrant_client::qdrant::collections_server::{Collections, CollectionsServer};
use ::qdrant_client::qdrant::points_server::{Points, PointsServer};
use ::qdrant_client::qdrant::qdrant_server::{Qdrant, QdrantServer};
use ::qdrant_client::qdrant::*;
use futures::stream;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tonic::metadata::MetadataMap;
use tonic::transport::Server;
use tonic::{Request, Response, Status};

use self::many_records::Many;

/// A request about it is taken, and never answered.
pub const SILENT: &str = "silent";
/// The server's answer to a request about it quotes the key.
pub const QUOTES_THE_KEY: &str = "quotes the key";
/// A vector in it has a shape that cannot be.
pub const DAMAGED: &str = "damaged";

/// A task that ends with the test.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What the fake knows.
#[derive(Clone, Default)]
pub struct Fake {
    key: Option<&'static str>,
    version: Option<&'static str>,
    many: Option<Many>,
    /// Told when a request about [`SILENT`] has come in.
    pub asked: Arc<Notify>,
}

impl Fake {
    /// A server that wants this key, as Qdrant does: in the header `api-key`, but not for its health.
    pub fn with_key(key: &'static str) -> Self {
        Self { key: Some(key), ..Self::default() }
    }

    /// A server of that version.
    #[allow(dead_code)]
    pub fn of_version(version: &'static str) -> Self {
        Self { version: Some(version), ..Self::default() }
    }

    /// A server with this collection.
    #[allow(dead_code)]
    pub fn with_records(many: Many) -> Self {
        Self { many: Some(many), ..Self::default() }
    }

    /// The made-up collection, if that is the one asked for.
    fn many(&self, collection: &str) -> Option<&Many> {
        self.many.as_ref().filter(|many| many.name == collection)
    }

    /// Serves in plain text.
    pub async fn serve(&self) -> Running {
        self.serve_at(SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    /// Serves in plain text at this address, e.g. that of a fake that has ended.
    pub async fn serve_at(&self, address: SocketAddr) -> Running {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let incoming = stream::unfold(listener, |listener| async {
            let accepted = listener.accept().await.and_then(|(stream, _)| {
                // As the real server: otherwise each answer waits 40 ms for a delayed acknowledgement.
                stream.set_nodelay(true)?;
                Ok(stream)
            });
            Some((accepted, listener))
        });
        let serving = self.services().serve_with_incoming(incoming);
        running(address, async { serving.await.unwrap() })
    }

    /// Serves under TLS.
    pub async fn serve_tls(&self, config: ServerConfig) -> Running {
        let (listener, address) = listener().await;
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let incoming = stream::unfold((listener, acceptor), |(listener, acceptor)| async {
            loop {
                let (tcp, _) = listener.accept().await.unwrap();
                // A client that does not like the certificate is no reason to stop serving.
                if let Ok(stream) = acceptor.accept(tcp).await {
                    return Some((Ok::<_, io::Error>(stream), (listener, acceptor)));
                }
            }
        });
        let serving = self.services().serve_with_incoming(incoming);
        running(address, async { serving.await.unwrap() })
    }

    fn services(&self) -> tonic::transport::server::Router {
        Server::builder()
            .add_service(QdrantServer::new(self.clone()))
            .add_service(CollectionsServer::new(self.clone()))
            .add_service(PointsServer::new(self.clone()))
    }

    fn let_in(&self, metadata: &MetadataMap) -> Result<(), Status> {
        match (self.key, metadata.get("api-key")) {
            (None, _) => Ok(()),
            (Some(_), None) => Err(Status::unauthenticated("Must provide an API key")),
            (Some(wanted), Some(given)) if given == wanted => Ok(()),
            (Some(_), Some(_)) => Err(Status::unauthenticated("Invalid API key or JWT")),
        }
    }

    async fn answer<T>(&self, collection: &str, metadata: &MetadataMap) -> Result<T, Status> {
        self.let_in(metadata)?;
        match collection {
            SILENT => {
                self.asked.notify_one();
                std::future::pending().await
            }
            QUOTES_THE_KEY => {
                let key = metadata.get("api-key").and_then(|key| key.to_str().ok()).unwrap_or_default();
                Err(Status::internal(format!("could not forward the request with api-key {key}")))
            }
            name => Err(Status::not_found(format!("Not found: Collection `{name}` doesn't exist!"))),
        }
    }
}

/// A plain server that sends these bytes to whoever says something, and hangs up.
pub async fn answers(bytes: &'static [u8]) -> Running {
    let (listener, address) = listener().await;
    running(address, async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut heard = [0_u8; 2048];
            if stream.read(&mut heard).await.is_ok() {
                let _ = stream.write_all(bytes).await;
                let _ = stream.shutdown().await;
            }
        }
    })
}

/// A server that takes connections and never says a word.
pub async fn says_nothing() -> Running {
    let (listener, address) = listener().await;
    running(address, async move {
        let mut kept = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            kept.push(stream);
        }
    })
}

/// A wire in front of a server, which can be cut.
pub struct Wire {
    /// Where to connect.
    pub end: Running,
    cut: Arc<watch::Sender<()>>,
}

impl Wire {
    /// A wire to the server.
    pub async fn to(server: SocketAddr) -> Self {
        let (listener, address) = listener().await;
        let cut = Arc::new(watch::Sender::new(()));
        let scissors = Arc::clone(&cut);
        let end = running(address, async move {
            while let Ok((mut near, _)) = listener.accept().await {
                // Only cuts from now on concern this connection.
                let mut is_cut = scissors.subscribe();
                tokio::spawn(async move {
                    let mut far = TcpStream::connect(server).await.unwrap();
                    tokio::select! {
                        _ = copy_bidirectional(&mut near, &mut far) => {}
                        _ = is_cut.changed() => {
                            // With no time to linger the kernel resets the connection.
                            socket2::SockRef::from(&near).set_linger(Some(Duration::ZERO)).unwrap();
                        }
                    }
                });
            }
        });
        Self { end, cut }
    }

    /// Resets every connection through it. New ones pass again.
    pub fn cut(&self) {
        self.cut.send_replace(());
    }
}

async fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

fn running(address: SocketAddr, work: impl Future<Output = ()> + Send + 'static) -> Running {
    Running { address, task: tokio::spawn(work) }
}

/// A certificate authority of our own, made anew for each test.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self { issuer: CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap() }
    }

    /// Its own certificate, for a `ca_file`.
    pub fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// A certificate for that host and its key, both as PEM.
    pub fn issue(&self, host: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![host.to_owned()]).unwrap().signed_by(&key, &self.issuer).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    /// A server with a certificate for that host; with `wants_client` only for clients of this CA.
    pub fn server(&self, host: &str, wants_client: bool) -> ServerConfig {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![host.to_owned()]).unwrap().signed_by(&key, &self.issuer).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
        let builder = builder.unwrap();
        let builder = if wants_client {
            let mut roots = RootCertStore::empty();
            roots.add(self.issuer.der().clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
            builder.with_client_cert_verifier(verifier)
        } else {
            builder.with_no_client_auth()
        };
        let private = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let mut config = builder.with_single_cert(vec![certificate.der().clone()], private).unwrap();
        config.alpn_protocols = vec![b"h2".to_vec()];
        config
    }
}

#[tonic::async_trait]
impl Qdrant for Fake {
    async fn health_check(&self, _: Request<HealthCheckRequest>) -> Result<Response<HealthCheckReply>, Status> {
        let title = "qdrant - vector search engine".to_owned();
        let version = self.version.unwrap_or("1.18.3").to_owned();
        Ok(Response::new(HealthCheckReply { title, version, commit: None }))
    }
}

/// Methods that no test asks for.
macro_rules! not_faked {
    ($($name:ident($request:ty) -> $answer:ty;)*) => {
        $(fn $name<'life0, 'async_trait>(
            &'life0 self,
            _: Request<$request>,
        ) -> std::pin::Pin<Box<dyn Future<Output = Result<Response<$answer>, Status>> + Send + 'async_trait>>
        where
            'life0: 'async_trait,
            Self: 'async_trait,
        {
            Box::pin(std::future::ready(Err(Status::unimplemented(stringify!($name)))))
        })*
    };
}

#[tonic::async_trait]
impl Collections for Fake {
    async fn list(
        &self,
        request: Request<ListCollectionsRequest>,
    ) -> Result<Response<ListCollectionsResponse>, Status> {
        self.let_in(request.metadata())?;
        let names = self.many.iter().map(|many| CollectionDescription { name: many.name.clone() });
        Ok(Response::new(ListCollectionsResponse { collections: names.collect(), ..Default::default() }))
    }

    async fn get(
        &self,
        request: Request<GetCollectionInfoRequest>,
    ) -> Result<Response<GetCollectionInfoResponse>, Status> {
        if let Some(many) = self.many(&request.get_ref().collection_name) {
            let result = Some(many.info());
            return Ok(Response::new(GetCollectionInfoResponse { result, ..Default::default() }));
        }
        self.answer(&request.get_ref().collection_name, request.metadata()).await
    }

    not_faked! {
        create(CreateCollection) -> CollectionOperationResponse;
        update(UpdateCollection) -> CollectionOperationResponse;
        delete(DeleteCollection) -> CollectionOperationResponse;
        update_aliases(ChangeAliases) -> CollectionOperationResponse;
        list_collection_aliases(ListCollectionAliasesRequest) -> ListAliasesResponse;
        list_aliases(ListAliasesRequest) -> ListAliasesResponse;
        collection_cluster_info(CollectionClusterInfoRequest) -> CollectionClusterInfoResponse;
        collection_exists(CollectionExistsRequest) -> CollectionExistsResponse;
        update_collection_cluster_setup(UpdateCollectionClusterSetupRequest) -> UpdateCollectionClusterSetupResponse;
        create_shard_key(CreateShardKeyRequest) -> CreateShardKeyResponse;
        delete_shard_key(DeleteShardKeyRequest) -> DeleteShardKeyResponse;
        list_shard_keys(ListShardKeysRequest) -> ListShardKeysResponse;
    }
}

#[tonic::async_trait]
impl Points for Fake {
    async fn scroll(&self, request: Request<ScrollPoints>) -> Result<Response<ScrollResponse>, Status> {
        if request.get_ref().collection_name == DAMAGED {
            return Ok(Response::new(damaged()));
        }
        if let Some(many) = self.many(&request.get_ref().collection_name) {
            return Ok(Response::new(many.page(request.get_ref())));
        }
        self.answer(&request.get_ref().collection_name, request.metadata()).await
    }

    async fn count(&self, request: Request<CountPoints>) -> Result<Response<CountResponse>, Status> {
        if let Some(many) = self.many(&request.get_ref().collection_name) {
            let result = Some(CountResult { count: many.records });
            return Ok(Response::new(CountResponse { result, ..Default::default() }));
        }
        self.answer(&request.get_ref().collection_name, request.metadata()).await
    }

    not_faked! {
        upsert(UpsertPoints) -> PointsOperationResponse;
        delete(DeletePoints) -> PointsOperationResponse;
        get(GetPoints) -> GetResponse;
        update_vectors(UpdatePointVectors) -> PointsOperationResponse;
        delete_vectors(DeletePointVectors) -> PointsOperationResponse;
        set_payload(SetPayloadPoints) -> PointsOperationResponse;
        overwrite_payload(SetPayloadPoints) -> PointsOperationResponse;
        delete_payload(DeletePayloadPoints) -> PointsOperationResponse;
        clear_payload(ClearPayloadPoints) -> PointsOperationResponse;
        create_field_index(CreateFieldIndexCollection) -> PointsOperationResponse;
        delete_field_index(DeleteFieldIndexCollection) -> PointsOperationResponse;
        create_vector_name(CreateVectorNameRequest) -> PointsOperationResponse;
        delete_vector_name(DeleteVectorNameRequest) -> PointsOperationResponse;
        search(SearchPoints) -> SearchResponse;
        search_batch(SearchBatchPoints) -> SearchBatchResponse;
        search_groups(SearchPointGroups) -> SearchGroupsResponse;
        recommend(RecommendPoints) -> RecommendResponse;
        recommend_batch(RecommendBatchPoints) -> RecommendBatchResponse;
        recommend_groups(RecommendPointGroups) -> RecommendGroupsResponse;
        discover(DiscoverPoints) -> DiscoverResponse;
        discover_batch(DiscoverBatchPoints) -> DiscoverBatchResponse;
        update_batch(UpdateBatchPoints) -> UpdateBatchResponse;
        query(QueryPoints) -> QueryResponse;
        query_batch(QueryBatchPoints) -> QueryBatchResponse;
        query_groups(QueryPointGroups) -> QueryGroupsResponse;
        facet(FacetCounts) -> FacetResponse;
        search_matrix_pairs(SearchMatrixPoints) -> SearchMatrixPairsResponse;
        search_matrix_offsets(SearchMatrixPoints) -> SearchMatrixOffsetsResponse;
    }
}

#[allow(deprecated)]
fn damaged() -> ScrollResponse {
    let vector = VectorOutput { data: vec![1.0, 2.0, 3.0], vectors_count: Some(2), ..VectorOutput::default() };
    let vectors = VectorsOutput { vectors_options: Some(vectors_output::VectorsOptions::Vector(vector)) };
    let point = RetrievedPoint { id: Some(7.into()), vectors: Some(vectors), ..RetrievedPoint::default() };
    ScrollResponse { result: vec![point], ..ScrollResponse::default() }
}
