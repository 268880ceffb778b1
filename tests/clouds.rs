//! Signing in to clouds, against fakes of them in this process: `login` as a script sees it, and
//! connections whose tokens end.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/chroma_cloud_fake.rs"]
mod chroma_cloud_fake;
#[path = "support/fake_http.rs"]
#[allow(dead_code)]
mod fake_http;
#[path = "support/fake_pinecone.rs"]
#[allow(dead_code)]
mod fake_pinecone;
#[path = "support/fake_qdrant.rs"]
#[allow(dead_code)]
mod fake_qdrant;
#[path = "clouds/login.rs"]
mod login;
#[path = "clouds/oidc.rs"]
mod oidc;
#[path = "support/qdrant_cloud_fake.rs"]
mod qdrant_cloud_fake;
#[path = "clouds/screen.rs"]
mod screen;
#[path = "clouds/support.rs"]
mod support;
#[path = "clouds/tokens.rs"]
mod tokens;
#[path = "support/weaviate_cloud_fake.rs"]
mod weaviate_cloud_fake;
#[path = "support/zilliz_cloud_fake.rs"]
mod zilliz_cloud_fake;
