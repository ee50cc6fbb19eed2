//! A server that refuses everything at once, as little as actix-web can do: what refusals cost on this machine whoever sends them.
//! Run as a child process.

use std::net::Ipv4Addr;

use actix_web::http::header::RETRY_AFTER;
use actix_web::{App, HttpResponse, HttpServer, web};

/// Serves on a port until it is ended.
pub fn serve(port: u16) {
    let refuse = || async {
        HttpResponse::ServiceUnavailable()
            .insert_header((RETRY_AFTER, "1"))
            .finish()
    };
    let app = move || App::new().default_service(web::to(refuse));
    let served = actix_web::rt::System::new().block_on(async {
        HttpServer::new(app)
            .bind((Ipv4Addr::LOCALHOST, port))?
            .run()
            .await
    });
    served.unwrap();
}
