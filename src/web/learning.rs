//! The part of the route table that is about learning: the course, what is said about its lessons, and the directory of
//! resources. One line a route, as in the table itself; no handlers.

use actix_web::web::{ServiceConfig, to};

use crate::web::{action, both, discuss, learn, lesson, progress, read, resource, tally};

/// The routes.
pub(in crate::web) fn routes(config: &mut ServiceConfig) {
    read(config, "/learn", to(learn::map));
    read(config, "/learn/done", to(learn::done));
    read(config, "/learn/offline.js", to(learn::offline));
    read(config, "/learn/data/{name}.json", to(learn::bundle));
    read(config, "/learn/runner{name}.html", to(learn::runner));
    both(
        config,
        "/learn/progress",
        to(progress::show),
        to(progress::merge),
    );
    action(config, "/learn/progress/tally", to(tally::add));
    both(
        config,
        "/learn/{lesson}/talk",
        to(discuss::talk),
        to(discuss::post),
    );
    both(
        config,
        "/learn/{lesson}/report",
        to(discuss::report_form),
        to(discuss::report),
    );
    // After every other page of the course.
    read(config, "/learn/{lesson}", to(lesson::show));

    read(config, "/resources", to(resource::show));
    both(
        config,
        "/resources/suggest",
        to(resource::suggest_form),
        to(resource::suggest),
    );
    action(config, "/resources/{id}/vote", to(resource::vote));
    action(config, "/resources/{id}/unvote", to(resource::unvote));

    read(config, "/mod/resources", to(resource::decide::queue));
    both(
        config,
        "/mod/resources/{id}",
        to(resource::decide::page),
        to(resource::decide::act),
    );
    both(
        config,
        "/mod/lessons",
        to(discuss::reports),
        to(discuss::settle),
    );
}
