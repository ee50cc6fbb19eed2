//! The part of the route table that is about learning: the course, what is said about its lessons, and the directory of
//! resources. One line a route, as in the table itself; no handlers.

use actix_web::web::to;

use crate::web::table::{Table, action, both, read};
use crate::web::{discuss, learn, lesson, progress, resource, tally};

/// The routes.
pub(in crate::web) fn routes(table: &mut Table<'_>) {
    read(table, "/learn", to(learn::map));
    read(table, "/learn/done", to(learn::done));
    read(table, "/learn/offline.js", to(learn::offline));
    read(table, "/learn/data/{name}.json", to(learn::bundle));
    read(table, "/learn/runner{name}.html", to(learn::runner));
    both(
        table,
        "/learn/progress",
        to(progress::show),
        to(progress::merge),
    );
    action(table, "/learn/progress/tally", to(tally::add));
    both(
        table,
        "/learn/{lesson}/talk",
        to(discuss::talk),
        to(discuss::post),
    );
    both(
        table,
        "/learn/{lesson}/report",
        to(discuss::report_form),
        to(discuss::report),
    );
    // After every other page of the course.
    read(table, "/learn/{lesson}", to(lesson::show));

    read(table, "/resources", to(resource::show));
    both(
        table,
        "/resources/suggest",
        to(resource::suggest_form),
        to(resource::suggest),
    );
    action(table, "/resources/{id}/vote", to(resource::vote));
    action(table, "/resources/{id}/unvote", to(resource::unvote));

    read(table, "/mod/resources", to(resource::decide::queue));
    both(
        table,
        "/mod/resources/{id}",
        to(resource::decide::page),
        to(resource::decide::act),
    );
    both(
        table,
        "/mod/lessons",
        to(discuss::reports),
        to(discuss::settle),
    );
}
