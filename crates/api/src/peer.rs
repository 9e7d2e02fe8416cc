//! Who is at the other end of a connection, and by which address they know this server.
//!
//! What a proxy says of both is believed where the operator has named its network, and nowhere
//! else: anybody can write a header.

use std::net::IpAddr;

use axum::http::header::HOST;
use axum::http::request::Parts;
use axum::http::uri::Authority;
use docket_wire::waldur::origin::Origin;

use crate::state::App;

/// The address at the other end of the connection; put there by whoever accepted it.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

/// The address of the caller; empty when nobody knows.
pub(crate) fn address(parts: &Parts, app: &App) -> String {
    let Some(Peer(peer)) = parts.extensions.get() else { return String::new() };
    // Of several the last was added by the proxy that we believe.
    let told = forwarded(parts, app, "x-forwarded-for").and_then(|list| list.rsplit(',').next());
    let told = told.and_then(|address| address.trim().parse::<IpAddr>().ok());
    told.unwrap_or(*peer).to_string()
}

/// By which address the caller knows this server.
pub(crate) fn origin(parts: &Parts, app: &App) -> Origin {
    if let Some(address) = &app.settings.address {
        return Origin::fixed(address);
    }
    let own = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
    let own = own.or_else(|| parts.uri.authority().map(Authority::as_str));
    let host = forwarded(parts, app, "x-forwarded-host").or(own).unwrap_or_default();
    let scheme = forwarded(parts, app, "x-forwarded-proto").filter(|scheme| *scheme == "https");
    Origin::new(scheme.unwrap_or("http"), host)
}

/// What a proxy that is believed says.
fn forwarded<'p>(parts: &'p Parts, app: &App, name: &str) -> Option<&'p str> {
    let Peer(peer) = parts.extensions.get()?;
    let proxies = &app.settings.trusted_proxies;
    proxies.iter().any(|network| network.contains(*peer)).then_some(())?;
    parts.headers.get(name)?.to_str().ok().map(str::trim).filter(|value| !value.is_empty())
}
