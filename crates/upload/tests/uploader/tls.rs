//! Trust: whose certificate is taken, and which versions of TLS. A server in front of the local service speaks
//! TLS and forwards what it hears.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;

use metricsheet_local_service::Service;
use metricsheet_upload::{Options, Proxies, Report, State};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{ServerConfig, SupportedProtocolVersion, crypto};

use crate::bench::{Bench, GOOD, options, service};

/// An authority of its own, and a certificate of it for `name`: its PEM, and what a server needs.
fn certificate(name: &str, version: &'static SupportedProtocolVersion) -> (String, ServerConfig) {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = KeyPair::generate().unwrap();
    let pem = authority.self_signed(&authority_key).unwrap().pem();
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![leaf.der().clone()],
            PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
        )
        .unwrap();
    (pem, config)
}

/// Speaks TLS in front of a service, until the test's process ends.
fn serve(config: ServerConfig, service: &Service) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let target = service.base_url().trim_start_matches("http://").to_owned();
    std::thread::spawn(move || {
        crate::bench::run(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            let acceptor = TlsAcceptor::from(Arc::new(config));
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, target) = (acceptor.clone(), target.clone());
                tokio::spawn(async move {
                    // A client that does not trust us hangs up here.
                    let Ok(mut stream) = acceptor.accept(stream).await else { return };
                    let mut service = tokio::net::TcpStream::connect(target).await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut stream, &mut service).await;
                });
            }
        });
    });
    address
}

/// Delivers to `localhost` at a port over TLS, trusting the system's authorities and `roots`.
fn deliver(address: SocketAddr, roots: Option<&str>) -> Report {
    let more_roots = roots.map(|pem| pem.as_bytes().to_vec());
    let options = Options { more_roots, proxies: Proxies::None, ..options() };
    let base_url = format!("https://localhost:{}", address.port());
    Bench::with(&base_url, "local-key", options, None).deliver(GOOD)
}

#[test]
fn an_authority_that_was_named_is_trusted_with_tls_1_2_and_1_3() {
    for version in [&TLS12, &TLS13] {
        let service = service();
        let (pem, config) = certificate("localhost", version);
        let report = deliver(serve(config, &service), Some(&pem));
        assert_eq!(report.state, State::Processed, "{version:?}: {report:?}");
        assert_eq!(service.submissions()[0].body, GOOD.as_bytes());
    }
}

#[test]
fn a_server_that_cannot_be_trusted_gets_nothing_and_is_not_tried_again() {
    let (others_pem, _) = certificate("localhost", &TLS13);
    let (named_pem, named) = certificate("other.example", &TLS13);
    let (_, unknown) = certificate("localhost", &TLS13);
    let (_, unknown_again) = certificate("localhost", &TLS13);
    let cases = [
        ("unknown authority", unknown, None, "name its authority with `--ca-file`"),
        ("another authority", unknown_again, Some(others_pem), "invalid peer certificate"),
        ("another name", named, Some(named_pem), "not valid for name"),
    ];
    for (name, config, roots, says) in cases {
        let service = service();
        let report = deliver(serve(config, &service), roots.as_deref());
        assert_eq!((report.state, report.attempts), (State::NotSent, 1), "{name}: {report:?}");
        assert!(report.message.contains("cannot be trusted"), "{name}: {}", report.message);
        assert!(report.message.contains(says), "{name}: {}", report.message);
        assert_eq!(service.seen(), [], "{name}");
    }
}

#[test]
fn a_server_of_tls_1_1_gets_nothing() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let heard: JoinHandle<Vec<u8>> = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut hello = [0; 4096];
        let length = stream.read(&mut hello).unwrap();
        // A server hello of version 3.2, which is TLS 1.1, with AES-128-CBC.
        let mut answer = vec![0x16, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2];
        answer.extend([7; 32]);
        answer.extend([0, 0, 0x2f, 0]);
        stream.write_all(&answer).unwrap();
        let mut rest = hello[..length].to_vec();
        let _ = stream.read_to_end(&mut rest);
        rest
    });
    let report = deliver(address, None);
    assert_eq!((report.state, report.attempts), (State::NotSent, 1), "{report:?}");
    assert!(report.message.contains("cannot be trusted"), "{}", report.message);
    let heard = heard.join().unwrap();
    assert_eq!(heard[0], 0x16, "the client began with a handshake");
    assert!(!String::from_utf8_lossy(&heard).contains("local-key"));
}

#[test]
fn a_file_without_certificates_is_refused() {
    use metricsheet_upload::{ApiKey, Client, Environment};
    for bundle in ["", "KPI-1,1", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n"] {
        let options = Options { more_roots: Some(bundle.as_bytes().to_vec()), ..options() };
        let error = Client::new(Environment::Commercial.into(), ApiKey::new("key").unwrap(), options);
        assert!(error.unwrap_err().to_string().contains("PEM"), "{bundle:?}");
    }
}
