//! How a route is given to actix: the kinds of routes that there are, each with what it says to a wrong method, and the order in
//! which they are tried. No addresses: those stand in the table (`mod.rs`, `learning.rs`).

use actix_web::web::{ServiceConfig, resource, scope, to};
use actix_web::{HttpResponse, Resource, Route, Scope, guard};

use crate::error::Error;
use crate::html::feed::Format;
use crate::web::request::Req;

/// Takes the routes. A pattern that is tried in vain costs half a microsecond, an address without a parameter next to nothing:
/// those come first, and patterns are tried only below the first part of their own path.
pub(super) struct Table<'a> {
    config: &'a mut ServiceConfig,
    below: Vec<(String, Vec<Resource>)>,
}

impl<'a> Table<'a> {
    /// Fills the routes that actix is asked for with those of a table.
    pub(super) fn fill(config: &'a mut ServiceConfig, with: impl FnOnce(&mut Self)) {
        let mut table = Self {
            config,
            below: Vec::new(),
        };
        with(&mut table);
        for (first, resources) in table.below {
            let below = resources.into_iter().fold(scope(&first), Scope::service);
            table.config.service(below);
        }
    }

    fn add(&mut self, path: &str, with: impl FnOnce(Resource) -> Resource) {
        if !path.contains('{') {
            self.config.service(with(resource(path)));
            return;
        }
        let end = path.match_indices('/').nth(1).map(|(end, _)| end);
        let end = end.filter(|end| !path[..*end].contains('{'));
        let end = end.expect("the first part of every path is one word");
        let (first, rest) = path.split_at(end);
        let resource = with(resource(rest));
        match self.below.iter_mut().find(|(known, _)| known == first) {
            Some((_, resources)) => resources.push(resource),
            None => self.below.push((first.to_owned(), vec![resource])),
        }
    }
}

/// A page: GET and HEAD.
pub(super) fn read(table: &mut Table<'_>, path: &str, page: Route) {
    table.add(path, |resource| {
        resource
            .route(reading(page))
            .default_service(to(|req| wrong_method(req, "GET, HEAD")))
    });
}

/// The feeds of the list at `path`: the same page for each ending.
pub(super) fn feeds(table: &mut Table<'_>, path: &str, page: fn() -> Route) {
    for format in Format::EACH {
        read(table, &format!("{path}{}", format.ending()), page());
    }
}

/// A page with a form that posts to the page's own address.
pub(super) fn both(table: &mut Table<'_>, path: &str, page: Route, action: Route) {
    table.add(path, |resource| {
        resource
            .route(reading(page))
            .route(action.guard(guard::Post()))
            .default_service(to(|req| wrong_method(req, "GET, HEAD, POST")))
    });
}

/// An action: POST.
pub(super) fn action(table: &mut Table<'_>, path: &str, action: Route) {
    table.add(path, |resource| {
        resource
            .route(action.guard(guard::Post()))
            .default_service(to(|req| wrong_method(req, "POST")))
    });
}

fn reading(route: Route) -> Route {
    route.guard(guard::Any(guard::Get()).or(guard::Head()))
}

async fn wrong_method(req: Req, allow: &'static str) -> HttpResponse {
    req.fail(Error::WrongMethod(allow)).await
}
