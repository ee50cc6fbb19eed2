//! The whole site as one service for requests: the front, and behind it the routes. Each event loop has one, and so has what
//! answers for other nodes.

use std::sync::Arc;

use actix_http::body::BoxBody;
use actix_http::{Request, Response};
use actix_service::{
    IntoServiceFactory, Service, ServiceFactory, ServiceFactoryExt, boxed, map_config,
};
use actix_web::dev::AppConfig;
use actix_web::{App as Actix, web as actix};

use crate::web;
use crate::web::front::FrontFactory;
use crate::web::relay::aside;
use crate::web::request::Shared;

/// What answers beside the routes.
pub(in crate::web) type Aside = boxed::BoxService<Request, Response<BoxBody>, Response<BoxBody>>;
/// What makes it.
pub(in crate::web) type MakeAside =
    boxed::BoxServiceFactory<(), Request, Response<BoxBody>, Response<BoxBody>, ()>;

/// The whole site.
#[expect(
    clippy::type_complexity,
    reason = "actix asks for all of it, and a boxed service would cost each request"
)]
pub fn whole(
    shared: Arc<Shared>,
) -> FrontFactory<
    impl ServiceFactory<
        Request,
        Config = (),
        Response = Response<BoxBody>,
        Error = Response<BoxBody>,
        InitError = (),
        Service = impl Service<
            Request,
            Response = Response<BoxBody>,
            Error = Response<BoxBody>,
            Future = impl Future<Output = Result<Response<BoxBody>, Response<BoxBody>>> + 'static,
        > + 'static,
        Future = impl Future + 'static,
    >,
> {
    let data = actix::Data::from(Arc::clone(&shared));
    let routes = Actix::new().app_data(data).configure(web::routes);
    let routes = map_config(
        routes
            .into_factory()
            .map(|response| Response::from(response).map_into_boxed_body())
            .map_err(|error: actix_web::Error| error.error_response().into()),
        |()| AppConfig::default(),
    );
    FrontFactory::new(routes, beside(&shared), shared)
}

/// What is said instead of a page: pages of the site's own look, but of no address.
fn beside(shared: &Arc<Shared>) -> MakeAside {
    let data = actix::Data::from(Arc::clone(shared));
    let pages = Actix::new()
        .app_data(data)
        .default_service(actix::to(aside::show));
    let pages = pages
        .into_factory()
        .map(|response| Response::from(response).map_into_boxed_body())
        .map_err(|error: actix_web::Error| error.error_response().into());
    boxed::factory(map_config(pages, |()| AppConfig::default()))
}
